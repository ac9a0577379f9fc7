import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationRole } from "../../src/conversations/role";
import { conversationService } from "../../src/conversations/service";
import { conversationUser } from "../../src/conversations/user";
import type { Declared } from "../support/mini-engine";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const base: Declared[] = [
  { name: "service", definition: conversationService, args: { friendlyName: "Support" } },
  { name: "room", definition: conversation, args: (of) => ({ service: of("service").id }) },
];
const user = (args: object = {}): Declared => ({
  name: "ada",
  definition: conversationUser,
  args: (of) => ({ service: of("service").id, identity: "ada", ...args }),
});
const member: Declared = {
  name: "member",
  definition: participant,
  args: (of) => ({ conversation: of("room").id, identity: of("ada").identity }),
};

async function opened() {
  await twilio.reset();
  return twilio.engine();
}

/** Adds a participant with the identity, as an application does. */
async function join(conversationId: string, identity: string) {
  const [service, sid] = conversationId.split("/");
  await twilio.rest("POST", "conversations", `/v1/Services/${service}/Conversations/${sid}/Participants`, { Identity: identity });
}

it("a user that is declared before its participant is created once, and both are destroyed", async () => {
  const engine = await opened();
  await engine.up([...base, user({ friendlyName: "Ada" }), member]);
  const path = `/v1/Services/${engine.of("service").id}/Users`;
  const { users } = (await twilio.rest("GET", "conversations", path)) as { users: { identity: string; friendly_name: string }[] };
  expect(users.map(({ identity, friendly_name }) => [identity, friendly_name])).toEqual([["ada", "Ada"]]);
  await engine.up(base);
  expect(((await twilio.rest("GET", "conversations", path)) as { users: object[] }).users).toEqual([]);
});

it("a user that a participant has created is adopted, which the preview says, and a destroy keeps it", async () => {
  const engine = await opened();
  await engine.up(base);
  await join(engine.of("room").id, "ada");
  twilio.log.length = 0;
  await engine.preview([...base, user({ friendlyName: "Ada" })]);
  expect(twilio.log.join("\n")).toMatch(/ConversationUser US\w+ carries the mark of this resource.* It is treated as adopted/);
  await engine.up([...base, user({ friendlyName: "Ada" })]);
  await engine.up(base);
  const path = `/v1/Services/${engine.of("service").id}/Users/ada`;
  expect(await twilio.rest("GET", "conversations", path)).toMatchObject({ friendly_name: "Ada" });
});

describe("a user who takes part in a conversation that this stack does not manage", () => {
  it.each<[string, Declared[]]>([
    ["a deletion", base],
    ["a change of the identity", [...base, user({ identity: "eve" })]],
  ])("is kept by %s, and the error names the conversation", async (_what, program) => {
    const engine = await opened();
    await engine.up([...base, user()]);
    const { id } = engine.of("room");
    await join(id, "ada");
    const room = id.split("/")[1];
    await expect(engine.up(program)).rejects.toThrow(new RegExp(`conversation ${room}`));
    await twilio.rest("GET", "conversations", `/v1/Services/${engine.of("service").id}/Users/ada`);
  });

  it("is deleted with forceDestroy", async () => {
    const engine = await opened();
    await engine.up([...base, user({ forceDestroy: true })]);
    await join(engine.of("room").id, "ada");
    await engine.up(base);
    await expect(twilio.rest("GET", "conversations", `/v1/Services/${engine.of("service").id}/Users/ada`)).rejects.toThrow();
  });
});

it("a role of another type is refused at preview", async () => {
  const engine = await opened();
  const role: Declared = {
    name: "member",
    definition: conversationRole,
    args: (of) => ({ service: of("service").id, friendlyName: "member", type: "conversation", permissions: ["addParticipant"] }),
  };
  await engine.up([...base, role]);
  const roleSid = engine.of("member").outputs.sid;
  await expect(engine.preview([...base, user({ roleSid })])).rejects.toThrow(
    /must be the SID of a role of type service in the user's service; this role has the type conversation/,
  );
});

it("a role of type service is given to the user", async () => {
  const engine = await opened();
  const role: Declared = {
    name: "agent",
    definition: conversationRole,
    args: (of) => ({ service: of("service").id, friendlyName: "agent", type: "service", permissions: ["addParticipant"] }),
  };
  const agent: Declared = { ...user(), args: (of) => ({ service: of("service").id, identity: "ada", roleSid: of("agent").sid }) };
  await engine.up([...base, role, agent]);
  const path = `/v1/Services/${engine.of("service").id}/Users/ada`;
  expect(await twilio.rest("GET", "conversations", path)).toMatchObject({ role_sid: engine.of("agent").outputs.sid });
});
