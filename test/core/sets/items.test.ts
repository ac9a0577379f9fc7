import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Props } from "../../../src/core/lifecycle/props";
import { Crash, type Declared, unknown } from "../../support/mini-engine";
import { expectSettled } from "../../support/one-resource";
import { heldSids, named, setsOn } from "../../support/sets";
import { TestTwilio } from "../../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const many = (count: number, prefix = "store") => named(...Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`));
const fault = (rule: Props) => twilio.control("POST", "faults", rule);
const noFaults = () => twilio.control("DELETE", "faults");

describe("a check of items", () => {
  it("reports the problems of all items at once, each with its item", async () => {
    const { engine, conversations } = await setsOn(twilio);
    const items = { a: { friendlyNam: "x" }, b: { state: "open" }, c: { friendlyName: 5 }, d: 7 };
    const error = await engine.preview([conversations("s", items)]).catch(({ message }) => message);
    expect(error).toContain('items["d"] must be an object; received 7');
    const { d: _d, ...objects } = items;
    const message = await engine.preview([conversations("s", objects)]).catch((thrown) => String(thrown.message));
    for (const text of ['items["a"].friendlyNam', "did you mean `friendlyName`?", 'items["b"].state', 'items["c"].friendlyName'])
      expect(message).toContain(text);
  });

  it.each(["", "a.b", "a b", "-a", "__id", 'a"]', "x".repeat(101)])("refuses the key %j", async (key) => {
    const { engine, conversations } = await setsOn(twilio);
    await expect(engine.preview([conversations("s", Object.fromEntries([[key, {}]]))])).rejects.toThrow("must have a key of letters");
  });

  it.each([[null], [[]], ["x"], [3]])("refuses %j as items", async (items) => {
    const { engine, conversations } = await setsOn(twilio);
    await expect(engine.preview([conversations("s", items)])).rejects.toThrow(/items (must be an object|is missing)/);
  });

  it("treats names of JavaScript's objects as any key", async () => {
    const { engine, conversations, sidsOf, live } = await setsOn(twilio);
    const keys = ["constructor", "toString", "hasOwnProperty", "x".repeat(100)];
    const program = [conversations("s", named(...keys))];
    await engine.up(program);
    expect(Object.keys(sidsOf("s")).sort()).toEqual([...keys].sort());
    await expectSettled(twilio, engine, program);
    await engine.up([conversations("s", named("toString"))]);
    expect(await live()).toHaveLength(1);
    await engine.destroy();
    expect(await live()).toEqual([]);
  });

  it.each<[string, unknown]>([
    ["all items", unknown],
    ["an item", { a: unknown, b: {} }],
    ["a value", { a: { friendlyName: unknown }, b: {} }],
  ])("passes what is not known yet: %s", async (_what, items) => {
    const { engine, conversations, said } = await setsOn(twilio);
    expect(await engine.preview([conversations("s", items)])).toEqual({ s: "create" });
    await engine.up([conversations("s", named("a", "b"))]);
    said();
    expect(await engine.preview([conversations("s", items)])).toEqual({ s: "update" });
    expect(said()).not.toContain("is replaced");
  });

  it("refuses an unknown property of the set, and says where one of an item belongs", async () => {
    const { engine, conversations } = await setsOn(twilio);
    await expect(engine.preview([conversations("s", {}, { friendlyName: "x" })])).rejects.toThrow("declare it in each item");
    await expect(engine.preview([conversations("s", {}, { servce: "x" })])).rejects.toThrow("did you mean `service`?");
  });

  it("names two items of one identity in the preview", async () => {
    const { engine, participants, conversations } = await setsOn(twilio);
    const people = participants("team", { a: { identity: "ada" }, b: { identity: "ada" } });
    await expect(engine.preview([people])).rejects.toThrow(/items\["b"\].*items\["a"\]/s);
    const rooms = conversations("s", { a: { uniqueName: "lobby" }, b: { uniqueName: "lobby" } });
    await expect(engine.preview([rooms])).rejects.toThrow(/items\["b"\].*items\["a"\]/s);
  });
});

describe("items of another set's ids", () => {
  const people = (items: Props): Declared => ({
    ...({ name: "team" } as Declared),
    definition: (participantsOf as Declared).definition,
    args: (of) => ({
      items: Object.fromEntries(Object.entries(items).map(([key, room]) => [key, { identity: key, conversation: idOf(of, room) }])),
    }),
  });
  let participantsOf: Declared | undefined;
  const idOf = (of: (name: string) => Props, room: unknown) => {
    const { sids, service } = of("rooms") as { sids?: Record<string, string>; service?: string };
    return typeof sids === "object" ? `${service}/${sids[room as string]}` : unknown;
  };

  it("are created, and not replaced where that set changes", async () => {
    const { engine, conversations, participants, said } = await setsOn(twilio);
    participantsOf = participants("team", {});
    const first = [conversations("rooms", named("x", "y")), people({ ada: "x", bob: "y" })];
    expect(await engine.preview(first)).toEqual({ rooms: "create", team: "create" });
    await engine.up(first);
    await expectSettled(twilio, engine, first);
    said();
    const next = [conversations("rooms", { ...named("x", "z"), y: { friendlyName: "Y" } }), people({ ada: "x", bob: "y", cy: "z" })];
    expect((await engine.preview(next)).rooms).toBe("update");
    expect(said()).not.toMatch(/is replaced|is removed/);
    await engine.up(next);
    await expectSettled(twilio, engine, next);
  });
});

describe("a failure", () => {
  it("of one create leaves the others in the state; the next update does the rest", async () => {
    const stack = await setsOn(twilio);
    const { engine, conversations, sidsOf, live } = stack;
    const program = [conversations("s", many(5))];
    await fault({ method: "POST", status: 403, nth: 3, times: 1 });
    const message = await engine.up(program).catch((error) => String(error.message));
    expect(message).toMatch(
      /1 of 5 items of ConversationSet failed\. 4 are in the state\.\n {2}items\["store-\d"\]: Cannot create Conversation/,
    );
    expect(Object.keys(sidsOf("s"))).toHaveLength(4);
    await engine.up(program);
    expect(await live()).toHaveLength(5);
    expect(heldSids(engine)).toHaveLength(5);
    await expectSettled(twilio, engine, program);
  });

  it("of one update leaves the others as declared, and what failed as it was", async () => {
    const { engine, conversations, live } = await setsOn(twilio);
    await engine.up([conversations("s", named("a", "b", "c"))]);
    const program = [conversations("s", { a: { friendlyName: "A" }, b: { friendlyName: "B" }, c: { friendlyName: "C" } })];
    await fault({ method: "POST", status: 403, nth: 2, times: 1 });
    await expect(engine.up(program)).rejects.toThrow("1 of 3 items");
    expect((await live()).filter(({ friendly_name }) => String(friendly_name).startsWith("The"))).toHaveLength(1);
    twilio.requests();
    await engine.up(program);
    expect(twilio.writes()).toHaveLength(1);
    await expectSettled(twilio, engine, program);
  });

  it("of one removal keeps that item in the state until the next update", async () => {
    const { engine, conversations, sidsOf, live } = await setsOn(twilio);
    await engine.up([conversations("s", named("a", "b", "c"))]);
    const program = [conversations("s", named("a"))];
    await fault({ method: "DELETE", status: 403, nth: 1, times: 1 });
    await expect(engine.up(program)).rejects.toThrow(/1 of 2 items/);
    expect(Object.keys(sidsOf("s"))).toHaveLength(2);
    await engine.up(program);
    expect(await live()).toHaveLength(1);
    await expectSettled(twilio, engine, program);
  });

  it("of all stops early, says how many were not tried, and leaves no resource", async () => {
    const { engine, conversations, live } = await setsOn(twilio);
    const program = [conversations("s", many(300))];
    await fault({ method: "POST", status: 403, times: 1000 });
    const message: string = await engine.up(program).then(
      () => "",
      (error) => String(error.message),
    );
    await noFaults();
    expect(message).toMatch(/\d+ were not tried, because so many failed in a row/);
    expect(message.split("\n").filter((line) => /^ {2}items\[/.test(line))).toHaveLength(20);
    expect(engine.state).toEqual([]);
    expect(await live()).toEqual([]);
  });

  it("of the delete of what was replaced keeps it in the state, and the next update deletes it", async () => {
    const { engine, conversations, sidsOf, live, otherService, service } = await setsOn(twilio);
    await engine.up([conversations("s", named("a", "b"))]);
    const program = [conversations("s", { ...named("b"), a: { friendlyName: "The a", service: otherService } })];
    await fault({ method: "DELETE", status: 403, times: 1 });
    await expect(engine.up(program)).rejects.toThrow('items["a"]');
    expect(Object.keys(sidsOf("s"))).toHaveLength(3);
    await engine.up(program);
    expect(Object.keys(sidsOf("s")).sort()).toEqual(["a", "b"]);
    expect(await live()).toHaveLength(1);
    expect(service).not.toBe(otherService);
    await expectSettled(twilio, engine, program);
  });

  it("of a destroy deletes the others, and is completed by the next one; or an update restores them", async () => {
    const { engine, conversations, live } = await setsOn(twilio);
    const program = [conversations("s", many(4))];
    await engine.up(program);
    await fault({ method: "DELETE", status: 403, times: 1 });
    await expect(engine.destroy()).rejects.toThrow("could not be deleted");
    expect(await live()).toHaveLength(1);
    await engine.up(program);
    expect(await live()).toHaveLength(4);
    expect(heldSids(engine)).toHaveLength(4);
    await expectSettled(twilio, engine, program);
    await engine.destroy();
    expect(await live()).toEqual([]);
  });
});

describe("an interrupted run", () => {
  it.each(["before", "after"])("whose create loses its connection %s Twilio carries it out creates each item once", async (drop) => {
    const { engine, conversations, live } = await setsOn(twilio);
    const program = [conversations("s", many(6))];
    await fault({ method: "POST", drop, nth: 2, times: 1 });
    await engine.up(program);
    expect(await live()).toHaveLength(6);
    expect(heldSids(engine)).toHaveLength(6);
    await expectSettled(twilio, engine, program);
  });

  it("that is killed before the set is in the state is followed by one that creates nothing again", async () => {
    const { engine, conversations, live, said } = await setsOn(twilio);
    const program = [conversations("s", many(30))];
    await expect(engine.up(program, { crashAfterCreating: "s" })).rejects.toThrow(Crash);
    const before = (await live()).map(({ sid }) => sid).sort();
    expect(before).toHaveLength(30);
    said();
    await engine.up(program);
    expect(heldSids(engine)).toEqual(before);
    expect(said()).not.toContain("carries the mark");
    await engine.destroy();
    expect(await live()).toEqual([]);
  });

  it("that is killed during an update is followed by one that leaves each item once", async () => {
    const stack = await setsOn(twilio);
    const { engine, conversations, participants, live, people } = stack;
    const first = [conversations("s", named("a", "b", "c")), participants("team", { ada: { identity: "ada" }, bob: { identity: "bob" } })];
    await engine.up(first);
    const before = engine.state;
    const next = [
      conversations("s", { a: { friendlyName: "A" }, b: {}, d: {} }),
      participants("team", { ada: { identity: "ada2" }, bob: { identity: "bob", attributes: { a: 1 } }, cy: { identity: "cy" } }),
    ];
    const process = { notes: new Map<string, string>() };
    await engine.up(next);
    for (const [key, text] of twilio.notes) process.notes.set(key, text);
    engine.state = before;
    await engine.up(next);
    expect((await live()).length).toBe(3);
    expect((await people()).map(({ identity }) => identity).sort()).toEqual(["ada2", "bob", "cy"]);
    expect(heldSids(engine)).toHaveLength(6);
    await expectSettled(twilio, engine, next);
  });

  it("leaves what another stack or person made of that name alone", async () => {
    const { engine, conversations, service, sidsOf } = await setsOn(twilio);
    await twilio.rest("POST", "conversations", `/v1/Services/${service}/Conversations`, { UniqueName: "lobby" });
    await expect(engine.up([conversations("s", { a: { uniqueName: "lobby" }, b: {} })])).rejects.toThrow(/items\["a"\].*50353/s);
    expect(Object.keys(sidsOf("s"))).toEqual(["b"]);
  });
});
