import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Props } from "../../../src/core/lifecycle/props";
import { expectSettled } from "../../support/one-resource";
import { heldSids, named, setsOn } from "../../support/sets";
import { TestTwilio } from "../../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const many = (count: number) => named(...Array.from({ length: count }, (_, index) => `store-${index + 1}`));
const canary = "c4nary-7f3a91d2-sesame";

describe("an item that holds messages", () => {
  it("is neither removed nor replaced; the preview refuses that and changes nothing", async () => {
    const { engine, conversations, sidsOf, addMessage, live, otherService } = await setsOn(twilio);
    await engine.up([conversations("s", named("a", "b"))]);
    await addMessage(sidsOf("s").a as string);
    twilio.requests();
    await expect(engine.preview([conversations("s", named("b"))])).rejects.toThrow(/items\["a"\].*holds messages/s);
    const moved = { ...named("b"), a: { friendlyName: "The a", service: otherService } };
    await expect(engine.preview([conversations("s", moved)])).rejects.toThrow(/items\["a"\].*deletes its messages/s);
    await expect(engine.up([conversations("s", {})])).rejects.toThrow("holds messages");
    expect(twilio.writes()).toEqual([]);
    expect(await live()).toHaveLength(2);
    await engine.up([conversations("s", { b: {}, a: { forceDestroy: true } })]);
    await engine.up([conversations("s", { b: {} })]);
    expect(await live()).toHaveLength(1);
  });

  it("keeps the whole set from being destroyed, before anything is deleted; retain and forceDestroy decide per item", async () => {
    const { engine, conversations, sidsOf, addMessage, live } = await setsOn(twilio);
    await engine.up([conversations("s", named("a", "b", "c"))]);
    for (const key of ["a", "b"]) await addMessage(sidsOf("s")[key] as string);
    await expect(engine.destroy()).rejects.toThrow(/2 items must not be deleted.*items\["a"\].*items\["b"\]/s);
    expect(await live()).toHaveLength(3);
    await engine.up([conversations("s", { a: { forceDestroy: true }, b: { onDelete: "retain" }, c: {} })]);
    const { b } = sidsOf("s");
    await engine.destroy();
    expect((await live()).map(({ sid }) => sid)).toEqual([b]);
  });
});

describe("a secret of an item", () => {
  const secretItems = { a: { friendlyName: "A", attributes: { token: canary } }, b: { friendlyName: "B", attributes: { token: "plain" } } };
  it.each<[string, string[]]>([
    ["a property", ["items.a.attributes"]],
    ["the item", ["items.a"]],
    ["all items", ["items"]],
  ])("where %s is secret is in no line and no error, and in no other part of the outputs", async (_what, names) => {
    const { engine, conversations, said } = await setsOn(twilio);
    const more = { __secrets: names };
    await engine.up([conversations("s", secretItems, more)]);
    const { items, ...rest } = engine.of("s").outputs as { items: Props };
    expect(JSON.stringify(rest)).not.toContain(canary);
    expect(Object.keys(items)).toEqual(["a", "b"]);
    const next = { ...secretItems, a: { friendlyName: "A", attributes: { token: `${canary}-2` } } };
    await engine.preview([conversations("s", next, more)]);
    const lines = said();
    expect(lines).toContain('items["a"].attributes: [secret] => [secret]');
    expect(lines).not.toContain(canary);
    await twilio.control("POST", "faults", { method: "POST", status: 400, times: 1 });
    const message = await engine.up([conversations("s", next, more)]).catch((error) => String(error.message));
    expect(message).toContain('items["a"]');
    expect(message + said()).not.toContain(canary);
    const wrong = { ...secretItems, a: { friendlyName: "A", attributes: canary } };
    const problem = await engine.preview([conversations("s", wrong, more)]).catch((error) => String(error.message));
    expect(problem).toContain("attributes");
    expect(problem).not.toContain(canary);
  });
});

describe("adopted items", () => {
  it("are taken by SID and by unique name, brought to what is declared, and stay at destroy", async () => {
    const { engine, conversations, live, service } = await setsOn(twilio);
    const make = (form: Record<string, string>) => twilio.rest("POST", "conversations", `/v1/Services/${service}/Conversations`, form);
    const [one, two] = [await make({ FriendlyName: "One" }), await make({ UniqueName: "two" })];
    const program = [conversations("s", { one: { adopt: one.sid, friendlyName: "1" }, two: { adopt: "two" }, own: {} })];
    await engine.preview(program);
    await engine.up(program);
    expect(heldSids(engine)).toEqual(expect.arrayContaining([one.sid, two.sid]));
    expect((await live()).find(({ sid }) => sid === one.sid)?.friendly_name).toBe("1");
    await expectSettled(twilio, engine, program);
    await engine.destroy();
    expect((await live()).map(({ sid }) => sid).sort()).toEqual([one.sid, two.sid].sort());
  });

  it("that do not exist are refused in the preview", async () => {
    const { engine, conversations } = await setsOn(twilio, { settings: { "twilio:previewLookups": "true" } });
    await expect(engine.preview([conversations("s", { a: { adopt: "nobody" }, b: {} })])).rejects.toThrow(
      /items\["a"\].adopt must name a Conversation/,
    );
  });
});

describe("drift", () => {
  // The provider does not see what the engine says about the first object that it reads: it is loaded by that request.
  it("of one property is that property alone, also where the provider does not know of which resource the engine speaks", async () => {
    const { engine, conversations, sidsOf, change } = await setsOn(twilio);
    const program = [conversations("s", named("a", "b"))];
    await engine.up(program);
    const declared = engine.of("s").inputs;
    await change(sidsOf("s").a as string, { FriendlyName: "Changed" });
    expect(await engine.refresh()).toEqual({ s: "changed" });
    const items = { a: { friendlyName: "Changed" }, b: { friendlyName: "The b" } };
    expect(engine.of("s").inputs).toEqual({ ...declared, items });
  });

  it("of values and a deleted object is found, previewed item by item, and repaired", async () => {
    const { engine, conversations, sidsOf, change, remove, live, said } = await setsOn(twilio);
    const program = [conversations("s", named("a", "b", "c"))];
    await engine.up(program);
    const { a, b, c } = sidsOf("s") as Record<"a" | "b" | "c", string>;
    await change(a, { FriendlyName: "Changed" });
    await change(c, { State: "closed" });
    await remove(b);
    expect(await engine.refresh()).toEqual({ s: "changed" });
    said();
    expect(await engine.preview(program)).toEqual({ s: "update" });
    const lines = said();
    expect(lines).toContain('items["a"].friendlyName: "Changed" => "The a"');
    expect(lines).toContain('items["b"]');
    await engine.up(program);
    expect(sidsOf("s")).toMatchObject({ a, c });
    expect(await live()).toHaveLength(3);
    await expectSettled(twilio, engine, program);
    expect(await engine.refresh()).toEqual({});
  });

  it("of all items at once is refused, as that of single resources", async () => {
    const { engine, conversations, sidsOf, remove } = await setsOn(twilio);
    const program = [conversations("s", many(6))];
    await engine.up(program);
    for (const sid of Object.values(sidsOf("s"))) await remove(sid);
    await expect(engine.refresh()).rejects.toThrow();
    expect(Object.keys(sidsOf("s"))).toHaveLength(6);
  });

  it("of 500 items takes at most 10 calls, and so does their preview", async () => {
    const { engine, conversations, live } = await setsOn(twilio);
    const program = [conversations("s", many(500))];
    await engine.up(program);
    expect((await live()).length).toBe(100);
    twilio.requests();
    expect(await engine.refresh()).toEqual({});
    expect(twilio.requests().length).toBeLessThanOrEqual(10);
    await engine.preview(program);
    expect(twilio.requests()).toEqual([]);
  });

  it("shows the first 20 of many changes and a count, and every removal", async () => {
    const { engine, conversations, said } = await setsOn(twilio);
    await engine.up([conversations("s", many(60))]);
    said();
    const kept = Object.keys(many(30)).map((key) => [key, { friendlyName: "New" }]);
    await engine.preview([conversations("s", Object.fromEntries(kept))]);
    const lines = said().split("\n");
    expect(lines.filter((line) => line.includes('=> "New"'))).toHaveLength(20);
    expect(lines.join("\n")).toContain("and 10 more");
    expect(lines.filter((line) => line.includes("is removed"))).toHaveLength(30);
  });
});

describe("an exclusive set", () => {
  it("names and removes strangers, and leaves those of other resources", async () => {
    const stack = await setsOn(twilio);
    const { engine, participants, addPerson, people, said, hello } = stack;
    const { participant } = await import("../../../src/conversations/participant");
    const single = { name: "single", definition: participant, args: { conversation: hello, identity: "single" } };
    const other = participants("others", { eve: { identity: "eve" } });
    const team = (exclusive: boolean | undefined, items: Props = { ada: { identity: "ada" } }) =>
      participants("team", items, exclusive === undefined ? {} : { exclusive });
    await engine.up([single, other, team(undefined)]);
    await addPerson("stranger");
    await expectSettled(twilio, engine, [single, other, team(undefined)]);
    said();
    await engine.preview([single, other, team(true)]);
    const lines = said();
    expect(lines).toMatch(/exclusive: 1 .*\n {2}MB\w+ \(stranger\)/);
    await engine.up([single, other, team(true)]);
    expect((await people()).map(({ identity }) => identity).sort()).toEqual(["ada", "eve", "single"]);
    await expectSettled(twilio, engine, [single, other, team(true)]);
    await addPerson("again");
    await engine.up([single, other, team(true)]);
    expect((await people()).map(({ identity }) => identity).sort()).toEqual(["ada", "eve", "single"]);
    await engine.up([single, other, team(false)]);
    await addPerson("stays");
    await engine.up([single, other, team(false)]);
    expect(await people()).toHaveLength(4);
  });

  it.each([true, false])("that is declared first leaves what later resources declare (without items: %s)", async (isEmpty) => {
    const { engine, participants, addPerson, people, hello, said } = await setsOn(twilio);
    const { participant } = await import("../../../src/conversations/participant");
    const later = [
      participants("others", { eve: { identity: "eve" } }),
      { name: "single", definition: participant, args: { conversation: hello, identity: "single" } },
    ];
    await engine.up(later);
    const before = (await people()).map(({ sid }) => sid).sort();
    await addPerson("stranger");
    const program = [participants("team", isEmpty ? {} : { ada: { identity: "ada" } }, { exclusive: true }), ...later];
    await engine.preview(program);
    expect(said()).not.toMatch(/\((eve|single)\)\n/);
    await engine.up(program);
    const now = await people();
    expect(now.map(({ identity }) => identity).sort()).toEqual([...(isEmpty ? [] : ["ada"]), "eve", "single"]);
    expect(now.map(({ sid }) => sid)).toEqual(expect.arrayContaining(before));
    await expectSettled(twilio, engine, program);
  });

  it("adopts a participant that it declares, and does not remove it", async () => {
    const { engine, participants, addPerson, people } = await setsOn(twilio);
    const { sid } = await addPerson("ada");
    const program = [participants("team", { ada: { identity: "ada", adopt: sid } }, { exclusive: true })];
    await engine.up(program);
    expect((await people()).map((one) => one.sid)).toEqual([sid]);
    await expectSettled(twilio, engine, program);
  });
});

describe("a set whose stack or URN changes", () => {
  it("keeps its conversations; the marks follow", async () => {
    const { engine, conversations, live } = await setsOn(twilio);
    const program = [conversations("s", named("a", "b"))];
    await engine.up(program);
    const before = heldSids(engine);
    engine.stack = "prod";
    await engine.up(program);
    expect(heldSids(engine)).toEqual(before);
    expect(await live()).toHaveLength(2);
    await expectSettled(twilio, engine, program);
  });

  it("is not replaced as a whole while its conversations exist, as a single one is not", async () => {
    const { engine, conversations } = await setsOn(twilio);
    const program = [conversations("s", named("a", "b"))];
    await engine.up(program);
    const before = heldSids(engine);
    await expect(engine.up(program, { replace: "s" })).rejects.toThrow("deleteBeforeReplace: true");
    expect(heldSids(engine)).toEqual(before);
  });
});
