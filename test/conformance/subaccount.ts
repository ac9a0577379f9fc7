import { subaccount } from "../../src/iam/subaccount";
import { Subaccount } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import type { Subject } from "./subject";

const missing = `AC${"0".repeat(32)}`;
const at = ({ client }: EmulatorClient, sid: string) => client.api.v2010.accounts(sid);

export const subaccountSubject: Subject = {
  definition: subaccount,
  type: "pulumi-nodejs:twilio/iam:Subaccount",
  id: /^AC[0-9a-f]{32}$/,
  missing: { id: missing },
  create: (name, args, options) => new Subaccount(name, args as never, options),
  get: (name, id, options) => Subaccount.get(name, id, options),
  args: (_fixture, friendlyName) => ({ friendlyName }),
  updates: {
    friendlyName: { values: ["Acme", "Acme Inc"], required: true },
    status: { values: ["suspended", "suspended"], isDefaultOtherwise: true, unset: "active" },
  },
  replacements: {},
  unsent: {
    onDelete: { values: ["suspend", "retain"] },
    forceDestroy: { values: [true, false] },
    adopt: { values: [undefined, missing] },
  },
  drift: { property: "status", declared: "active", change: (twilio, id) => at(twilio, id).update({ status: "suspended" }) },
  async fetch(twilio, id) {
    const account = await fetchOrUndefined(at(twilio, id).fetch());
    // Twilio never deletes an account, and never opens a closed one again.
    if (account === undefined || account.status === "closed") return undefined;
    return { ...account.toJSON(), accountSid: account.ownerAccountSid };
  },
  remove: (twilio, id) => at(twilio, id).update({ status: "closed" }),
  list: async ({ client }) => (await client.api.v2010.accounts.list()).filter(({ status }) => status !== "closed").map(({ sid }) => sid),
  kept: /^Subaccount AC\w{32} (is suspended and stays at Twilio|stays at Twilio: onDelete: "retain")/,
};
