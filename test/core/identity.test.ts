import { beforeEach, describe, expect, it } from "vitest";
import { type RunRegistry, runRegistry, withIdentity } from "../../src/core/lifecycle/identity";

const [one, other] = ["room", "lobby"].map((name) => `urn:pulumi:dev::shop::conversation::${name}`) as [string, string];
const inputsOf = (urn: string) => withIdentity({ __urn: urn });

let run: RunRegistry;
beforeEach(() => {
  run = runRegistry();
  run.recordCheck(one, { state: "active" });
});

describe("an object that the engine has compared", () => {
  it("is held by its resource, which retains it", () => {
    run.recordComparison("CH1", inputsOf(one), false);
    expect([run.has("CH1"), run.holderOf("CH1"), run.isRetained("CH1")]).toEqual([true, one, true]);
    expect([run.has("CH2"), run.holderOf("CH2"), run.isRetained("CH2")]).toEqual([false, undefined, false]);
  });

  it("is not retained once the resource is to be replaced", () => {
    run.recordComparison("CH1", inputsOf(one), false);
    run.recordComparison("CH1", inputsOf(one), true);
    expect([run.holderOf("CH1"), run.isRetained("CH1")]).toEqual([one, false]);
  });

  it("is not retained either once the engine checks the resource as a new one", () => {
    run.recordComparison("CH1", inputsOf(one), false);
    expect([run.isReplaced("CH1"), run.replacedBy(inputsOf(one))]).toEqual([false, undefined]);
    run.recordCheck(one, {});
    expect([run.isRetained("CH1"), run.isReplaced("CH1"), run.replacedBy(inputsOf(one))]).toEqual([false, true, { id: "CH1" }]);
  });

  it("has a holder without a name where the engine has not checked the resource", () => {
    run.recordComparison("CH1", inputsOf(other), false);
    expect([run.holderOf("CH1"), run.isRetained("CH1"), run.wasChecked(inputsOf(other))]).toEqual(["", true, false]);
  });

  it("is told apart from those of other resources", () => {
    run.recordCheck(other, { state: "active" });
    run.recordComparison("CH1", inputsOf(one), false);
    run.recordComparison("CH2", inputsOf(other), false);
    expect(["CH1", "CH2"].map((id) => run.holderOf(id))).toEqual([one, other]);
  });

  it("is still held by the resource that took it over when the former one has another object", () => {
    run.recordCheck(other, { state: "active" });
    run.recordComparison("CH1", inputsOf(one), false);
    run.recordComparison("CH1", inputsOf(other), false);
    expect(run.holderOf("CH1")).toBe(one);
    run.recordComparison("CH2", inputsOf(one), false);
    expect(["CH1", "CH2"].map((id) => run.holderOf(id))).toEqual([other, one]);
    run.recordComparison("CH2", inputsOf(other), false);
    expect(["CH1", "CH2"].map((id) => run.holderOf(id))).toEqual(["", one]);
  });
});

it("an object that was only read has a holder without a name, and is retained by nobody", () => {
  run.recordSeen("CH1");
  expect([run.has("CH1"), run.holderOf("CH1"), run.isRetained("CH1")]).toEqual([true, "", false]);
});

it("an object that this run created is retained", () => {
  run.recordCreated("CH1");
  expect([run.has("CH1"), run.holderOf("CH1"), run.isRetained("CH1")]).toEqual([true, "", true]);
});
