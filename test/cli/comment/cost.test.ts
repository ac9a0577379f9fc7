import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compose } from "../../../src/cli/commands/ci/comment/compose";
import { costOf, unpricedTypes } from "../../../src/cli/commands/ci/comment/cost";
import { type Action, readPlan } from "../../../src/cli/commands/ci/comment/plan";
import { readPolicies } from "../../../src/cli/commands/ci/comment/policy";

const recorded = (name: string) => readPlan(readFileSync(join(import.meta.dirname, "../../fixtures/previews", name), "utf8"), name);
const NUMBER = "pulumi-nodejs:twilio/numbers:PhoneNumber";
const CONVERSATION = "pulumi-nodejs:twilio/conversations:Conversation";
const urnOf = (type: string) => `urn:pulumi:dev::project::${type}::it`;
/** A preview with one step. */
const planWith = (type: string, op: Action, oldState?: object, newState?: object) =>
  readPlan(JSON.stringify({ steps: [{ op, urn: urnOf(type), oldState, newState }] }), "one step");

describe("the monthly cost of a replaced number", () => {
  const state = (onDelete: string) => ({ inputs: { search: { country: "US" } }, outputs: { phoneNumber: "+13125550100", onDelete } });
  it.each([
    ["retain", 2, 1],
    ["release", 1, 0],
  ])("with onDelete %j counts %i numbers afterwards", (onDelete, after, kept) => {
    const prices = new Map([["US local", { amount: 1.15, currency: "USD" }]]);
    const cost = costOf(planWith(NUMBER, "replace", state(onDelete), state(onDelete)), prices);
    expect(cost).toMatchObject({ before: { numbers: 1 }, after: { numbers: after, amounts: { USD: after * 1.15 } }, kept });
  });
});

describe("the prices to read from Twilio", () => {
  it("are those that the preview does not have", () => {
    expect(unpricedTypes(recorded("same.json"))).toEqual(["US local"]);
    expect(unpricedTypes(recorded("create.json"))).toEqual([]);
  });
});

describe("a deleted conversation", () => {
  it.each([true, false])("is marked as a loss unless the engine retains it (%j)", (retainOnDelete) => {
    const plan = planWith(CONVERSATION, "delete", { inputs: {}, outputs: {}, retainOnDelete });
    const comment = compose({ plan }, { limit: 65_536, folds: true, draws: true });
    expect(comment.includes("**Deleted:**")).toBe(!retainOnDelete);
    expect(comment.includes("👋 leave")).toBe(retainOnDelete);
    expect(comment.includes("🗑️ delete")).toBe(!retainOnDelete);
  });
});

describe("the events of policies", () => {
  const event = (type: string, enforcementLevel: string) =>
    JSON.stringify({ policyEvent: { resourceUrn: urnOf(type), message: "Too much.", policyName: "cost", enforcementLevel } });

  it("of a stack name no resource", () => {
    const violation = { policy: "cost", level: "mandatory", message: "Too much." };
    expect(readPolicies(event("pulumi:pulumi:Stack", "mandatory"), "events").violations).toEqual([violation]);
    expect(readPolicies(event(NUMBER, "mandatory"), "events").violations).toEqual([{ ...violation, resource: "PhoneNumber it" }]);
  });

  it("that are turned off are no violations", () => {
    expect(readPolicies(event(NUMBER, "none"), "events").violations).toEqual([]);
  });
});
