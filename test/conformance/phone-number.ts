import { expect } from "vitest";
import { PhoneNumber } from "../../src/index";
import { phoneNumber } from "../../src/numbers/phone-number";
import { fetchOrUndefined } from "../engine/twilio";
import type { Fixture, Prepared } from "./fixture";
import type { Known, Subject } from "./subject";

const sid = (prefix: string, digit: number) => prefix + String(digit).repeat(32);
const url = (path: string) => `https://example.com/${path}`;
const link = { values: [url("one"), url("two")] as const };
const method = { values: ["GET", "POST"] as const, unset: "POST" };
const application = {
  values: [({ applications: [one] }: Fixture) => one, ({ applications: [, two] }: Fixture) => two] as const,
  expected: [({ applications: [one] }: Known) => one, ({ applications: [, two] }: Known) => two] as const,
};
const reference = (prefix: string) => ({ values: [sid(prefix, 1), sid(prefix, 2)] as const });

const addressAt =
  (index: 0 | 1) =>
  ({ addresses }: Prepared) =>
    addresses[index];
const addresses = [addressAt(0), addressAt(1)] as const;

export const phoneNumberSubject: Subject = {
  definition: phoneNumber,
  type: "pulumi-nodejs:twilio/numbers:PhoneNumber",
  id: /^PN[0-9a-f]{32}$/,
  missing: { id: sid("PN", 0) },
  create: (name, args, options) => new PhoneNumber(name, args, options),
  get: (name, id, options) => PhoneNumber.get(name, id, options),
  args: () => ({ search: { country: "US", type: "local", smsEnabled: true } }),
  updates: {
    friendlyName: { values: ["Front desk", "Reception"], unset: expect.stringMatching(/^pulumi proof\/test\/phone-number-update-/) },
    smsUrl: link,
    smsMethod: method,
    smsFallbackUrl: link,
    smsFallbackMethod: method,
    smsApplicationSid: application,
    voiceUrl: link,
    voiceMethod: method,
    voiceFallbackUrl: link,
    voiceFallbackMethod: method,
    voiceApplicationSid: application,
    voiceCallerIdLookup: { values: [true, false], unset: false },
    voiceReceiveMode: { values: ["fax", "voice"], unset: "voice" },
    statusCallback: link,
    statusCallbackMethod: method,
    trunkSid: reference("TK"),
    emergencyStatus: { values: ["Active", "Inactive"], unset: "Inactive" },
    emergencyAddressSid: { values: addresses, expected: addresses },
    addressSid: { values: addresses, expected: addresses },
    identitySid: reference("RI"),
    bundleSid: reference("BU"),
  },
  replacements: {
    phoneNumber: ({ numbersForSale: [one, two] }) => [{ phoneNumber: one }, { phoneNumber: two }],
  },
  unsent: { onDelete: { values: ["release", "retain"] }, "search.inRegion": { values: [undefined, "CA"] } },
  drift: {
    property: "smsUrl",
    declared: url("declared"),
    change: ({ client }, id) => client.incomingPhoneNumbers(id).update({ smsUrl: url("by-hand") }),
  },
  fetch: async ({ client }, id) => (await fetchOrUndefined(client.incomingPhoneNumbers(id).fetch()))?.toJSON(),
  remove: ({ client }, id) => client.incomingPhoneNumbers(id).remove(),
  list: async ({ client }) => (await client.incomingPhoneNumbers.list()).map((number) => number.sid),
  kept: /^PhoneNumber \+1\d{10} stays at Twilio: onDelete: "retain"(, the default)?\.$/,
};
