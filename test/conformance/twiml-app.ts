import { twimlApp } from "../../src/iam/twiml-app";
import { TwimlApp } from "../../src/index";
import { fetchOrUndefined } from "../engine/twilio";
import type { Subject } from "./subject";

const missing = `AP${"0".repeat(32)}`;
const url = (path: string) => `https://example.com/${path}`;
const link = { values: [url("one"), url("two")] } as const;
const method = { values: ["GET", "POST"], unset: "POST" } as const;
const flag = { values: [true, false], unset: false } as const;
/** Twilio accepts a fallback only beside the URL that it replaces. */
const beside = (property: string) => (_fixture: unknown, friendlyName: string) => ({ friendlyName, [property]: url("first") });

export const twimlAppSubject: Subject = {
  definition: twimlApp,
  type: "pulumi-nodejs:twilio/iam:TwimlApp",
  id: /^AP[0-9a-f]{32}$/,
  missing: { id: missing },
  create: (name, args, options) => new TwimlApp(name, args as never, options),
  get: (name, id, options) => TwimlApp.get(name, id, options),
  args: (_fixture, friendlyName) => ({ friendlyName }),
  updates: {
    friendlyName: { values: ["Desk", "Reception"], required: true },
    voiceUrl: link,
    voiceMethod: method,
    voiceFallbackUrl: { ...link, args: beside("voiceUrl") },
    voiceFallbackMethod: method,
    statusCallback: link,
    statusCallbackMethod: method,
    voiceCallerIdLookup: flag,
    smsUrl: link,
    smsMethod: method,
    smsFallbackUrl: { ...link, args: beside("smsUrl") },
    smsFallbackMethod: method,
    messageStatusCallback: link,
    publicApplicationConnectEnabled: flag,
    apiVersion: { values: ["2008-08-01", "2010-04-01"], stays: true },
  },
  replacements: {},
  unsent: { onDelete: { values: ["retain", "delete"] }, adopt: { values: [undefined, missing] } },
  drift: {
    property: "voiceUrl",
    declared: url("declared"),
    change: ({ client }, id) => client.applications(id).update({ voiceUrl: url("by-hand") }),
  },
  fetch: async ({ client }, id) => (await fetchOrUndefined(client.applications(id).fetch()))?.toJSON(),
  remove: ({ client }, id) => client.applications(id).remove(),
  list: async ({ client }) => (await client.applications.list()).map(({ sid }) => sid),
};
