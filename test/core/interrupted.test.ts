import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Definition } from "../../src/core/lifecycle/definition";
import { noteKeyOf } from "../../src/core/lifecycle/pending-create";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { Declared } from "../support/mini-engine";
import { expectSettled, stage } from "../support/stage";
import { World } from "../support/world";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

describe("a create whose request never reached Twilio", () => {
  it.each<[string, Definition, Props]>([
    ["a number", phoneNumber, { phoneNumber: "«forSale»" }],
    ["a number found by search", phoneNumber, { areaCode: "415" }],
    ["a conversation", conversation, { service: "«service»" }],
    ["a conversation with a unique name", conversation, { service: "«service»", uniqueName: "lobby" }],
    ["a chat participant", participant, { conversation: "«room»", identity: "ada" }],
    ["an SMS participant", participant, { conversation: "«room»", sms: { address: "+15558675310", proxyAddress: "«number0»" } }],
    ["a participant of a group text", participant, { conversation: "«room»", address: "+14155550100" }],
  ])("is sent again for %s after a look-up finds nothing", async (_what, definition, args) => {
    const { engine, program, made } = await stage(world, definition);
    await world.control("POST", "faults", { method: "POST", drop: "before", times: 1 });
    expect(await engine.up(program(args))).toEqual({ it: "create" });
    expect(await made()).toHaveLength(1);
    await expectSettled(world, engine, program(args));
  });

  it("is left to the next run for a service, because Twilio would accept a duplicate", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    await world.control("POST", "faults", { method: "POST", drop: "before", times: 1 });
    await expect(engine.up(program({ friendlyName: "Support" }))).rejects.toThrow("run `pulumi up` again");
    expect(await made()).toEqual([]);
    await engine.up(program({ friendlyName: "Support" }));
    expect(await made()).toHaveLength(1);
  });
});

describe("a note of an interrupted create", () => {
  const urn = (definition: Definition, name = "it") => `urn:pulumi:dev::laws::pulumi-nodejs:${definition.type}::${name}`;

  it("does not claim a service that somebody else creates a day later", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    const key = `service "Support" ${urn(conversationService)}`;
    world.notes.set(key, JSON.stringify({ key, at: new Date(Date.now() - 86_400_000).toISOString() }));
    const theirs = await world.rest("POST", "conversations", "/v1/Services", { FriendlyName: "Support" });
    await engine.up(program({ friendlyName: "Support" }));
    expect(engine.of("it").id).not.toBe(theirs.sid);
    expect(await made()).toHaveLength(2);
  });

  it("claims a number with the declared name that was bought while the create was in progress", async () => {
    const { engine, program, fixture } = await numberWithNote(0);
    await engine.up(program({ phoneNumber: fixture.numbers[0], friendlyName: "Front desk" }));
    expect(engine.of("it").outputs.phoneNumber).toBe(fixture.numbers[0]);
  });

  it.each([
    ["a day after the create began", 86_400_000],
    ["a minute before the create began", -60_000],
  ])("does not claim a number with the declared name that was bought %s", async (_when, boughtAfterMs) => {
    const { engine, program, fixture } = await numberWithNote(boughtAfterMs);
    await expect(engine.up(program({ phoneNumber: fixture.numbers[0], friendlyName: "Front desk" }))).rejects.toThrow(
      "already belongs to this account",
    );
    expect(engine.state).toEqual([]);
  });

  /** A number with the declared name, bought this long after the create that a note records. */
  async function numberWithNote(boughtAfterMs: number) {
    const staged = await stage(world, phoneNumber);
    const [number] = staged.fixture.numbers;
    const { incoming_phone_numbers } = await world.rest(
      "GET",
      "api",
      `${world.account()}/IncomingPhoneNumbers.json?PhoneNumber=${encodeURIComponent(number)}`,
    );
    const [{ sid }] = incoming_phone_numbers as [{ sid: string }];
    await world.rest("POST", ...world.pathOf(phoneNumber.type, sid), { FriendlyName: "Front desk" });
    const key = noteKeyOf(phoneNumber, { phoneNumber: number }, urn(phoneNumber)) as string;
    world.notes.set(key, JSON.stringify({ at: new Date(Date.now() - boughtAfterMs).toISOString() }));
    return staged;
  }

  it.each([
    ["claims a conversation that was created while the create was in progress", () => new Date().toISOString(), true],
    ["does not claim a conversation that existed before the create began", () => "2020-01-01T00:00:00Z", false],
  ])("%s", async (_what, dateCreated, isClaimed) => {
    const { engine, program, fixture } = await stage(world, conversation);
    const lobby = program({ service: "«service»", uniqueName: "lobby" });
    const path = `/v1/Services/${fixture.service}/Conversations`;
    const { sid } = await world.rest("POST", "conversations", path, { UniqueName: "lobby", DateCreated: dateCreated() });
    // The interrupted run wrote its note and ended before Twilio could say that the name is taken.
    const key = noteKeyOf(conversation, { service: fixture.service, uniqueName: "lobby" }, urn(conversation)) as string;
    world.notes.set(key, JSON.stringify({ at: new Date().toISOString() }));
    if (!isClaimed) return expect(engine.up(lobby)).rejects.toThrow("50353");
    await engine.up(lobby);
    expect(engine.of("it").id).toBe(`${fixture.service}/${sid}`);
  });

  it("does not let another resource claim a conversation with the same name", async () => {
    const { engine, program, made, live } = await stage(world, conversation);
    const lobby = program({ service: "«service»", uniqueName: "lobby", friendlyName: "Ours" });
    await engine.up(lobby);
    const { sid } = await live();
    const other = world.engine();
    await expect(other.up(lobby.map((declared) => ({ ...declared, name: "other" })))).rejects.toThrow(
      new RegExp(`50353[\\s\\S]*The name belongs to ${sid} \\("Ours"\\), active, of service IS`),
    );
    expect(await made()).toEqual([sid]);
  });
});

describe("a service that Twilio creates after the client timed out", () => {
  it("is waited for and created once", async () => {
    const { engine, program, made } = await stage(world, conversationService, { "twilio:callTimeout": "1" });
    await world.control("POST", "faults", { method: "POST", path: "*/Services", delayMs: 2500, times: 1 });
    expect(await engine.up(program({ friendlyName: "Support" }))).toEqual({ it: "create" });
    expect(world.log.join()).toContain("may still carry out an earlier create");
    expect(await made()).toEqual([engine.of("it").id]);
    await expectSettled(world, engine, program({ friendlyName: "Support" }));
  });

  it("is distinguished from an older service with the same name by its creation date, even if Twilio's clock differs", async () => {
    const { engine, program, made } = await stage(world, conversationService);
    await world.rest("POST", "conversations", "/v1/Services", { FriendlyName: "Support" });
    await world.control("POST", "clock", { advanceSeconds: 3600 });
    await world.control("POST", "faults", { method: "POST", path: "*/Services", drop: "after", times: 1 });
    await engine.up(program({ friendlyName: "Support" }));
    const [theirs, ours, ...more] = await made();
    expect([more, engine.of("it").id]).toEqual([[], ours]);
    expect(theirs).not.toBe(ours);
  });
});

describe("two services with the same name whose creates were both interrupted", () => {
  const namesakes: Declared[] = ["one", "two"].map((name) => ({
    name,
    definition: conversationService,
    args: { friendlyName: "Support" },
  }));

  it("are each recovered by their own resource", async () => {
    const { engine, made } = await stage(world, conversationService);
    await world.control("POST", "faults", { method: "POST", path: "*/Services", drop: "after" });
    await world.control("POST", "faults", { method: "GET", path: "*/Services", status: 403 });
    for (const name of ["one", "two"]) {
      const only = namesakes.filter((declared) => declared.name === name);
      await expect(engine.up(only)).rejects.toThrow();
    }
    await world.control("DELETE", "faults");
    await engine.up(namesakes);
    expect(await made()).toHaveLength(2);
    expect(new Set([engine.of("one").id, engine.of("two").id]).size).toBe(2);
    await expectSettled(world, engine, namesakes);
  });
});

describe("a conversation with `ownerMark: none-may-duplicate`", () => {
  const room = { service: "«service»", ownerMark: "none-may-duplicate" };

  it("has no unique name, and gets the default one when `ownerMark` is removed", async () => {
    const { engine, program, live } = await stage(world, conversation);
    await engine.up(program(room));
    expect((await live()).unique_name).toBeNull();
    await expectSettled(world, engine, program(room));
    await engine.up(program({ service: "«service»" }));
    expect((await live()).unique_name).toMatch(/^it~[0-9a-f]{7}$/);
    await engine.up(program(room));
    expect((await live()).unique_name).toBeNull();
  });

  it("is not created twice after a lost response: the error asks the user to look for it", async () => {
    const { engine, program, made } = await stage(world, conversation);
    await world.control("POST", "faults", { method: "POST", drop: "after", times: 1 });
    const refused = engine.up(program(room));
    await expect(refused).rejects.toThrow("Look for it at Twilio before you run `pulumi up` again, and take it over with `adopt`");
    await expect(refused).rejects.not.toThrow("it looks first");
    expect(await made()).toHaveLength(1);
  });
});
