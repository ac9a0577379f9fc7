import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { conversationMessage } from "../../src/conversations/conversation-message";
import { findProblems } from "../../src/core/lifecycle/check";
import type { Props } from "../../src/core/lifecycle/props";
import type { Body } from "../../src/core/twilio/twilio";
import type { Declared } from "../support/mini-engine";
import { expectSettled } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const room: Declared = { name: "room", definition: conversation, args: {} };
const message = (args: Props = {}): Declared => ({
  name: "welcome",
  definition: conversationMessage,
  args: (of) => ({ conversation: of("room").id, body: "Welcome!", ...args }),
});

/** An account with a conversation, and its messages as Twilio lists them. */
async function opened() {
  await twilio.reset();
  const engine = twilio.engine();
  await engine.up([room]);
  const [service, sid] = engine.of("room").id.split("/");
  const path = `/v1/Services/${service}/Conversations/${sid}/Messages`;
  const messages = async () => (await twilio.rest("GET", "conversations", path)).messages as Body[];
  return { engine, path, messages, bodies: async () => (await messages()).map(({ body }) => body) };
}

/** As if the interrupted creates had begun so many seconds earlier. */
function earlier(seconds: number) {
  for (const [key, text] of twilio.notes) {
    const note = JSON.parse(text);
    twilio.notes.set(key, JSON.stringify({ ...note, at: new Date(Date.parse(note.at) - seconds * 1000).toISOString() }));
  }
}

it("a message is sent once, edited in place and deleted", async () => {
  const { engine, messages, bodies } = await opened();
  await engine.up([room, message({ author: "support", attributes: { kind: "greeting" } })]);
  const [sent] = await messages();
  expect(sent).toMatchObject({ body: "Welcome!", author: "support", index: 0 });
  expect(JSON.parse(String(sent?.attributes))).toEqual({ kind: "greeting", pulumi: expect.stringMatching(/^[0-9a-f]{12}$/) });
  await expectSettled(twilio, engine, [room, message({ author: "support", attributes: { kind: "greeting" } })]);
  expect(await engine.up([room, message({ body: "Hello!", author: "desk", attributes: { kind: "notice" } })])).toMatchObject({
    welcome: "update",
  });
  const [edited] = await messages();
  expect(edited).toMatchObject({ sid: sent?.sid, body: "Hello!", author: "desk" });
  expect(JSON.parse(String(edited?.attributes))).toEqual({ kind: "notice", pulumi: JSON.parse(String(sent?.attributes)).pulumi });
  await engine.up([room]);
  expect(await bodies()).toEqual([]);
});

it('a message with onDelete: "retain" stays in the conversation', async () => {
  const { engine, bodies } = await opened();
  await engine.up([room, message({ onDelete: "retain" })]);
  await engine.up([room]);
  expect(await bodies()).toEqual(["Welcome!"]);
});

it("another template or file is recorded and sends nothing", async () => {
  const { engine, messages } = await opened();
  const content = (digit: string, name: string) =>
    message({ body: undefined, contentSid: `HX${digit.repeat(32)}`, contentVariables: { 1: name } });
  await engine.up([room, content("1", "Ada")]);
  const before = await messages();
  twilio.requests();
  expect(await engine.up([room, content("2", "Bob")])).toMatchObject({ welcome: "update" });
  expect(twilio.writes()).toEqual([]);
  expect(await messages()).toEqual(before);
});

describe("a message is not sent twice", () => {
  it.each<[string, Props]>([
    ["the same", {}],
    ["changed meanwhile", { body: "Hello!" }],
  ])("after the response was lost, and the program is %s", async (_what, change) => {
    const { engine, bodies } = await opened();
    await twilio.control("POST", "faults", { method: "POST", path: "*/Messages", drop: "after", times: 1 });
    await engine.up([room, message()]).catch(() => undefined);
    await engine.up([room, message(change)]);
    expect(await bodies()).toEqual([change.body ?? "Welcome!"]);
    expect(engine.of("welcome").id).toMatch(/IM/);
    await engine.up([room]);
    expect(await bodies()).toEqual([]);
  });

  it("after the engine was killed, also where somebody sends the same text", async () => {
    const { engine, path, bodies } = await opened();
    await expect(engine.up([room, message()], { crashAfterCreating: "welcome" })).rejects.toThrow();
    await twilio.rest("POST", "conversations", path, { Body: "Welcome!" });
    await engine.up([room, message()]);
    expect(await bodies()).toEqual(["Welcome!", "Welcome!"]);
    await engine.up([room]);
    expect(await bodies()).toEqual(["Welcome!"]);
  });

  it("after the engine was killed and its notes are lost: it is adopted, and a destroy keeps it", async () => {
    const { engine, bodies } = await opened();
    await expect(engine.up([room, message()], { crashAfterCreating: "welcome" })).rejects.toThrow();
    twilio.notes.clear();
    await engine.up([room, message()]);
    expect(twilio.log.join("\n")).toMatch(/ConversationMessage IM\w+ carries the mark of this resource/);
    await engine.up([room]);
    expect(await bodies()).toEqual(["Welcome!"]);
  });

  it("but is sent again where the request never arrived, after Twilio can no longer carry it out", async () => {
    const { engine, bodies } = await opened();
    await twilio.control("POST", "faults", { method: "POST", path: "*/Messages", drop: "before", times: 1 });
    await expect(engine.up([room, message()])).rejects.toThrow("run `pulumi up` again");
    expect(await bodies()).toEqual([]);
    earlier(100);
    await engine.up([room, message()]);
    expect(await bodies()).toEqual(["Welcome!"]);
  });
});

it("two messages of one program with the same text are two messages", async () => {
  const { engine, bodies } = await opened();
  await engine.up([room, message(), { ...message(), name: "again" }]);
  expect(await bodies()).toEqual(["Welcome!", "Welcome!"]);
});

it("without a mark, the attributes are the program's alone", async () => {
  const { engine, messages } = await opened();
  await engine.up([room, message({ ownerMark: "none-may-duplicate" })]);
  expect((await messages())[0]?.attributes).toBe("{}");
});

describe("a check", () => {
  const hex = "0".repeat(32);
  const parent = { conversation: `IS${hex}/CH${hex}` };
  const check = (news: Props) =>
    Object.fromEntries(findProblems(conversationMessage, { ...parent, ...news }, {}).map(({ property, reason }) => [property, reason]));

  it.each<[string, Props]>([
    ["a text", { body: "Hello" }],
    ["a file with a text", { body: "Hello", mediaSid: `ME${hex}` }],
    ["a file alone", { mediaSid: `ME${hex}` }],
    ["a template", { contentSid: `HX${hex}`, contentVariables: { 1: "Ada" } }],
    ["an adopted message", { adopt: `IM${hex}` }],
    ["attributes with other keys", { body: "Hello", attributes: { pulumiStack: "dev" } }],
  ])("accepts %s", (_what, news) => {
    expect(check(news)).toEqual({});
  });

  it.each<[string, Props, Record<string, string>]>([
    ["nothing", {}, { body: "declare `body`, `mediaSid` or `contentSid`" }],
    ["a template with a text", { body: "Hello", contentSid: `HX${hex}` }, { body: "must not be declared together with `contentSid`" }],
    ["variables without a template", { body: "Hello", contentVariables: { 1: "Ada" } }, { contentVariables: "without `contentSid`" }],
    ["the key of the mark", { body: "Hello", attributes: { pulumi: 1 } }, { "attributes.pulumi": "is the key of the ownership mark" }],
    ["a long text", { body: "x".repeat(32_769) }, { body: "at most 32768" }],
    ["large attributes", { body: "Hello", attributes: { a: "x".repeat(4050) } }, { attributes: "at most 4050" }],
  ])("refuses %s", (_what, news, reasons) => {
    expect(check(news)).toEqual(
      Object.fromEntries(Object.entries(reasons).map(([property, reason]) => [property, expect.stringContaining(reason)])),
    );
  });
});
