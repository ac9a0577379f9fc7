import { apiKey } from "../../src/iam/api-key";
import { ApiKey, type ApiKeyArgs } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import type { Body, Subject } from "./subject";

/** The key with this SID. */
const at = ({ client }: EmulatorClient, sid: string) => client.iam.v1.apiKey(sid);

const missing = `SK${"0".repeat(32)}`;
const [reads, lists] = ["/twilio/messaging/messages/read", "/twilio/messaging/messages/list"];
const all = ["read", "list", "create", "update", "delete"].map((action) => `/twilio/messaging/messages/${action}`);

export const apiKeySubject: Subject = {
  definition: apiKey,
  type: "pulumi-nodejs:twilio/iam:ApiKey",
  id: /^SK[0-9a-f]{32}$/,
  missing: { id: missing },
  create: (name, args, options) => new ApiKey(name, args as unknown as ApiKeyArgs, options),
  get: (name, id, options) => ApiKey.get(name, id, options),
  args: (_fixture, friendlyName) => ({ friendlyName }),
  updates: {
    friendlyName: { values: ["One", "Two"], required: true },
    "policy.allow": {
      // To add or remove the policy replaces the key.
      required: true,
      values: [[reads], [reads, lists]],
      read: ({ policy }: Body) => [...(policy as { allow: string[] }).allow].sort(),
      expected: [[reads], [lists, reads]],
    },
  },
  replacements: {
    rotate: (_fixture, friendlyName) => [
      { friendlyName, rotate: "1" },
      { friendlyName, rotate: "2" },
    ],
    "policy.allow": (_fixture, friendlyName) => [{ friendlyName }, { friendlyName, policy: { allow: [reads] } }],
  },
  unsent: { onDelete: { values: ["retain", "delete"] }, adopt: { values: [undefined, missing] } },
  equivalents: { "policy.allow": { values: [all, ["/twilio/messaging/messages/*"]] } },
  drift: {
    property: "policy.allow",
    declared: [reads],
    change: (twilio, id) => at(twilio, id).update({ policy: { allow: [reads, lists] } }),
  },
  async fetch(twilio, id) {
    const key = await fetchOrUndefined(at(twilio, id).fetch());
    // A key does not name its account.
    return key && { ...key.toJSON(), accountSid: twilio.accountSid };
  },
  remove: (twilio, id) => at(twilio, id).remove(),
  list: async ({ client, accountSid }) => (await client.iam.v1.getApiKeys.list({ accountSid })).map(({ sid }) => sid),
};
