import { describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationServiceConfiguration } from "../../src/conversations/service-configuration";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { verifyNames } from "../../src/core/twilio/response";
import { account, conversationId, fake, participantId, service } from "../support/fake-twilio";

const [one, other] = ["IS11111111111111111111111111111111", "IS22222222222222222222222222222222"];

/** What is thrown if a response with these SIDs is the answer to a request about the first service. */
function refusal(body: Record<string, string>, isRequired: boolean): unknown {
  try {
    verifyNames(body, { chat_service_sid: one }, "Cannot read the service", isRequired);
  } catch (error) {
    return error;
  }
  return undefined;
}

// An invalid response is not waited for again, and a read changed nothing.
const invalid = (received: string) => ({
  isInvalid: true,
  isRead: true,
  status: 0,
  message: expect.stringContaining(`chat_service_sid in the response must be ${one}; received ${received}`),
});

it("a response that names another SID than the request is invalid", () => {
  for (const isRequired of [true, false]) expect(refusal({ chat_service_sid: other }, isRequired)).toMatchObject(invalid(`"${other}"`));
});

it("a response that names no SID is invalid only where it must name one", () => {
  expect(refusal({}, true)).toMatchObject(invalid("none"));
  expect(refusal({}, false)).toBeUndefined();
  expect(refusal({ chat_service_sid: one }, true)).toBeUndefined();
});

const [room = ""] = conversationId.split("/").slice(1);
const role = `RL${"6".repeat(32)}`;

describe.each<[string, Definition, string, Props, Props, Record<string, string>]>([
  ["a conversation of another service", conversation, conversationId, { service }, { friendlyName: "New" }, { chat_service_sid: service }],
  [
    "a participant of a conversation in another service",
    participant,
    participantId,
    { conversation: conversationId },
    { attributes: { vip: true } },
    { chat_service_sid: service },
  ],
  [
    "a participant of another conversation",
    participant,
    participantId,
    { conversation: conversationId },
    { attributes: { vip: true } },
    { conversation_sid: room },
  ],
  [
    "the settings of another service",
    conversationServiceConfiguration,
    service,
    { service },
    { defaultConversationRoleSid: role },
    { url: "https://example.com", chat_service_sid: service },
  ],
])("a response about %s", (_what, definition, id, declared, change, parent) => {
  const known = { accountSid: account, ...declared };
  const others = Object.fromEntries(
    Object.entries(parent).map(([key, sid]) => [key, sid.replace(/^(\w\w)\w{32}$/, `$1${"9".repeat(32)}`)]),
  );
  const responding = (body: Props) => fake(({ path }) => ({ sid: path.split("/").at(-1), account_sid: account, ...body })).of(definition);

  it("is an error of a read and of an update", async () => {
    await expect(responding(others).read(id, known)).rejects.toThrow(/the response is about .* of \w\w9+, not of/);
    await expect(responding(others).update(id, known, { ...declared, ...change })).rejects.toThrow(/of \w\w9+, not of/);
  });

  it("is none where it names the resource's own parent", async () => {
    expect(await responding(parent).read(id, known)).toMatchObject({ outputs: known });
    expect(await responding(parent).update(id, known, { ...declared, ...change })).toMatchObject({ id });
  });
});

it("a list that has the object under another parent is an error of a read", async () => {
  const [first, second] = ["7", "8"].map((digit) => `CH${digit.repeat(32)}`);
  const listed = { sid: second, account_sid: account, chat_service_sid: `IS${"9".repeat(32)}` };
  const cycle = fake(({ path }) =>
    path.endsWith("/Conversations") ? { conversations: [listed] } : { sid: path.split("/").at(-1), account_sid: account },
  ).of(conversation);
  const known = { accountSid: account, service };
  await cycle.read(`${service}/${first}`, known);
  await expect(cycle.read(`${service}/${second}`, known)).rejects.toThrow(/Cannot list conversations.*of IS9+, not of IS3+/);
});

describe("a response to a create", () => {
  const creating = (body: Props) =>
    fake(({ method }) => (method === "post" ? body : undefined))
      .of(conversation)
      .create({ service, uniqueName: "lobby" });
  const other = `IS${"9".repeat(32)}`;

  it("about a conversation elsewhere names it, and how to keep or delete it", async () => {
    await expect(creating({ sid: `CH${"7".repeat(32)}`, chat_service_sid: other })).rejects.toThrow(
      `look at Twilio for CH${"7".repeat(32)}. If this run created it, adopt it with adopt: "CH${"7".repeat(32)}", or delete it there`,
    );
  });

  it("about an object of another kind names none, as it cannot be adopted", async () => {
    await expect(creating({ sid: `MB${"7".repeat(32)}` })).rejects.toThrow(
      /is not about a Conversation\n.*\n {2}What to do: look at Twilio for a new Conversation, then run `pulumi up` again\.$/,
    );
  });
});
