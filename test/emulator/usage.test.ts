import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const DAY = 86_400;
const NOT_FOUND = { status: 404, code: 20404 };
const INVALID = { status: 400, code: 20001 };

describe("usage records", () => {
  it("count messages and numbers in each period", async () => {
    const { records } = twilio.api.usage;
    const { phoneNumber } = await buyNumber(twilio);
    await twilio.api.messages.create({ from: phoneNumber, to: ALICE, body: "x" });
    await twilio.control.inbound(ALICE, phoneNumber, "hi");
    await twilio.control.inbound(ALICE, phoneNumber, "ho");
    const countsOf = (rows: { category: string; count: string }[]) =>
      Object.fromEntries(rows.map(({ category, count }) => [category, count]));
    const all = { phonenumbers: "1", sms: "3", "sms-inbound": "2", "sms-outbound": "1", totalprice: "0" };
    expect(countsOf(await records.list())).toEqual(all);
    expect(countsOf(await records.today.list())).toEqual(all);
    expect(countsOf(await records.yesterday.list({ category: "sms" }))).toEqual({ sms: "0" });
    await twilio.control.advance(DAY);
    expect(countsOf(await records.yesterday.list())).toEqual(all);
    await twilio.control.inbound(ALICE, phoneNumber, "hey");
    const daily = await records.daily.list({ category: "sms" });
    expect(daily.map(({ count }) => count)).toEqual(["1", "3"]);
    expect(daily.map(({ startDate }) => startDate)).toEqual(daily.map(({ endDate }) => endDate));
    const start = daily[0]?.startDate;
    expect((await records.list({ category: "sms", startDate: start })).map(({ count }) => count)).toEqual(["1"]);
    expect((await records.list({ category: "sms", endDate: daily[1]?.endDate })).map(({ count }) => count)).toEqual(["3"]);
    expect((await records.allTime.list({ category: "sms" })).map(({ count }) => count)).toEqual(["4"]);
    expect(await records.list({ category: "calls" })).toEqual([]);
  });

  it("cover whole months and years", async () => {
    const [month] = await twilio.api.usage.records.monthly.list({ category: "sms" });
    const [year] = await twilio.api.usage.records.yearly.list({ category: "sms" });
    const iso = (date: Date | undefined) => date?.toISOString().slice(0, 10);
    expect(iso(month?.startDate)).toMatch(/^\d{4}-\d\d-01$/);
    const next = new Date(Number(month?.endDate) + DAY * 1000);
    expect(iso(next)).toMatch(/^\d{4}-\d\d-01$/);
    expect([iso(year?.startDate), iso(year?.endDate)]).toEqual([
      expect.stringMatching(/^\d{4}-01-01$/),
      expect.stringMatching(/^\d{4}-12-31$/),
    ]);
  });
});

describe("usage triggers", () => {
  it("are stored with their defaults, and refused if they are incomplete", async () => {
    const { triggers } = twilio.api.usage;
    const trigger = { callbackUrl: "https://example.com/a", triggerValue: "+50", usageCategory: "sms" };
    const { sid } = await triggers.create({ ...trigger, recurring: "monthly" });
    await triggers.create({ ...trigger, recurring: "daily", triggerBy: "price", friendlyName: "x" });
    expect(await triggers(sid).fetch()).toMatchObject({
      triggerValue: "50",
      triggerBy: "usage",
      callbackMethod: "POST",
      friendlyName: null,
    });
    expect(await triggers.list({ recurring: "daily" })).toMatchObject([{ triggerBy: "price", friendlyName: "x" }]);
    expect(await triggers(sid).update({ callbackMethod: "GET" })).toMatchObject({ callbackMethod: "GET", usageCategory: "sms" });
    for (const wrong of [{ callbackUrl: "x" }, { triggerValue: "many" }, { usageCategory: "" }, { recurring: "hourly" as "daily" }])
      expect(await errorOf(triggers.create({ ...trigger, ...wrong }))).toMatchObject(INVALID);
    await triggers(sid).remove();
    expect(await errorOf(triggers(sid).fetch())).toMatchObject(NOT_FOUND);
  });
});

describe("outgoing caller IDs", () => {
  it("exist once their validation was requested", async () => {
    const { outgoingCallerIds, validationRequests } = twilio.api;
    const request = await validationRequests.create({ phoneNumber: ALICE, friendlyName: "Alice" });
    expect(request).toMatchObject({ phoneNumber: ALICE, validationCode: expect.stringMatching(/^\d{6}$/) });
    await validationRequests.create({ phoneNumber: ALICE });
    const listed = await outgoingCallerIds.list({ phoneNumber: ALICE });
    expect(listed).toMatchObject([{ phoneNumber: ALICE, friendlyName: "Alice" }]);
    expect(await outgoingCallerIds.list({ friendlyName: "Bob" })).toEqual([]);
    expect(await errorOf(validationRequests.create({ phoneNumber: "alice" }))).toMatchObject({ status: 400, code: 21421 });
    const [{ sid } = { sid: "" }] = listed;
    expect((await outgoingCallerIds(sid).update({ friendlyName: "A" })).friendlyName).toBe("A");
    await outgoingCallerIds(sid).remove();
    expect(await outgoingCallerIds.list()).toEqual([]);
  });
});

describe("tokens, notifications and add-ons", () => {
  it("have the form of Twilio's, and nothing behind them", async () => {
    expect(await twilio.api.tokens.create({ ttl: 60 })).toMatchObject({ ttl: "60", iceServers: expect.any(Array) });
    expect(await errorOf(twilio.api.tokens.create({ ttl: 0 }))).toMatchObject(INVALID);
    expect(await twilio.api.notifications.list()).toEqual([]);
    const number = twilio.api.incomingPhoneNumbers((await buyNumber(twilio)).sid);
    expect(await number.assignedAddOns.list()).toEqual([]);
    expect(await errorOf(number.assignedAddOns.create({ installedAddOnSid: `XE${"a".repeat(32)}` }))).toMatchObject(INVALID);
    const none = twilio.api.incomingPhoneNumbers(`PN${"0".repeat(32)}`);
    expect(await errorOf(none.assignedAddOns.list())).toMatchObject(NOT_FOUND);
  });
});
