import { expect } from "vitest";
import { conversationUser } from "../../src/conversations/user";
import { ConversationUser, type ConversationUserArgs } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import type { Fixture } from "./fixture";
import type { Subject } from "./subject";

/** The object behind an id. */
function at({ client }: EmulatorClient, id: string) {
  const [service, sid] = id.split("/") as [string, string];
  return client.conversations.v1.services(service).users(sid);
}

const missing = `US${"0".repeat(32)}`;
const role =
  (index: 0 | 1) =>
  ({ userRoles }: Fixture) =>
    userRoles[index];
const anyRole = expect.stringMatching(/^RL/);

export const conversationUserSubject: Subject = {
  definition: conversationUser,
  type: "pulumi-nodejs:twilio/conversations:ConversationUser",
  id: /^IS[0-9a-f]{32}\/US[0-9a-f]{32}$/,
  missing: { id: `IS${"0".repeat(32)}/${missing}` },
  create: (name, args, options) => new ConversationUser(name, args as unknown as ConversationUserArgs, options),
  get: (name, id, options) => ConversationUser.get(name, id, options),
  args: ({ service }, identity) => ({ service, identity }),
  updates: {
    friendlyName: { values: ["Ada", "Ada Lovelace"], unset: "" },
    attributes: { values: [{ team: "a" }, { team: "b" }], expected: ['{"team":"a"}', '{"team":"b"}'], unset: "{}" },
    roleSid: { values: [role(0), role(1)], expected: [anyRole, anyRole], stays: true },
  },
  replacements: {
    service: ({ service, otherService }, identity) => [
      { service, identity },
      { service: otherService, identity },
    ],
    identity: ({ service }) => [
      { service, identity: "user-before" },
      { service, identity: "user-after" },
    ],
  },
  unsent: {
    forceDestroy: { values: [undefined, true] },
    onDelete: { values: ["retain", "delete"] },
    adopt: { values: [undefined, missing] },
  },
  drift: {
    property: "friendlyName",
    declared: "Declared",
    change: (twilio, id) => at(twilio, id).update({ friendlyName: "By hand" }),
  },
  fetch: async (twilio, id) => (await fetchOrUndefined(at(twilio, id).fetch()))?.toJSON(),
  remove: (twilio, id) => at(twilio, id).remove(),
  async list({ client }) {
    const { services } = client.conversations.v1;
    const found = (await services.list()).map(({ sid }) => services(sid).users.list());
    // Participants create users of their own.
    const isDeclared = (identity: string) => /^(conversation-)?user-/.test(identity);
    return (await Promise.all(found)).flat().flatMap(({ sid, identity }) => (isDeclared(identity) ? [sid] : []));
  },
};
