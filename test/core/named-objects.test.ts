/** Look-ups in a preview of an object whose place, or whose name, the program does not give. */
import { expect, it } from "vitest";
import { conversationMessage } from "../../src/conversations/conversation-message";
import { participant } from "../../src/conversations/participant";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import type { Body, Request } from "../../src/core/twilio/twilio";
import { conversationId, fake, service } from "../support/fake-twilio";
import { unknown } from "../support/mini-engine";

/** The problems that a preview finds. */
function run(answer: (request: Request) => Body | undefined) {
  const made = fake(answer);
  Object.assign(made.context, { previewLookups: true });
  const check = async (definition: Definition, news: Props) => {
    const { problems } = await made.of(definition).check({}, news);
    return problems.map(({ property, reason }) => `${property} ${reason}`);
  };
  return { ...made, check };
}

const otherService = `IS${"9".repeat(32)}`;
const [forParticipants, forUsers] = ["1", "2"].map((digit) => `RL${digit.repeat(32)}`);

it.each([
  ["first", [service, otherService]],
  ["last", [otherService, service]],
])("a role of the %s service of the account is accepted while the conversation is not known", async (_place, sids) => {
  const { check } = run(({ path }) => {
    if (path === "/v1/Services") return { services: sids.map((sid) => ({ sid })), meta: { next_page_url: null } };
    if (path === `/v1/Services/${service}/Roles/${forParticipants}`) return { type: "conversation" };
    return path === `/v1/Services/${service}/Roles/${forUsers}` ? { type: "service" } : undefined;
  });
  const chat = { conversation: unknown, identity: "ada" };
  expect(await check(participant, { ...chat, roleSid: forParticipants })).toEqual([]);
  expect(await check(participant, { ...chat, roleSid: forUsers })).toEqual([expect.stringContaining("this role has the type service")]);
});

it("a name to adopt is refused where the objects have none, and nothing is listed", async () => {
  const { check, asked } = run(() => undefined);
  expect(await check(conversationMessage, { conversation: conversationId, body: "Hello", adopt: "hello" })).toEqual([
    expect.stringMatching(/^adopt must name a ConversationMessage/),
  ]);
  expect(asked).toEqual([]);
});
