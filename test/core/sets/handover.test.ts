import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Props } from "../../../src/core/lifecycle/props";
import { Crash, type Declared } from "../../support/mini-engine";
import { expectSettled } from "../../support/one-resource";
import { heldSids, named, setsOn } from "../../support/sets";
import { TestTwilio } from "../../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

type Stack = Awaited<ReturnType<typeof setsOn>>;

/** Expects the same objects with their messages as before, each in one state, and nothing left to do. */
async function expectHandedOver(stack: Stack, program: Declared[], before: readonly string[]): Promise<void> {
  expect((await stack.live()).map(({ sid }) => String(sid)).sort()).toEqual([...before].sort());
  expect(heldSids(stack.engine)).toEqual([...before].sort());
  await expectSettled(twilio, stack.engine, program);
}

/** The outputs of a set without one item. */
function without(outputs: Props, key: string): Props {
  const [items, sids] = [{ ...(outputs.items as Props) }, { ...(outputs.sids as Props) }];
  delete items[key];
  delete sids[key];
  return { ...outputs, items, sids };
}

describe("a key that moves", () => {
  it.each<[string, (stack: Stack) => { before: Declared[]; after: Declared[] }]>([
    [
      "to a set that is declared later",
      ({ conversations }) => ({
        before: [conversations("a", named("x", "y")), conversations("b", named("z"))],
        after: [conversations("a", named("y")), conversations("b", named("z", "x"))],
      }),
    ],
    [
      "to a set that is declared first",
      ({ conversations }) => ({
        before: [conversations("a", named("x", "y")), conversations("b", named("z"))],
        after: [conversations("b", named("z", "x")), conversations("a", named("y"))],
      }),
    ],
    [
      "to a new set",
      ({ conversations }) => ({
        before: [conversations("a", named("x", "y"))],
        after: [conversations("b", named("x")), conversations("a", named("y"))],
      }),
    ],
    [
      "to a new set, from one that the program no longer declares",
      ({ conversations }) => ({ before: [conversations("a", named("x", "y"))], after: [conversations("b", named("x", "y"))] }),
    ],
    [
      "from a resource of that name into a set",
      ({ conversations, conversation }) => ({
        before: [conversation("x", { friendlyName: "The x" }), conversations("a", named("y"))],
        after: [conversations("a", named("y", "x"))],
      }),
    ],
    [
      "within one set, with its unique name",
      ({ conversations }) => ({
        before: [conversations("a", { x: { uniqueName: "lobby" }, y: {} })],
        after: [conversations("a", { hall: { uniqueName: "lobby" }, y: {} })],
      }),
    ],
    [
      "to another set under another key, with its unique name",
      ({ conversations }) => ({
        before: [conversations("a", { x: { uniqueName: "lobby" } }), conversations("b", named("z"))],
        after: [conversations("b", { ...named("z"), hall: { uniqueName: "lobby" } }), conversations("a", {})],
      }),
    ],
  ])("%s keeps its conversation and its messages", async (_how, make) => {
    const stack = await setsOn(twilio);
    const { before, after } = make(stack);
    await stack.engine.up(before);
    const objects = heldSids(stack.engine);
    for (const sid of objects) await stack.addMessage(sid);
    stack.said();
    await stack.engine.preview(after);
    const lines = stack.said();
    expect(lines).toContain("takes over");
    expect(lines).not.toMatch(/to create|is removed/);
    await stack.engine.up(after);
    // This engine does one thing at a time: a giver that comes first learns in the next update that the taker has the object.
    if (before.length === after.length) await stack.engine.up(after);
    await expectHandedOver(stack, after, objects);
  });

  it("is recreated where the parent differs: a conversation cannot move", async () => {
    const { engine, conversations, sidsOf, otherService, said } = await setsOn(twilio);
    await engine.up([conversations("a", named("x"))]);
    const { x } = sidsOf("a");
    await engine.up([conversations("b", named("x"), { service: otherService })]);
    expect(said()).not.toContain("takes over");
    expect(sidsOf("b").x).not.toBe(x);
  });

  it.each([true, false])("is not taken from a set that still declares it (readable state: %s)", async (isReadable) => {
    const stack = await setsOn(twilio, { isReadable });
    const { engine, conversations, conversation, sidsOf } = stack;
    const kept = [conversations("a", named("x", "y")), conversation("single", {})];
    await engine.up(kept);
    const before = heldSids(engine);
    const after = [conversations("b", named("x", "single")), ...kept];
    await engine.up(after);
    expect(heldSids(engine)).toEqual(expect.arrayContaining(before));
    expect(Object.values(sidsOf("b")).filter((sid) => before.includes(sid))).toEqual([]);
    await expectSettled(twilio, engine, after);
  });

  it("is not taken from a set of another account", async () => {
    const { engine, conversations, sidsOf } = await setsOn(twilio);
    await engine.up([conversations("a", named("x"))]);
    // As if another provider of the program had created it.
    engine.state = engine.state.map((one) => ({ ...one, outputs: { ...one.outputs, accountSid: `AC${"9".repeat(32)}` } }));
    const { x } = sidsOf("a");
    await engine.up([conversations("b", named("x"))]).catch(() => {});
    expect(sidsOf("b").x).not.toBe(x);
  });

  it("belongs to one item where two want it: to the one that declares its unique name", async () => {
    const { engine, conversations, sidsOf, live } = await setsOn(twilio);
    await engine.up([conversations("a", { x: { uniqueName: "lobby" } })]);
    const { x } = sidsOf("a");
    await engine.up([conversations("b", { x: {}, y: { uniqueName: "lobby" } })]);
    expect(sidsOf("b").y).toBe(x);
    expect(sidsOf("b").x).not.toBe(x);
    expect(await live()).toHaveLength(2);
  });

  it("is the taker's where the update fails, and the next update does the rest", async () => {
    const stack = await setsOn(twilio);
    const { engine, conversations, sidsOf } = stack;
    await engine.up([conversations("a", named("x", "y"))]);
    const objects = heldSids(engine);
    const after = [conversations("b", named("x")), conversations("a", named("y"))];
    await twilio.control("POST", "faults", { method: "POST", status: 403, times: 1 });
    await expect(engine.up(after)).rejects.toThrow('items["x"]');
    expect(Object.values(sidsOf("b"))).toEqual([objects.find((sid) => !Object.values(sidsOf("a")).slice(1).includes(sid))]);
    await engine.up(after);
    await expectHandedOver(stack, after, objects);
  });

  it("is recovered where the engine is killed between the two sets' states", async () => {
    const stack = await setsOn(twilio);
    const { engine, conversations } = stack;
    await engine.up([conversations("a", named("x", "y"))]);
    const objects = heldSids(engine);
    const after = [conversations("b", named("x")), conversations("a", named("y"))];
    await expect(engine.up(after, { crashAfterCreating: "b" })).rejects.toThrow(Crash);
    // The state of the giver was saved, that of the taker was not.
    engine.state = engine.state.map((one) => ({
      ...one,
      inputs: { ...one.inputs, items: named("y") },
      outputs: without(one.outputs, "x"),
    }));
    stack.said();
    await engine.up(after);
    expect(stack.said()).toContain("which an interrupted run created");
    await expectHandedOver(stack, after, objects);
  });

  it("keeps its object where a participant changes its key", async () => {
    const { engine, participants, sidsOf, people } = await setsOn(twilio);
    await engine.up([participants("team", { ada: { identity: "ada" }, bob: { identity: "bob" } })]);
    const { ada } = sidsOf("team");
    const after = [participants("team", { lovelace: { identity: "ada" }, bob: { identity: "bob" } })];
    await engine.up(after);
    expect(sidsOf("team").lovelace).toBe(ada);
    expect(await people()).toHaveLength(2);
    await expectSettled(twilio, engine, after);
  });
});
