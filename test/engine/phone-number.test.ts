import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Conversation, ConversationService, Participant, PhoneNumber, type PhoneNumberArgs } from "../../src/index";
import type { Outcome } from "../support/engine";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";
import type { EmulatorClient } from "./twilio";

const search = { country: "US", type: "local", smsEnabled: true } as const;
const missingSid = `PN${"0".repeat(32)}`;
const url = (path: string) => `https://example.com/${path}`;

/** Numbers that can be bought. */
const forSale = async ({ client }: EmulatorClient, limit: number) =>
  (await client.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit })).map(({ phoneNumber }) => phoneNumber);
const owned = ({ client }: EmulatorClient) => client.incomingPhoneNumbers.list();

describe("a PhoneNumber with a search", () => {
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

  /** The messages of this severity that belong to the resource. */
  const messagesOf = ({ diagnostics }: Outcome, severity: string) =>
    diagnostics.filter((one) => one.urn.endsWith("::front-desk") && one.severity === severity).map(({ message }) => message);
  const purchases = async () =>
    (await lab.twilio.calls()).filter(({ method, path }) => method === "POST" && path.endsWith("/IncomingPhoneNumbers.json"));
  const candidateOf = (outcome: Outcome) => /^will buy (\+\d+) /.exec(messagesOf(outcome, "info")[0] ?? "")?.[1] as string;

  it("previews the number, its place, its capabilities and its monthly price, and the update buys that number", async () => {
    args = { search };
    const preview = await lab.stack.preview();
    expectOk(preview);
    const candidate = candidateOf(preview);
    const [offer] = await lab.twilio.client.availablePhoneNumbers("US").local.list({ contains: candidate.slice(1), limit: 1 });
    const prices = await lab.twilio.rest<{ phone_number_prices: { number_type: string; current_price: string }[] }>(
      "pricing.twilio.com/v1/PhoneNumbers/Countries/US",
    );
    const local = prices.phone_number_prices.find(({ number_type }) => number_type === "local");
    const capabilities = Object.entries(offer?.capabilities ?? {}).flatMap(([name, isCapable]) => (isCapable ? [name.toLowerCase()] : []));
    expect(messagesOf(preview, "info")).toEqual([
      `will buy ${candidate} (${offer?.locality}, ${offer?.region}, US; ${capabilities.join(", ")}) for ${local?.current_price} USD a month`,
    ]);
    expect(await lab.twilio.writes()).toEqual([]);

    // The update buys the number that the preview showed, even if Twilio now offers another one first.
    const up = await lab.stack.up();
    expectOk(up);
    expect((await owned(lab.twilio)).map(({ phoneNumber }) => phoneNumber)).toEqual([candidate]);
    expect((await lab.stack.state())["front-desk"]?.outputs).toMatchObject({ phoneNumber: candidate, capabilities: { sms: true } });
    expect(messagesOf(up, "warning")).toEqual([]);
    expectNothing(await lab.stack.up());
  });

  it("keeps its number when the conditions change", async () => {
    const before = (await lab.stack.state())["front-desk"]?.id;
    await lab.twilio.forgetCalls();
    for (const changed of [{ search: { country: "GB", type: "mobile" } } as const, { areaCode: "415" }]) {
      args = changed;
      expectNothing(await lab.stack.up());
    }
    expect(await lab.twilio.calls()).toEqual([]);
    expect((await lab.stack.state())["front-desk"]?.id).toBe(before);
  });

  it("is kept by destroy, and then used again as an adopted number, which a destroy keeps again, whatever onDelete says", async () => {
    args = { search };
    const [kept] = await owned(lab.twilio);
    expectOk(await lab.stack.destroy());
    expect((await owned(lab.twilio)).map(({ sid }) => sid)).toEqual([kept?.sid]);
    await lab.twilio.forgetCalls();
    args = { search, onDelete: "release" };
    const preview = await lab.stack.preview();
    expect(messagesOf(preview, "warning")).toEqual([
      `${kept?.phoneNumber} (${kept?.sid}) carries the mark of this resource and is used again; nothing is bought. Nothing shows that this stack ` +
        "has it now, so it is treated as adopted: a destroy keeps it. To own it fully, declare " +
        `adopt: "${kept?.phoneNumber}" in place of the search, and onDelete: "release".`,
    ]);
    const up = await lab.stack.up();
    expectOk(up);
    expect(messagesOf(up, "warning")).toEqual(expect.arrayContaining(messagesOf(preview, "warning")));
    expect(await purchases()).toEqual([]);
    expect((await lab.stack.state())["front-desk"]?.id).toBe(kept?.sid);
    expectNothing(await lab.stack.up());
    const destroyed = await lab.stack.destroy();
    expectOk(destroyed);
    expect(messagesOf(destroyed, "info").join()).toContain("stays at Twilio");
    expect((await owned(lab.twilio)).map(({ sid }) => sid)).toEqual([kept?.sid]);
  });

  it("is owned fully once the program adopts it; destroy then releases it, and a message says how long it can be bought again", async () => {
    args = { search };
    expectOk(await lab.stack.up());
    const [number] = await owned(lab.twilio);
    await lab.twilio.forgetCalls();
    args = { adopt: number?.phoneNumber as string, onDelete: "release" };
    const up = await lab.stack.up();
    expectOk(up);
    expect(up.changes).toEqual({ "front-desk": "update" });
    expect(await lab.twilio.writes()).toEqual([]);
    expectNothing(await lab.stack.up());
    const destroyed = await lab.stack.destroy();
    expectOk(destroyed);
    expect(await owned(lab.twilio)).toEqual([]);
    expect(messagesOf(destroyed, "info")).toEqual([
      `${number?.phoneNumber} (${number?.sid}) is released; it can be bought again for at most ten days.`,
    ]);
  });

  it("buys another number with a warning when somebody else bought the first, and its participant is not replaced later", async () => {
    withPhone = true;
    args = { search };
    const planned = candidateOf(await lab.stack.preview());
    // Somebody else buys it between preview and update, so Twilio no longer offers it.
    const other = await lab.twilio.client.api.v2010.accounts.create({ friendlyName: "Somebody else" });
    await lab.twilio.client.api.v2010.accounts(other.sid).incomingPhoneNumbers.create({ phoneNumber: planned });
    // And somebody buys the next one after the program was checked, so Twilio rejects the purchase.
    const refused = { code: 21422, status: 400 };
    await lab.twilio.fault({ method: "POST", path: "/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json", nth: 1, ...refused });
    const up = await lab.stack.up();
    expectOk(up);
    const next = candidateOf(up);
    const [bought, ...more] = await owned(lab.twilio);
    expect(more).toEqual([]);
    expect(new Set([planned, next, bought?.phoneNumber]).size).toBe(3);
    expect(messagesOf(up, "warning")).toEqual([
      `${planned}, which a preview has shown, is no longer for sale; ${next} replaces it.`,
      `${next} was no longer for sale; ${bought?.phoneNumber} was bought instead.`,
    ]);
    const state = await lab.stack.state();
    expect(state["front-desk"]?.outputs.phoneNumber).toBe(bought?.phoneNumber);
    expect(state.mobile?.outputs.sms).toMatchObject({ proxyAddress: bought?.phoneNumber });

    // While the number itself changes, a preview does not know its outputs.
    args = { search, smsUrl: url("sms") };
    const plan = await lab.stack.preview();
    expectOk(plan);
    expect(plan.changes).toEqual({ "front-desk": "update" });

    // Another machine has no note of what the preview showed.
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

  it("fails at preview when no number meets the conditions", async () => {
    withPhone = false;
    expectOk(await lab.stack.destroy());
    for (const { sid } of await owned(lab.twilio)) await lab.twilio.client.incomingPhoneNumbers(sid).remove();
    args = { search: { ...search, contains: "555000000*" } };
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain(
      "has a problem: search must match a number for sale; none matches, and nothing was bought. Declare fewer conditions, or another area or type",
    );
  });
});

describe("several PhoneNumbers of one program", () => {
  it("get different numbers, which are those that the preview shows", async () => {
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

describe("one inline program that runs with two backends", () => {
  it("has a number in each: its own environment does not tell the backends apart, but the engine's does", async () => {
    const program = async () => void new PhoneNumber("front-desk", { search });
    const lab = await openLab({ program });
    const other = await openLab({ program, twilio: lab.twilio });
    try {
      expectOk(await lab.stack.up());
      expectOk(await other.stack.up());
      const ids = [(await lab.stack.state())["front-desk"]?.id, (await other.stack.state())["front-desk"]?.id];
      expect((await owned(lab.twilio)).map(({ sid }) => sid).sort()).toEqual(ids.sort());
      expect(new Set(ids).size).toBe(2);
    } finally {
      await other.close();
      await lab.close();
    }
  });
});

describe("a number that belongs to the account already", () => {
  it("is adopted by its SID or by the number itself, updated as declared, and kept by destroy", async () => {
    const lab = await openLab();
    try {
      const [one, two] = await forSale(lab.twilio, 2);
      const { incomingPhoneNumbers } = lab.twilio.client;
      const bySid = await incomingPhoneNumbers.create({ phoneNumber: one as string, friendlyName: "By hand" });
      const byNumber = await incomingPhoneNumbers.create({ phoneNumber: two as string, friendlyName: "By hand too" });
      let isAdopted = true;
      lab.stack.program = async () => {
        new PhoneNumber("by-sid", { ...(isAdopted ? { adopt: bySid.sid } : { phoneNumber: bySid.phoneNumber }), smsUrl: url("sms") });
        new PhoneNumber("by-number", isAdopted ? { adopt: byNumber.phoneNumber } : { phoneNumber: byNumber.phoneNumber });
      };
      expectOk(await lab.stack.up());
      const state = await lab.stack.state();
      expect([state["by-sid"]?.id, state["by-number"]?.id]).toEqual([bySid.sid, byNumber.sid]);
      expect(state["by-sid"]?.outputs.phoneNumber).toBe(bySid.phoneNumber);
      expect(await incomingPhoneNumbers(bySid.sid).fetch()).toMatchObject({ friendlyName: "By hand", smsUrl: url("sms") });
      expect(await owned(lab.twilio)).toHaveLength(2);
      expectNothing(await lab.stack.up());
      isAdopted = false;
      expectNothing(await lab.stack.up());
      expectOk(await lab.stack.destroy());
      expect(await owned(lab.twilio)).toHaveLength(2);

      // A purchase of a number that the account has fails, and the error says how to adopt it.
      const again = await lab.stack.up();
      expect(again.ok).toBe(false);
      expect(again.text).toContain(
        `${bySid.phoneNumber} already belongs to this account (${bySid.sid}); nothing was bought. To adopt it, declare adopt: "${bySid.phoneNumber}".`,
      );

      lab.stack.program = async () => void new PhoneNumber("missing", { adopt: missingSid });
      const missing = await lab.stack.preview();
      expect(missing.ok).toBe(false);
      expect(missing.text).toContain(`must name a PhoneNumber of account ${lab.twilio.accountSid}; there is none`);
    } finally {
      await lab.close();
    }
  });
});
