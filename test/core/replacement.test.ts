import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import { Crash, type Declared } from "../support/mini-engine";
import { expectSettled, stage } from "../support/stage";
import { World } from "../support/world";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

/** Resources with a natural key: Twilio refuses a second object with the same key. */
const singular: [string, Definition, Props][] = [
  ["a chat participant", participant, { conversation: "«room»", identity: "ada" }],
  ["an SMS participant", participant, { conversation: "«room»", sms: { address: "+15558675310", proxyAddress: "«number0»" } }],
  ["a conversation with a unique name", conversation, { service: "«service»", uniqueName: "lobby" }],
];

describe("a resource that is renamed without an alias", () => {
  const renamed = (program: Declared[]): Declared[] => program.map((declared) => ({ ...declared, name: "renamed" }));

  it.each(singular)("neither recreates nor deletes %s", async (_what, definition, args) => {
    const { engine, program, made } = await stage(world, definition);
    await engine.up(program(args));
    const [object, ...more] = await made();
    expect(more).toEqual([]);
    // The conversation's note has been removed by then, so nothing proves that the conversation is ours.
    if (definition === conversation) {
      await expect(engine.up(renamed(program(args)))).rejects.toThrow("The name belongs to");
    } else {
      await engine.up(renamed(program(args)));
      expect(engine.state.map(({ name, id }) => [name, id.split("/").at(-1)])).toEqual([["renamed", object]]);
      expect(world.log.join()).toContain("now belongs to another resource of this stack and is not deleted");
      await expectSettled(world, engine, renamed(program(args)));
    }
    expect(await made()).toEqual([object]);
  });

  it.each(singular.slice(0, 2))("keeps %s even if the run dies after the new resource took it over", async (_what, definition, args) => {
    const { engine, program, made } = await stage(world, definition);
    await engine.up(program(args));
    const before = await made();
    await expect(engine.up(renamed(program(args)), { crashAfterCreating: "renamed" })).rejects.toThrow(Crash);
    await engine.up(renamed(program(args)));
    expect(await made()).toEqual(before);
    await expectSettled(world, engine, renamed(program(args)));
  });
});

describe("a resource that the engine is told to replace", () => {
  it.each([...singular, ["a conversation", conversation, { service: "«service»" }] as const])(
    "does not adopt %s as its own replacement, and says what to do",
    async (_what, definition, args) => {
      const { engine, program, made } = await stage(world, definition);
      await engine.up(program(args));
      const before = await made();
      await expect(engine.up(program(args), { replace: "it" })).rejects.toThrow(/deleteBeforeReplace: true|The name belongs to/);
      expect(await made()).toEqual(before);
      await expectSettled(world, engine, program(args));
    },
  );

  it.each<[string, Definition, Props, Props]>([
    ["a chat participant", participant, { conversation: "«room»", identity: "ada" }, { conversation: "«room»", identity: "bob" }],
    [
      "a participant that moves to another conversation",
      participant,
      { conversation: "«room»", address: "+14155550100" },
      { conversation: "«otherRoom»", address: "+14155550100" },
    ],
    ["a conversation", conversation, { service: "«service»" }, { service: "«otherService»" }],
  ])("recovers the replacement of %s that a killed run created", async (_what, definition, before, after) => {
    const { engine, program, made } = await stage(world, definition);
    await engine.up(program(before));
    await expect(engine.up(program(after), { crashAfterCreating: "it" })).rejects.toThrow(Crash);
    await engine.up(program(after));
    await expectSettled(world, engine, program(after));
    const objects = (await made()).filter((sid) => engine.state.some(({ id }) => id.endsWith(sid)));
    // `made` does not list the conversations of the other service.
    if (definition === participant) expect(await made()).toEqual(objects);
    else expect(await made()).toEqual([]);
  });

  it("is replaced by a new service, even right after its creation", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    await engine.up(program({ friendlyName: "Support" }));
    const [before] = await made();
    await engine.up(program({ friendlyName: "Support" }), { replace: "it" });
    const after = await made();
    expect(after).toEqual([engine.of("it").id]);
    expect(after).not.toContain(before);
  });
});

describe("two participants that swap their identities", () => {
  it("are correct after at most two runs, without a duplicate", async () => {
    const { engine, fixture, made } = await stage(world, participant);
    const people = (one: string, two: string): Declared[] =>
      [one, two].map((identity, index) => ({ name: `p${index}`, definition: participant, args: { conversation: fixture.room, identity } }));
    await engine.up(people("ada", "bob"));
    await engine.up(people("bob", "ada")).catch(() => engine.up(people("bob", "ada")));
    await expectSettled(world, engine, people("bob", "ada"));
    expect(await made()).toHaveLength(2);
    expect([engine.of("p0").outputs.identity, engine.of("p1").outputs.identity]).toEqual(["bob", "ada"]);
  });
});

describe("a number that the engine is told to replace", () => {
  it.each([{ areaCode: "415" }, { search: { country: "US", areaCode: "415" } }])(
    "is replaced by another number, and only the old one is released (%j)",
    async (way) => {
      const { engine, program, made } = await stage(world, phoneNumber);
      const number = program({ ...way, onDelete: "release" });
      await engine.up(number);
      const [old] = await made();
      expect(await engine.up(number, { replace: "it" })).toEqual({ it: "replace" });
      expect(engine.of("it").id).not.toBe(old);
      expect(await made()).toEqual([engine.of("it").id]);
      await expectSettled(world, engine, number);
    },
  );
});

describe("an explicitly declared number that the engine is told to replace", () => {
  it("is refused, because the old and the new number are the same and it would be released", async () => {
    const { engine, program, made } = await stage(world, phoneNumber);
    const number = program({ phoneNumber: world.forSale[7], onDelete: "release" });
    await engine.up(number);
    const before = await made();
    await expect(engine.up(number, { replace: "it" })).rejects.toThrow(/already belongs to this account/);
    expect(await made()).toEqual(before);
    await expectSettled(world, engine, number);
  });
});
