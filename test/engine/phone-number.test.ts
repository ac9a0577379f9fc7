import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Conversation, ConversationService, Participant, PhoneNumber, type PhoneNumberArgs } from "../../src/index";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { Outcome } from "../support/engine";
import { conformance, expectNothing, expectOk, type Lab, openLab } from "./conformance";
import { type EmulatorClient, found } from "./twilio";

const search = { country: "US", type: "local", smsEnabled: true } as const;
const sid = (prefix: string, digit: number) => prefix + String(digit).repeat(32);
const url = (path: string) => `https://example.com/${path}`;
const addressProperty = { values: [url("one"), url("two")] as const };
const methodProperty = { values: ["GET", "POST"] as const, none: "POST" };
const reference = (prefix: string) => ({ values: [sid(prefix, 1), sid(prefix, 2)] as const });

/** Numbers for sale, by Twilio's client. */
const forSale = async ({ client }: EmulatorClient, limit: number) =>
  (await client.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit })).map(({ phoneNumber }) => phoneNumber);
const owned = ({ client }: EmulatorClient) => client.incomingPhoneNumbers.list();

let [first, second] = ["", ""];

conformance({
  definition: phoneNumber,
  type: "pulumi-nodejs:twilio/numbers:PhoneNumber",
  id: /^PN[0-9a-f]{32}$/,
  make: (name, args, options) => new PhoneNumber(name, args, options),
  get: (name, id) => PhoneNumber.get(name, id),
  prepare: async (twilio) => {
    [first, second] = (await forSale(twilio, 50)).slice(-2) as [string, string];
  },
  args: () => ({ search }),
  updates: {
    friendlyName: { values: ["Front desk", "Reception"], none: "pulumi proof/test/set-friendlyName" },
    smsUrl: addressProperty,
    smsMethod: methodProperty,
    smsFallbackUrl: addressProperty,
    smsFallbackMethod: methodProperty,
    smsApplicationSid: reference("AP"),
    voiceUrl: addressProperty,
    voiceMethod: methodProperty,
    voiceFallbackUrl: addressProperty,
    voiceFallbackMethod: methodProperty,
    voiceApplicationSid: reference("AP"),
    voiceCallerIdLookup: { values: [true, false], none: false },
    voiceReceiveMode: { values: ["fax", "voice"], none: "voice" },
    statusCallback: addressProperty,
    statusCallbackMethod: methodProperty,
    trunkSid: reference("TK"),
    emergencyStatus: { values: ["Active", "Inactive"], none: "Inactive" },
    emergencyAddressSid: reference("AD"),
    addressSid: reference("AD"),
    identitySid: reference("RI"),
    bundleSid: reference("BU"),
  },
  replaces: {
    phoneNumber: () => [{ phoneNumber: first }, { phoneNumber: second }],
  },
  silent: { onDelete: ["release", "retain"], "search.inRegion": [undefined, "CA"] },
  drift: {
    property: "smsUrl",
    declared: url("declared"),
    change: ({ client }, id) => client.incomingPhoneNumbers(id).update({ smsUrl: url("by-hand") }),
  },
  fetch: async ({ client }, id) => (await found(client.incomingPhoneNumbers(id).fetch()))?.toJSON(),
  remove: ({ client }, id) => client.incomingPhoneNumbers(id).remove(),
  list: owned,
  missing: sid("PN", 0),
  kept: /^PhoneNumber \+1\d{10} stays at Twilio, as onDelete: "retain" says\.$/,
});

describe("a number that is chosen by search", () => {
  let lab: Lab;
  let args: PhoneNumberArgs;
  let withPhone = false;

  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const number = new PhoneNumber("front-desk", args);
        if (!withPhone) return;
        const service = new ConversationService("support", { friendlyName: "Support" });
        const hello = new Conversation("hello", { service });
        new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
      },
    });
  });
  afterAll(() => lab.close());
  afterEach(() => lab.twilio.forgetFaults());

  /** What was said under the resource, by severity. */
  const said = ({ diagnostics }: Outcome, severity: string) =>
    diagnostics.filter((one) => one.urn.endsWith("::front-desk") && one.severity === severity).map(({ message }) => message);
  const buys = async () =>
    (await lab.twilio.calls()).filter(({ method, path }) => method === "POST" && path.endsWith("/IncomingPhoneNumbers.json"));
  const candidateOf = (outcome: Outcome) => /^will buy (\+\d+) /.exec(said(outcome, "info")[0] ?? "")?.[1] as string;

  it("is shown at preview with its place, what it can do and its monthly price, and that very one is bought", async () => {
    args = { search };
    const preview = await lab.stack.preview();
    expectOk(preview);
    const candidate = candidateOf(preview);
    const [offer] = await lab.twilio.client.availablePhoneNumbers("US").local.list({ contains: candidate.slice(1), limit: 1 });
    const prices = await lab.twilio.rest<{ phone_number_prices: { number_type: string; current_price: string }[] }>(
      "pricing.twilio.com/v1/PhoneNumbers/Countries/US",
    );
    const local = prices.phone_number_prices.find(({ number_type }) => number_type === "local");
    const can = Object.entries(offer?.capabilities ?? {}).flatMap(([name, able]) => (able ? [name.toLowerCase()] : []));
    expect(said(preview, "info")).toEqual([
      `will buy ${candidate} (${offer?.locality}, ${offer?.region}, US; ${can.join(", ")}) for ${local?.current_price} USD a month`,
    ]);
    expect(await lab.twilio.writes()).toEqual([]);

    // Whatever Twilio would offer first by now, what was shown is what is bought.
    const up = await lab.stack.up();
    expectOk(up);
    expect((await owned(lab.twilio)).map(({ phoneNumber }) => phoneNumber)).toEqual([candidate]);
    expect((await lab.stack.state())["front-desk"]?.outputs).toMatchObject({ phoneNumber: candidate, capabilities: { sms: true } });
    expect(said(up, "warning")).toEqual([]);
    expectNothing(await lab.stack.up());
  });

  it("stays the same when the conditions change later", async () => {
    const before = (await lab.stack.state())["front-desk"]?.id;
    await lab.twilio.forgetCalls();
    for (const changed of [{ search: { country: "GB", type: "mobile" } } as const, { areaCode: "415" }]) {
      args = changed;
      expectNothing(await lab.stack.up());
    }
    expect(await lab.twilio.calls()).toEqual([]);
    expect((await lab.stack.state())["front-desk"]?.id).toBe(before);
  });

  it("is kept by destroy, and used again by the next up without a purchase", async () => {
    args = { search };
    const [kept] = await owned(lab.twilio);
    expectOk(await lab.stack.destroy());
    expect((await owned(lab.twilio)).map(({ sid }) => sid)).toEqual([kept?.sid]);
    await lab.twilio.forgetCalls();
    const up = await lab.stack.up();
    expectOk(up);
    expect(await buys()).toEqual([]);
    expect((await lab.stack.state())["front-desk"]?.id).toBe(kept?.sid);
    expect(said(up, "info")).toEqual([
      `${kept?.phoneNumber} (${kept?.sid}) was bought for this resource before and is used again; nothing is bought.`,
    ]);
    expectNothing(await lab.stack.up());
  });

  it("is released by destroy where the program says so, with a word on how long it can be bought again", async () => {
    args = { search, onDelete: "release" };
    expectOk(await lab.stack.up());
    const [number] = await owned(lab.twilio);
    const destroyed = await lab.stack.destroy();
    expectOk(destroyed);
    expect(await owned(lab.twilio)).toEqual([]);
    expect(said(destroyed, "info")).toEqual([
      `${number?.phoneNumber} (${number?.sid}) goes back to Twilio; for ten days at most it can be bought again.`,
    ]);
  });

  it("is another one when somebody else was faster, with a warning; what uses it follows and is not replaced later", async () => {
    withPhone = true;
    args = { search };
    const planned = candidateOf(await lab.stack.preview());
    // Between preview and update somebody else buys it: Twilio refuses it, and offers it no more.
    const other = await lab.twilio.client.api.v2010.accounts.create({ friendlyName: "Somebody else" });
    await lab.twilio.client.api.v2010.accounts(other.sid).incomingPhoneNumbers.create({ phoneNumber: planned });
    // And the next one after the program was checked: then it is the purchase that is refused.
    const refused = { code: 21422, status: 400 };
    await lab.twilio.fault({ method: "POST", path: "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json", nth: 1, ...refused });
    const up = await lab.stack.up();
    expectOk(up);
    const next = candidateOf(up);
    const [bought, ...more] = await owned(lab.twilio);
    expect(more).toEqual([]);
    expect(new Set([planned, next, bought?.phoneNumber]).size).toBe(3);
    expect(said(up, "warning")).toEqual([
      `${planned}, which a preview has shown, is no longer for sale; ${next} takes its place.`,
      `${next} was gone by the time it was to be bought; ${bought?.phoneNumber} was bought instead.`,
    ]);
    const state = await lab.stack.state();
    expect(state["front-desk"]?.outputs.phoneNumber).toBe(bought?.phoneNumber);
    expect(state.mobile?.outputs.sms).toMatchObject({ proxyAddress: bought?.phoneNumber });

    // A change of the number itself is where its old outputs are not known to a preview.
    args = { search, smsUrl: url("sms") };
    const plan = await lab.stack.preview();
    expectOk(plan);
    expect(plan.changes).toEqual({ "front-desk": "update" });

    // On another machine nobody remembers what the preview had shown.
    args = { search };
    await rm(join(lab.stack.folder, "cache"), { recursive: true });
    expectNothing(await lab.stack.preview());
    await lab.twilio.forgetCalls();
    expectNothing(await lab.stack.up());
    expect(await lab.twilio.calls()).toEqual([]);
    const refreshed = await lab.stack.refresh();
    expectOk(refreshed);
    expect(refreshed.changes).toEqual({});
    expectNothing(await lab.stack.up());
  });

  it("is not bought where nothing fulfils the conditions: the preview says so", async () => {
    withPhone = false;
    expectOk(await lab.stack.destroy());
    for (const { sid } of await owned(lab.twilio)) await lab.twilio.client.incomingPhoneNumbers(sid).remove();
    args = { search: { ...search, contains: "555000000*" } };
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain(
      "property search value {map[contains:{555000000*} country:{US} smsEnabled:{true} type:{local}]} has a problem: no number for sale fulfils all conditions; nothing was bought.",
    );
  });
});

describe("several numbers of one program", () => {
  it("are different ones, and are bought as the preview shows them", async () => {
    const lab = await openLab({
      program: async () => {
        for (const name of ["one", "two", "three"]) new PhoneNumber(name, { search });
        new PhoneNumber("four", { areaCode: "415" });
        new PhoneNumber("five", { areaCode: "415" });
      },
    });
    try {
      const shown = Object.fromEntries(
        (await lab.stack.preview()).diagnostics.flatMap(({ urn, message }) => {
          const number = /^will buy (\+\d+) /.exec(message)?.[1];
          return number ? [[urn.split("::").at(-1) as string, number]] : [];
        }),
      );
      expect(new Set(Object.values(shown)).size).toBe(5);
      const up = await lab.stack.up();
      expectOk(up);
      expect(up.diagnostics.filter(({ severity }) => severity === "warning")).toEqual([]);
      const state = await lab.stack.state();
      for (const [name, number] of Object.entries(shown)) expect(state[name]?.outputs.phoneNumber).toBe(number);
      expect((await owned(lab.twilio)).map(({ phoneNumber }) => phoneNumber).sort()).toEqual(Object.values(shown).sort());
    } finally {
      await lab.close();
    }
  });
});

describe("a number that the account has", () => {
  it("is adopted by its SID or by the number itself, changed as declared, and kept by destroy", async () => {
    const lab = await openLab();
    try {
      const [one, two] = await forSale(lab.twilio, 2);
      const { incomingPhoneNumbers } = lab.twilio.client;
      const bySid = await incomingPhoneNumbers.create({ phoneNumber: one as string, friendlyName: "By hand" });
      const byNumber = await incomingPhoneNumbers.create({ phoneNumber: two as string, friendlyName: "By hand too" });
      let adopting = true;
      lab.stack.program = async () => {
        new PhoneNumber("by-sid", { ...(adopting ? { adopt: bySid.sid } : { phoneNumber: bySid.phoneNumber }), smsUrl: url("sms") });
        new PhoneNumber("by-number", adopting ? { adopt: byNumber.phoneNumber } : { phoneNumber: byNumber.phoneNumber });
      };
      expectOk(await lab.stack.up());
      const state = await lab.stack.state();
      expect([state["by-sid"]?.id, state["by-number"]?.id]).toEqual([bySid.sid, byNumber.sid]);
      expect(state["by-sid"]?.outputs.phoneNumber).toBe(bySid.phoneNumber);
      expect(await incomingPhoneNumbers(bySid.sid).fetch()).toMatchObject({ friendlyName: "By hand", smsUrl: url("sms") });
      expect(await owned(lab.twilio)).toHaveLength(2);
      expectNothing(await lab.stack.up());
      adopting = false;
      expectNothing(await lab.stack.up());
      expectOk(await lab.stack.destroy());
      expect(await owned(lab.twilio)).toHaveLength(2);

      // Asked to buy what is there already, it says how to take it over.
      const again = await lab.stack.up();
      expect(again.ok).toBe(false);
      expect(again.text).toContain(
        `${bySid.phoneNumber} is a number of this account already (${bySid.sid}); nothing was bought. Take it over with adopt: "${bySid.phoneNumber}". Its name is "By hand".`,
      );

      lab.stack.program = async () => void new PhoneNumber("nobody's", { adopt: sid("PN", 0) });
      const missing = await lab.stack.preview();
      expect(missing.ok).toBe(false);
      expect(missing.text).toContain(`there is no number ${sid("PN", 0)} in account ${lab.twilio.accountSid}`);
    } finally {
      await lab.close();
    }
  });
});
