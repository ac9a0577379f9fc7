import { afterEach, expect, it, vi } from "vitest";
import { conversationRole } from "../../src/conversations/role";
import { TwilioError } from "../../src/core/twilio/errors";
import { late, service } from "../support/fake-twilio";

afterEach(() => vi.useRealTimers());

const otherService = `IS${"9".repeat(32)}`;
const agent = { friendlyName: "agent", type: "service", permissions: ["joinConversation"], __urn: "urn" };

it.each([
  ["the same service is looked for there", service, 6],
  ["another service is another role, which nothing is waited for", otherService, 0],
])("after a create of a role that lost its connection, a create in %s", async (_what, second, waits) => {
  const first = late(({ method }) => {
    if (method === "post") throw new TwilioError("Cannot create", { status: 0, message: "no answer" });
    return { roles: [] };
  });
  await expect(first.of(conversationRole).create({ ...agent, service })).rejects.toThrow("no answer");
  const made = {
    sid: `RL${"1".repeat(32)}`,
    chat_service_sid: second,
    friendly_name: "agent",
    type: "service",
    permissions: agent.permissions,
  };
  const next = late(({ method }) => (method === "post" ? made : { roles: [] }), first.context.notes);
  expect(await next.of(conversationRole).create({ ...agent, service: second })).toMatchObject({ id: `${second}/${made.sid}` });
  expect(next.waits()).toBe(waits);
});
