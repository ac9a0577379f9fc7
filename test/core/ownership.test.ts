import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { phoneNumber } from "../../src/numbers/phone-number";
import { Crash } from "../support/mini-engine";
import { expectSettled, oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

describe("an object that the resource did not create is not taken over", () => {
  it("a conversation with the same name, even if the resource once created one with that name", async () => {
    const { engine, program, fixture } = await oneResource(twilio, conversation);
    const lobby = program({ service: "«service»", uniqueName: "lobby" });
    await engine.up(lobby);
    await engine.destroy();
    const theirs = await twilio.rest("POST", "conversations", `/v1/Services/${fixture.service}/Conversations`, { UniqueName: "lobby" });
    await expect(engine.up(lobby)).rejects.toThrow(/50353[\s\S]*adopt/);
    expect(engine.state).toEqual([]);
    expect((await twilio.read(conversation.type, `${fixture.service}/${theirs.sid}`)).sid).toBe(theirs.sid);
  });

  it("a service with the same name", async () => {
    const { engine, program, created } = await oneResource(twilio, conversationService);
    await twilio.rest("POST", "conversations", "/v1/Services", { FriendlyName: "Support" });
    await engine.up(program({ friendlyName: "Support" }));
    expect(await created()).toHaveLength(2);
  });

  it("either of two services that may be the lost one: the error names both, and nothing is created", async () => {
    const { engine, program, created } = await oneResource(twilio, conversationService);
    await twilio.control("POST", "faults", { method: "POST", path: "/v1/Services", drop: "after", times: 1 });
    await twilio.rest("POST", "conversations", "/v1/Services", { FriendlyName: "Support" }).catch(() => {});
    await twilio.control("POST", "faults", { method: "POST", path: "/v1/Services", drop: "after", times: 1 });
    await expect(engine.up(program({ friendlyName: "Support" }))).rejects.toThrow(
      /2 objects of kind ConversationService have the same friendlyName \(IS.*IS.*adopt/,
    );
    expect(await created()).toHaveLength(2);
  });

  it("a number that the account already has", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    twilio.requests();
    await expect(engine.up(program({ phoneNumber: "«number0»" }))).rejects.toThrow(/already belongs to this account.*adopt/);
    expect(twilio.writes()).toEqual([]);
    expect(await created()).toEqual([]);
  });

  it("an address pair bound in another conversation, which the error names", async () => {
    const { engine, program, fixture } = await oneResource(twilio, participant);
    const sms = { address: "+15558675310", proxyAddress: "«number0»" };
    const [, otherRoom] = fixture.otherConversation.split("/");
    const [product, path] = twilio.pathOf("", fixture.otherConversation);
    await twilio.rest("POST", product, `${path}/Participants`, {
      "MessagingBinding.Address": sms.address,
      "MessagingBinding.ProxyAddress": fixture.numbers[0],
    });
    await expect(engine.up(program({ conversation: "«conversation»", sms }))).rejects.toThrow(
      new RegExp(`50416[\\s\\S]*What to do: the pair .* is bound in ${otherRoom}`),
    );
    expect(engine.state).toEqual([]);
  });
});

describe("names with a meaning in a URL path", () => {
  it.each([".", ".."])("no other object is mistaken for the participant with identity %j", async (identity) => {
    const { engine, program, created } = await oneResource(twilio, participant);
    const who = program({ conversation: "«conversation»", identity });
    await expect(engine.up(who, { crashAfterCreating: "it" })).rejects.toThrow(Crash);
    await engine.up(who);
    expect(await created()).toEqual([engine.of("it").id.split("/").at(-1)]);
  });

  it.each([".", "..", "nobody"])("no other object is adopted by the name %j", async (adopt) => {
    const { engine, program } = await oneResource(twilio, participant);
    await expect(engine.up(program({ conversation: "«conversation»", identity: "ada", adopt }))).rejects.toThrow("there is none");
    expect(engine.state).toEqual([]);
  });
});

describe("adopt", () => {
  const adopted = async () => {
    const set = await oneResource(twilio, conversation);
    const path = `/v1/Services/${set.fixture.service}/Conversations`;
    const form = { UniqueName: "lobby", FriendlyName: "theirs", Attributes: '{"theirs":1}' };
    const { sid } = await twilio.rest("POST", "conversations", path, form);
    twilio.requests();
    return { ...set, sid: String(sid), args: { service: "«service»", friendlyName: "ours", attributes: { ours: 2 } } };
  };

  it.each(["its SID", "its unique name"])(
    "takes over an object by %s, applies the declared values, and keeps the object on destroy",
    async (by) => {
      const { engine, program, sid, args, live, created } = await adopted();
      const lobby = program({ ...args, adopt: by === "its SID" ? sid : "lobby" });
      expect(await engine.up(lobby)).toEqual({ it: "create" });
      expect(engine.of("it").id).toContain(sid);
      expect(twilio.writes()).toHaveLength(1);
      const body = await live();
      expect(body).toMatchObject({ friendly_name: "ours", unique_name: "lobby" });
      expect(JSON.parse(String(body.attributes))).toEqual({ theirs: 1, ours: 2 });
      await expectSettled(twilio, engine, lobby);
      expect(await engine.refresh()).toEqual({});
      await engine.destroy();
      expect(await created()).toContain(sid);
    },
  );

  it("sends nothing if nothing differs, and deletes the object on destroy with `onDelete: delete`", async () => {
    const { engine, program, sid, created } = await adopted();
    const lobby = program({ service: "«service»", friendlyName: "theirs", adopt: sid, onDelete: "delete" });
    await engine.up(lobby);
    expect(twilio.writes()).toEqual([]);
    await engine.destroy();
    expect(await created()).not.toContain(sid);
  });

  it("is remembered after it is removed from the program: nothing is renamed, and destroy keeps the object", async () => {
    const { engine, program, sid, args, live, created } = await adopted();
    await engine.up(program({ ...args, adopt: sid }));
    await expectSettled(twilio, engine, program(args));
    expect((await live()).unique_name).toBe("lobby");
    await engine.refresh();
    await expectSettled(twilio, engine, program(args));
    await engine.destroy();
    expect(await created()).toContain(sid);
  });

  it("refuses an object whose fixed properties differ, before anything is written", async () => {
    const { engine, program, fixture } = await oneResource(twilio, conversationService);
    twilio.requests();
    const service = program({ friendlyName: "Support", adopt: fixture.service });
    await expect(engine.up(service)).rejects.toThrow(/its friendlyName is "fixture", and Twilio cannot change that/);
    expect(engine.state).toEqual([]);
    expect(twilio.writes()).toEqual([]);
    expect(await engine.up(program({ friendlyName: "fixture", adopt: "fixture" }))).toEqual({ it: "create" });
    expect(engine.of("it").id).toBe(fixture.service);
  });

  it("refuses a name that does not exist", async () => {
    const { engine, program } = await oneResource(twilio, conversation);
    await expect(engine.up(program({ service: "«service»", adopt: "nowhere" }))).rejects.toThrow(
      /adopt must name a Conversation of IS\w+ in account AC\w+; there is none: remove `adopt`; it is then created/,
    );
    expect(engine.state).toEqual([]);
  });

  it("takes over a number by its SID or in E.164 format, and keeps it on destroy", async () => {
    const { engine, program, fixture, created, named } = await oneResource(twilio, phoneNumber);
    await engine.up(program({ adopt: "«number0»", smsUrl: "https://example.com/a" }));
    expect(named(engine.of("it").outputs.phoneNumber)).toBe("«number0»");
    await expectSettled(twilio, engine, program({ adopt: "«number0»", smsUrl: "https://example.com/a" }));
    await expectSettled(twilio, engine, program({ adopt: engine.of("it").id, smsUrl: "https://example.com/a" }));
    await engine.destroy();
    expect(await created()).toEqual([]);
    expect(await twilio.sidsOf(phoneNumber.type, fixture)).toHaveLength(2);
    await expect(engine.up(program({ adopt: `PN${"0".repeat(32)}` }))).rejects.toThrow("must name a PhoneNumber of account");
  });
});

describe("`X.get`", () => {
  it("returns the properties of the object with the given id", async () => {
    const { engine, fixture } = await oneResource(twilio, conversation);
    expect(await engine.get(conversation, fixture.conversation)).toMatchObject({
      service: fixture.service,
      state: "active",
      attributes: {},
    });
    expect(await engine.get(conversationService, fixture.service)).toMatchObject({ friendlyName: "fixture", sid: fixture.service });
  });

  it("fails if the object does not exist", async () => {
    const { engine, fixture } = await oneResource(twilio, conversation);
    const nothing = `${fixture.service}/CH${"0".repeat(32)}`;
    await expect(engine.get(conversation, nothing)).rejects.toThrow(`has no Conversation "${nothing}"`);
    await expect(engine.get(participant, "nonsense")).rejects.toThrow("has no Participant");
    await expect(engine.get(phoneNumber, `PN${"0".repeat(32)}`)).rejects.toThrow("has no PhoneNumber");
  });

  it("fails for a SID or a unique name, and says what the id is", async () => {
    const { engine } = await oneResource(twilio, conversation);
    const { sid, chat_service_sid } = await twilio.rest("POST", "conversations", "/v1/Conversations", { UniqueName: "lobby" });
    const id = `${chat_service_sid}/${sid}`;
    for (const wrong of [String(sid), `${chat_service_sid}/lobby`]) {
      await expect(engine.get(conversation, wrong)).rejects.toThrow(`"${wrong}" is not an id; write "${id}"`);
    }
    expect(await engine.get(conversation, id)).toMatchObject({ sid });
  });
});
