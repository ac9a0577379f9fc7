import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { conversationRole } from "../../src/conversations/role";
import { conversationService } from "../../src/conversations/service";
import { logPermissionChange } from "../../src/core/lifecycle/permission-change";
import type { Declared } from "../support/mini-engine";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const service: Declared = { name: "service", definition: conversationService, args: { friendlyName: "Support" } };
const role = (permissions: string[], type = "conversation"): Declared[] => [
  service,
  { name: "agent", definition: conversationRole, args: (of) => ({ service: of("service").id, friendlyName: "agent", type, permissions }) },
];

/** An empty account and an engine. */
async function opened() {
  await twilio.reset();
  return twilio.engine();
}

describe("a change of permissions", () => {
  it("names what the role gains and loses, in the preview and in the update", async () => {
    const engine = await opened();
    await engine.up(role(["sendMessage", "leaveConversation"]));
    const lines = () => twilio.log.filter((message) => message.startsWith("Permissions of ConversationRole"));
    expect(lines()).toEqual([]);
    await engine.preview(role(["leaveConversation", "addParticipant"]));
    const line = `Permissions of ConversationRole ${engine.of("agent").id} gained: addParticipant; lost: sendMessage.`;
    expect(lines()).toEqual([line]);
    await engine.up(role(["leaveConversation", "addParticipant"]));
    const said = lines();
    expect(said.length).toBeGreaterThan(1);
    expect(new Set(said)).toEqual(new Set([line]));
    await engine.preview(role(["addParticipant", "leaveConversation"]));
    expect(lines()).toEqual(said);
  });

  it("is information, and no warning", () => {
    const log: string[] = [];
    const without = (these: readonly string[], those: readonly string[]) => these.filter((one) => !those.includes(one));
    logPermissionChange("the role", [["a"], ["a", "b"]], without, { log: (severity, message) => void log.push(`${severity}: ${message}`) });
    expect(log).toEqual(["info: Permissions of the role gained: b."]);
  });

  it("is not announced while the program does not know the permissions yet", async () => {
    const engine = await opened();
    await engine.up(role(["sendMessage", "leaveConversation"]));
    const room: Declared = { name: "room", definition: conversation, args: (of) => ({ service: of("service").id }) };
    for (const later of [(sid: unknown) => sid, (sid: unknown) => ["sendMessage", sid]]) {
      const agent: Declared = {
        name: "agent",
        definition: conversationRole,
        args: (of) => ({ service: of("service").id, friendlyName: "agent", type: "conversation", permissions: later(of("room").sid) }),
      };
      await engine.preview([service, room, agent]);
    }
    expect(twilio.log.filter((message) => message.startsWith("Permissions of ConversationRole"))).toEqual([]);
  });

  it.each([
    ["gains", ["sendMessage", "leaveConversation", "addParticipant"], "gained: leaveConversation, addParticipant."],
    ["loses", [], "lost: sendMessage."],
  ])("names what the role %s, and nothing else", async (_what, permissions, change) => {
    const engine = await opened();
    const kept = ["editOwnMessage"];
    await engine.up(role([...kept, "sendMessage"]));
    await engine.preview(role([...kept, ...permissions]));
    expect(twilio.log.at(-1)).toBe(`Permissions of ConversationRole ${engine.of("agent").id} ${change}`);
  });
});

describe("a permission that this package does not know", () => {
  it("is a warning; one that Twilio does not know is refused with its name", async () => {
    const engine = await opened();
    await expect(engine.up(role(["sendMessage", "flyToTheMoon"]))).rejects.toThrow(/flyToTheMoon/);
    expect(twilio.log.join("\n")).toMatch(
      /`permissions` of a role of type conversation contains "flyToTheMoon", which this package does not know/,
    );
  });

  it("is not a permission of the role's own type", async () => {
    const engine = await opened();
    await engine.up(role(["createConversation"], "service"));
    await engine.up(role(["createConversation"], "service"));
    expect(twilio.log.filter((message) => message.includes("does not know"))).toEqual([]);
  });
});

describe("the deletion of a role", () => {
  it.each([
    [
      "DefaultConversationCreatorRoleSid",
      "conversation",
      /default role of service IS\w+ for creators of conversations\. Nothing was deleted/,
    ],
    ["DefaultConversationRoleSid", "conversation", /for participants\./],
    ["DefaultChatServiceRoleSid", "service", /for users\./],
  ])("that is the service's %s is refused; after another default, it is deleted", async (parameter, type, message) => {
    const engine = await opened();
    await engine.up(role(["addParticipant"], type));
    const [serviceSid, roleSid] = engine.of("agent").id.split("/") as [string, string];
    const path = `/v1/Services/${serviceSid}`;
    const settings = (await twilio.rest("GET", "conversations", `${path}/Configuration`)) as Record<string, string>;
    const former = settings[parameter.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase()] as string;
    await twilio.rest("POST", "conversations", `${path}/Configuration`, { [parameter]: roleSid });
    await expect(engine.up([service])).rejects.toThrow(message);
    await twilio.rest("POST", "conversations", `${path}/Configuration`, { [parameter]: former });
    await engine.up([service]);
    const { roles } = (await twilio.rest("GET", "conversations", `${path}/Roles`)) as { roles: { sid: string }[] };
    expect(roles.map(({ sid }) => sid)).not.toContain(roleSid);
  });
});
