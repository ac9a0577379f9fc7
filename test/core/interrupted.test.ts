import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Definition } from "../../src/core/lifecycle/definition";
import { noteKeyOf } from "../../src/core/lifecycle/pending-create";
import type { Props } from "../../src/core/lifecycle/props";
import { ownersMark } from "../../src/numbers/number-search";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { Declared } from "../support/mini-engine";
import { expectSettled, oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

describe("a create whose request never reached Twilio", () => {
  it.each<[string, Definition, Props]>([
    ["a number", phoneNumber, { phoneNumber: "«forSale»" }],
    ["a number found by search", phoneNumber, { areaCode: "415" }],
    ["a conversation", conversation, { service: "«service»" }],
    ["a conversation with a unique name", conversation, { service: "«service»", uniqueName: "lobby" }],
    ["a chat participant", participant, { conversation: "«conversation»", identity: "ada" }],
    ["an SMS participant", participant, { conversation: "«conversation»", sms: { address: "+15558675310", proxyAddress: "«number0»" } }],
    ["a participant of a group text", participant, { conversation: "«conversation»", address: "+14155550100" }],
  ])("is sent again for %s after a look-up finds nothing", async (_what, definition, args) => {
    const { engine, program, created } = await oneResource(twilio, definition);
    await twilio.control("POST", "faults", { method: "POST", drop: "before", times: 1 });
    expect(await engine.up(program(args))).toEqual({ it: "create" });
    expect(await created()).toHaveLength(1);
    await expectSettled(twilio, engine, program(args));
  });

  it("is left to the next run for a service, because Twilio would accept a duplicate", async () => {
    const { engine, program, created } = await oneResource(twilio, conversationService);
    await twilio.control("POST", "faults", { method: "POST", drop: "before", times: 1 });
    await expect(engine.up(program({ friendlyName: "Support" }))).rejects.toThrow("run `pulumi up` again");
    expect(await created()).toEqual([]);
    // As if the failed create had begun 28 s earlier: Twilio may carry it out for two more seconds.
    for (const [key, text] of twilio.notes) {
      const note = JSON.parse(text);
      twilio.notes.set(key, JSON.stringify({ ...note, at: new Date(Date.parse(note.at) - 28_000).toISOString() }));
    }
    const startedAt = performance.now();
    await engine.up(program({ friendlyName: "Support" }));
    expect(performance.now() - startedAt).toBeGreaterThan(1000);
    expect(await created()).toHaveLength(1);
  });
});

describe("a note of an interrupted create", () => {
  const urn = (definition: Definition, name = "it") => `urn:pulumi:dev::laws::pulumi-nodejs:${definition.type}::${name}`;

  it("does not claim a service that somebody else creates a day later", async () => {
    const { engine, program, created } = await oneResource(twilio, conversationService);
    const key = noteKeyOf(conversationService, { friendlyName: "Support" }, urn(conversationService)) as string;
    twilio.notes.set(key, JSON.stringify({ key, at: new Date(Date.now() - 86_400_000).toISOString() }));
    const theirs = await twilio.rest("POST", "conversations", "/v1/Services", { FriendlyName: "Support" });
    await engine.up(program({ friendlyName: "Support" }));
    expect(engine.of("it").id).not.toBe(theirs.sid);
    expect(await created()).toHaveLength(2);
  });

  it("claims a number with the mark that was bought while the create was in progress", async () => {
    const { engine, program, fixture } = await numberWithNote(0);
    await engine.up(program({ phoneNumber: fixture.numbers[0], friendlyName: "Front desk" }));
    expect(engine.of("it").outputs.phoneNumber).toBe(fixture.numbers[0]);
  });

  it.each([
    ["a day after the create began", 86_400_000],
    ["a minute before the create began", -60_000],
  ])("does not own a number with the mark that was bought %s", async (_when, boughtAfterMs) => {
    const { engine, program, fixture, sid } = await numberWithNote(boughtAfterMs);
    await engine.up(program({ phoneNumber: fixture.numbers[0], onDelete: "release" }));
    expect(twilio.log.join()).toContain("carries the mark of this resource, but nothing shows that this stack created it");
    await engine.destroy();
    expect((await twilio.read(phoneNumber.type, sid)).sid).toBe(sid);
  });

  /** A number with the mark, bought this long after the create that a note records. */
  async function numberWithNote(boughtAfterMs: number) {
    const resource = await oneResource(twilio, phoneNumber);
    const [number] = resource.fixture.numbers;
    const { incoming_phone_numbers } = await twilio.rest(
      "GET",
      "api",
      `${twilio.accountPath()}/IncomingPhoneNumbers.json?PhoneNumber=${encodeURIComponent(number)}`,
    );
    const [{ sid }] = incoming_phone_numbers as [{ sid: string }];
    await twilio.rest("POST", ...twilio.pathOf(phoneNumber.type, sid), { FriendlyName: ownersMark({ urn: urn(phoneNumber) }) });
    const key = noteKeyOf(phoneNumber, { phoneNumber: number }, urn(phoneNumber)) as string;
    twilio.notes.set(key, JSON.stringify({ at: new Date(Date.now() - boughtAfterMs).toISOString() }));
    return { ...resource, sid };
  }

  it.each([
    ["claims a conversation that was created while the create was in progress", () => new Date().toISOString(), true],
    ["does not claim a conversation that existed before the create began", () => "2020-01-01T00:00:00Z", false],
  ])("%s", async (_what, dateCreated, isClaimed) => {
    const { engine, program, fixture } = await oneResource(twilio, conversation);
    const lobby = program({ service: "«service»", uniqueName: "lobby" });
    const path = `/v1/Services/${fixture.service}/Conversations`;
    const { sid } = await twilio.rest("POST", "conversations", path, { UniqueName: "lobby", DateCreated: dateCreated() });
    // The interrupted run wrote its note and ended before Twilio could say that the name is taken.
    const key = noteKeyOf(conversation, { service: fixture.service, uniqueName: "lobby" }, urn(conversation)) as string;
    twilio.notes.set(key, JSON.stringify({ at: new Date().toISOString() }));
    if (!isClaimed) return expect(engine.up(lobby)).rejects.toThrow("50353");
    await engine.up(lobby);
    expect(engine.of("it").id).toBe(`${fixture.service}/${sid}`);
  });

  it("does not let another resource claim a conversation with the same name", async () => {
    const { engine, program, created, live } = await oneResource(twilio, conversation);
    const lobby = program({ service: "«service»", uniqueName: "lobby", friendlyName: "Ours" });
    await engine.up(lobby);
    const { sid } = await live();
    const other = twilio.engine();
    await expect(other.up(lobby.map((declared) => ({ ...declared, name: "other" })))).rejects.toThrow(
      new RegExp(`50353[\\s\\S]*The name belongs to ${sid}, active, of service IS`),
    );
    expect(await created()).toEqual([sid]);
  });
});

describe("a create in a conversation that has other participants", () => {
  const sms = { address: "+15558675310", proxyAddress: "«number0»" };

  it("whose response is lost takes over no other participant", async () => {
    const { engine, program, fixture, created, live } = await oneResource(twilio, participant);
    const [, people] = [...twilio.pathOf(conversation.type, fixture.conversation)].map((part) => `${part}/Participants`);
    const others: Record<string, string>[] = [
      { Identity: "ada" },
      { "MessagingBinding.Address": "+15558675311", "MessagingBinding.ProxyAddress": fixture.numbers[0] },
      { "MessagingBinding.Address": "+15558675310", "MessagingBinding.ProxyAddress": fixture.numbers[1] },
    ];
    for (const form of others) await twilio.rest("POST", "conversations", people as string, form);
    const before = await created();
    await twilio.control("POST", "faults", { method: "POST", drop: "before", times: 1 });
    await engine.up(program({ conversation: "«conversation»", sms }));
    expect(before).not.toContain(engine.of("it").id.split("/").at(-1));
    expect(await created()).toHaveLength(4);
    expect((await live()).messaging_binding).toMatchObject({ address: sms.address, proxy_address: fixture.numbers[0] });
  });

  it("does not take over what another resource of the program has", async () => {
    const { engine, program, created } = await oneResource(twilio, participant);
    const one = program({ conversation: "«conversation»", identity: "ada" });
    await engine.up(one);
    const both = [...one, ...one.map((declared) => ({ ...declared, name: "other" }))];
    await expect(engine.up(both)).rejects.toThrow(
      'It belongs to Participant "it" of stack dev. If that resource was renamed, add the option aliases',
    );
    expect(engine.state.map(({ name }) => name)).toEqual(["it"]);
    expect(await created()).toHaveLength(1);
  });
});

describe("a service that Twilio creates after the client timed out", () => {
  it("is waited for and created once", async () => {
    const { engine, program, created } = await oneResource(twilio, conversationService, { "twilio:callTimeout": "1" });
    await twilio.control("POST", "faults", { method: "POST", path: "*/Services", delayMs: 2500, times: 1 });
    expect(await engine.up(program({ friendlyName: "Support" }))).toEqual({ it: "create" });
    expect(twilio.log.join()).toContain("may still carry out an earlier create");
    expect(await created()).toEqual([engine.of("it").id]);
    await expectSettled(twilio, engine, program({ friendlyName: "Support" }));
  });

  it("is distinguished from an older service with the same name by its creation date, even if Twilio's clock differs", async () => {
    const { engine, program, created } = await oneResource(twilio, conversationService);
    await twilio.rest("POST", "conversations", "/v1/Services", { FriendlyName: "Support" });
    await twilio.control("POST", "clock", { advanceSeconds: 3600 });
    await twilio.control("POST", "faults", { method: "POST", path: "*/Services", drop: "after", times: 1 });
    await engine.up(program({ friendlyName: "Support" }));
    const [theirs, ours, ...more] = await created();
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
    const { engine, created } = await oneResource(twilio, conversationService);
    await twilio.control("POST", "faults", { method: "POST", path: "*/Services", drop: "after" });
    await twilio.control("POST", "faults", { method: "GET", path: "*/Services", status: 403 });
    for (const name of ["one", "two"]) {
      const only = namesakes.filter((declared) => declared.name === name);
      await expect(engine.up(only)).rejects.toThrow();
    }
    await twilio.control("DELETE", "faults");
    await engine.up(namesakes);
    expect(await created()).toHaveLength(2);
    expect(new Set([engine.of("one").id, engine.of("two").id]).size).toBe(2);
    await expectSettled(twilio, engine, namesakes);
  });
});

describe("a conversation with `ownerMark: none-may-duplicate`", () => {
  const unmarked = { service: "«service»", ownerMark: "none-may-duplicate" };

  it("has no unique name, and gets the default one when `ownerMark` is removed", async () => {
    const { engine, program, live } = await oneResource(twilio, conversation);
    await engine.up(program(unmarked));
    expect((await live()).unique_name).toBeNull();
    await expectSettled(twilio, engine, program(unmarked));
    await engine.up(program({ service: "«service»" }));
    expect((await live()).unique_name).toMatch(/^it~[0-9a-f]{7}$/);
    await engine.up(program(unmarked));
    expect((await live()).unique_name).toBeNull();
  });

  it("is not created twice after a lost response: the error asks the user to look for it", async () => {
    const { engine, program, created } = await oneResource(twilio, conversation);
    await twilio.control("POST", "faults", { method: "POST", drop: "after", times: 1 });
    const refused = engine.up(program(unmarked));
    await expect(refused).rejects.toThrow("Look for it at Twilio before you run `pulumi up` again, and adopt it with `adopt`");
    await expect(refused).rejects.not.toThrow("it looks first");
    expect(await created()).toHaveLength(1);
  });
});
