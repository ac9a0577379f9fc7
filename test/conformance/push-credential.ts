import { pushCredential } from "../../src/conversations/push-credential";
import { PushCredential, type PushCredentialArgs } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import { certificate, privateKey, serviceAccount } from "../support/push-secrets";
import type { Args, Subject, UpdateCase } from "./subject";

const at = ({ client }: EmulatorClient, sid: string) => client.conversations.v1.credentials(sid);

const missing = `CR${"0".repeat(32)}`;
const fcm = { secret: serviceAccount("one") };
const apn = { certificate: certificate("one"), privateKey: privateKey("one") };
const ios = (_fixture: unknown, friendlyName: string): Args => ({ friendlyName, apn });

/** A secret, which Twilio does not return; the number of form keys shows that it is sent. */
const secret = (values: UpdateCase["values"], args?: UpdateCase["args"]): UpdateCase => ({
  values,
  ...(args ? { args } : {}),
  required: true,
  read: () => "not returned",
  expected: ["not returned", "not returned"],
});

export const pushCredentialSubject: Subject = {
  definition: pushCredential,
  type: "pulumi-nodejs:twilio/conversations:PushCredential",
  id: /^CR[0-9a-f]{32}$/,
  missing: { id: missing },
  create: (name, args, options) => new PushCredential(name, args as unknown as PushCredentialArgs, options),
  get: (name, id, options) => PushCredential.get(name, id, options),
  args: (_fixture, friendlyName) => ({ friendlyName, fcm }),
  updates: {
    friendlyName: { values: ["One", "Two"], required: true },
    "apn.certificate": secret([apn.certificate, certificate("two")], ios),
    "apn.privateKey": secret([apn.privateKey, privateKey("two")], ios),
    "apn.sandbox": { values: [true, false], args: ios, read: ({ sandbox }) => sandbox, expected: ["True", "False"], unset: "False" },
    "fcm.secret": secret([fcm.secret, serviceAccount("two")]),
  },
  replacements: {},
  unsent: { onDelete: { values: ["retain", "delete"] }, adopt: { values: [undefined, missing] } },
  drift: {
    property: "friendlyName",
    declared: "Declared",
    change: (twilio, id) => at(twilio, id).update({ friendlyName: "By hand" }),
  },
  fetch: async (twilio, id) => (await fetchOrUndefined(at(twilio, id).fetch()))?.toJSON(),
  remove: (twilio, id) => at(twilio, id).remove(),
  list: async ({ client }) => (await client.conversations.v1.credentials.list()).map(({ sid }) => sid),
};
