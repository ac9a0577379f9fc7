import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { conversationUser } from "../../src/conversations/user";
import { userConversation } from "../../src/conversations/user-conversation";
import { findProblems } from "../../src/core/lifecycle/check";
import type { Props } from "../../src/core/lifecycle/props";
import type { Declared } from "../support/mini-engine";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const service: Declared = { name: "service", definition: conversationService, args: { friendlyName: "Support" } };

/** A room with a member, in a service or in the account's default one. */
function members(inService: boolean): Declared[] {
  const of = (find: (name: string) => Props): Props => (inService ? { service: find("service").id } : {});
  return [
    ...(inService ? [service] : []),
    { name: "room", definition: conversation, args: of },
    { name: "ada", definition: conversationUser, args: (find) => ({ ...of(find), identity: "ada" }) },
    { name: "member", definition: participant, args: (find) => ({ conversation: find("room").id, identity: find("ada").identity }) },
  ];
}

const settings = (args: Props): Declared => ({
  name: "settings",
  definition: userConversation,
  args: (of) => ({ user: of("ada").id, conversation: of("member").conversation, ...args }),
});

async function opened() {
  await twilio.reset();
  const engine = twilio.engine();
  const live = async () => {
    const [place, room] = engine.of("room").id.split("/") as [string, string];
    const path = `/v1/Services/${place}/Users/ada/Conversations/${room}`;
    return twilio.rest("GET", "conversations", path);
  };
  const say = async () => {
    const [place, room] = engine.of("room").id.split("/");
    await twilio.rest("POST", "conversations", `/v1/Services/${place}/Conversations/${room}/Messages`, { Body: "hello" });
  };
  const read = async (index: number) => {
    const [place, room] = engine.of("room").id.split("/");
    const path = `/v1/Services/${place}/Users/ada/Conversations/${room}`;
    await twilio.rest("POST", "conversations", path, { LastReadMessageIndex: String(index) });
  };
  return { engine, live, say, read };
}

describe.each([
  ["a service", true],
  ["the account's default service", false],
])("the settings of a membership in %s", (_where, inService) => {
  it("are set, updated and restored, and the user stays in the conversation", async () => {
    const { engine, live } = await opened();
    const base = members(inService);
    await engine.up([...base, settings({ notificationLevel: "muted" })]);
    expect(engine.of("settings").id).toMatch(/^IS\w{32}\/US\w{32}\/CH\w{32}$/);
    const before = await live();
    expect(before).toMatchObject({ notification_level: "muted" });
    expect(engine.of("settings").outputs).toMatchObject({ participantSid: before.participant_sid, sid: before.conversation_sid });
    expect(await engine.up([...base, settings({ notificationLevel: "default" })])).toMatchObject({ settings: "update" });
    expect(await live()).toMatchObject({ notification_level: "default" });
    await engine.up([...base, settings({ notificationLevel: "muted" })]);
    const path = `post /v1/Services/${engine
      .of("settings")
      .id.replace("/", "/Users/")
      .replace(/\/(?=CH)/, "/Conversations/")}`;
    twilio.requests();
    await engine.up(base);
    expect(twilio.writes()).toEqual([path]);
    expect(twilio.log.at(-1)).toMatch(/ it has its former values again: notificationLevel "default"\.$/);
    expect(await live()).toMatchObject({ notification_level: "default", participant_sid: before.participant_sid });
  });

  it("that somebody changed are drift, which an update repairs", async () => {
    const { engine, live } = await opened();
    const program = [...members(inService), settings({ notificationLevel: "muted" })];
    await engine.up(program);
    const [place, user, room] = engine.of("settings").id.split("/");
    const path = `/v1/Services/${place}/Users/${user}/Conversations/${room}`;
    await twilio.rest("POST", "conversations", path, { NotificationLevel: "default" });
    expect(await engine.refresh()).toEqual({ settings: "changed" });
    expect(await engine.up(program)).toMatchObject({ settings: "update", member: "same" });
    expect(await live()).toMatchObject({ notification_level: "muted" });
  });
});

describe("what a user has read", () => {
  it("moves forward only: neither an update nor a destroy marks messages as unread", async () => {
    const { engine, live, say, read } = await opened();
    const base = members(true);
    await engine.up(base);
    for (let index = 0; index < 4; index += 1) await say();
    await read(1);
    const upTo = (index: number) => [...base, settings({ lastReadMessageIndex: index })];
    await engine.up(upTo(0));
    expect(await live()).toMatchObject({ last_read_message_index: 1 });
    await engine.up(upTo(2));
    expect(await live()).toMatchObject({ last_read_message_index: 2 });
    await read(3);
    await engine.refresh();
    twilio.requests();
    expect(await engine.up(upTo(2))).toMatchObject({ settings: "same" });
    await engine.up(base);
    expect(twilio.writes()).toEqual([]);
    expect(await live()).toMatchObject({ last_read_message_index: 3 });
  });

  it("has a time that the program may declare", async () => {
    const { engine, say } = await opened();
    const base = members(true);
    await engine.up(base);
    await say();
    twilio.requests();
    await engine.up([...base, settings({ lastReadMessageIndex: 0, lastReadTimestamp: "2026-01-01T12:00:00Z" })]);
    const [form] = twilio.requests().flatMap((request) => (request.method === "post" ? [Object.fromEntries(request.form)] : []));
    expect(form).toEqual({ LastReadMessageIndex: "0", LastReadTimestamp: "2026-01-01T12:00:00Z" });
  });
});

it("a user who is not in the conversation has no settings there, and the error says what to do", async () => {
  const { engine } = await opened();
  const alone = members(true).filter(({ name }) => name !== "member");
  await expect(
    engine.up([...alone, { ...settings({}), args: (of) => ({ user: of("ada").id, conversation: of("room").id }) }]),
  ).rejects.toThrow(/has no UserConversation "IS\w+\/US\w+\/CH\w+": .*declare a Participant.*conversation: participant\.conversation/s);
});

it("get reads the settings of a membership by their id", async () => {
  const { engine } = await opened();
  await engine.up([...members(true), settings({ notificationLevel: "muted" })]);
  const { id, outputs: rest } = engine.of("settings");
  expect(await engine.get(userConversation, id)).toMatchObject({
    notificationLevel: "muted",
    user: engine.of("ada").id,
    conversation: engine.of("room").id,
    participantSid: rest.participantSid,
    sid: rest.sid,
  });
});

describe("a check", () => {
  const hex = "0".repeat(32);
  const [user, room] = [`IS${hex}/US${hex}`, `IS${hex}/CH${hex}`];
  const check = (news: Props) =>
    Object.fromEntries(findProblems(userConversation, news, {}).map(({ property, reason }) => [property, reason]));

  it.each<[string, Props]>([
    ["both parents", { user, conversation: room }],
    [
      "everything",
      { user, conversation: room, notificationLevel: "muted", lastReadMessageIndex: 0, lastReadTimestamp: "2026-01-01T12:00:00Z" },
    ],
  ])("accepts %s", (_what, news) => {
    expect(check(news)).toEqual({});
  });

  it.each<[string, Props, Record<string, string>]>([
    [
      "a conversation in another service",
      { user, conversation: `IS${"1".repeat(32)}/CH${hex}` },
      { conversation: "must be in the user's service" },
    ],
    ["no user", { conversation: room }, { user: "is missing" }],
    ["no conversation", { user }, { conversation: "is missing" }],
    ["another level", { user, conversation: room, notificationLevel: "loud" }, { notificationLevel: '"default", "muted"' }],
    ["a negative index", { user, conversation: room, lastReadMessageIndex: -1 }, { lastReadMessageIndex: "whole number" }],
    ["a time in words", { user, conversation: room, lastReadTimestamp: "yesterday" }, { lastReadTimestamp: "ISO 8601" }],
  ])("refuses %s", (_what, news, reasons) => {
    expect(check(news)).toEqual(
      Object.fromEntries(Object.entries(reasons).map(([property, reason]) => [property, expect.stringContaining(reason)])),
    );
  });
});
