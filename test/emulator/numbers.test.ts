import { describe, expect, it } from "vitest";
import { startEmulator } from "../../src/emulator";
import { connect, errorOf } from "./support/client";
import { buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const ALL = { limit: 500, pageSize: 500 };
const kinds = (country: string) => ({
  local: (options: object) => search(country).local.list({ ...ALL, ...options }),
  mobile: (options: object) => search(country).mobile.list({ ...ALL, ...options }),
  tollFree: (options: object) => search(country).tollFree.list({ ...ALL, ...options }),
});
const place = { customerName: "Shop", street: "1 A St", city: "Oakland", region: "CA", postalCode: "94105", isoCountry: "US" };
/** An address of the account. */
const address = async () => (await twilio.api.addresses.create(place)).sid;
const search = (country = "US") => twilio.api.availablePhoneNumbers(country);

describe("the search for numbers", () => {
  it("lists countries with their types of numbers", async () => {
    const countries = await twilio.api.availablePhoneNumbers.list();
    expect(countries.map(({ countryCode }) => countryCode)).toEqual(expect.arrayContaining(["US", "CA", "GB", "DE", "SE", "AU", "FR"]));
    const kinds = Object.fromEntries(countries.map((country) => [country.countryCode, Object.keys(country.subresourceUris)]));
    expect(kinds.US).toEqual(["local", "toll_free"]);
    expect(kinds.GB).toEqual(["local", "mobile", "toll_free"]);
    expect(await search("SE").fetch()).toMatchObject({ country: "Sweden", countryCode: "SE" });
    expect(await errorOf(search("ZZ").fetch())).toMatchObject({ status: 404, code: 20404 });
  });

  it("finds numbers of each type a country has, and returns 404 for other types", async () => {
    expect(await search().local.list()).toHaveLength(30);
    expect((await search().tollFree.list({ limit: 3 })).every(({ phoneNumber }) => /^\+18(00|33|44|55)/.test(phoneNumber))).toBe(true);
    expect((await search("GB").mobile.list({ limit: 3 })).every(({ phoneNumber }) => phoneNumber.startsWith("+447700900"))).toBe(true);
    for (const call of [
      () => search().mobile.list(),
      () => search().national.list(),
      () => search().voip.list(),
      () => search().sharedCost.list(),
      () => search().machineToMachine.list(),
    ]) {
      expect(await errorOf(call())).toMatchObject({ status: 404 });
    }
  });

  it("filters by area code, pattern and capability", async () => {
    const inArea = await search().local.list({ areaCode: 510 });
    expect(inArea).toHaveLength(30);
    expect(inArea.every(({ phoneNumber }) => phoneNumber.startsWith("+1510555"))).toBe(true);
    expect(inArea[0]).toMatchObject({
      isoCountry: "US",
      region: "CA",
      locality: "Oakland",
      postalCode: "94612",
      addressRequirements: "none",
    });
    expect(inArea[0]?.friendlyName).toMatch(/^\(510\) 555-\d{4}$/);
    expect(await search().local.list({ areaCode: 999 })).toEqual([]);

    for (const [contains, pattern] of [
      ["+1510555010*", /^\+1510555010\d$/],
      ["0123$", /0123$/],
      ["415%99", /415\d*99/],
      ["KLM", /556/],
    ] as const) {
      const found = await search().local.list({ contains, limit: 20, pageSize: 20 });
      expect(found.length, contains).toBeGreaterThan(0);
      expect(
        found.every(({ phoneNumber }) => pattern.test(phoneNumber)),
        contains,
      ).toBe(true);
    }
    expect(await errorOf(search().local.list({ contains: "5" }))).toMatchObject({ status: 400 });
    expect(await search().local.list({ contains: "55", limit: 1, pageSize: 1 })).toHaveLength(1);
    expect(await errorOf(search().local.list({ contains: "12 34" }))).toMatchObject({ status: 400 });
    expect(await errorOf(search().local.list({ contains: "12345678901234567" }))).toMatchObject({ status: 400 });

    for (const [option, key] of [
      ["smsEnabled", "sms"],
      ["mmsEnabled", "mms"],
      ["faxEnabled", "fax"],
    ] as const) {
      for (const wanted of [true, false]) {
        const found = await search().local.list({ [option]: wanted, limit: 100, pageSize: 100 });
        expect(found.length).toBeGreaterThan(10);
        expect(found.every(({ capabilities }) => capabilities[key] === wanted)).toBe(true);
      }
    }
    expect((await search("DE").local.list({ smsEnabled: true })).length).toBe(0);
    expect((await search("DE").mobile.list({ smsEnabled: true })).length).toBeGreaterThan(0);
    expect((await search().local.list({ voiceEnabled: true, limit: 5 })).length).toBe(5);
  });

  it("filters by location", async () => {
    const all = { limit: 1000, pageSize: 1000 };
    const places = async (options: object) => new Set((await search().local.list({ ...all, ...options })).map(({ locality }) => locality));
    expect(await places({ inRegion: "WA" })).toEqual(new Set(["Seattle", "Tacoma"]));
    expect(await places({ inLocality: "austin" })).toEqual(new Set(["Austin"]));
    expect(await places({ inPostalCode: "94103" })).toEqual(new Set(["San Francisco"]));
    expect(await places({ inRateCenter: "OAKLAND" })).toEqual(new Set(["Oakland"]));
    expect(await places({ inLata: "674" })).toEqual(new Set(["Seattle", "Tacoma"]));
    expect(await places({ nearLatLong: "47.6,-122.3", distance: 10 })).toEqual(new Set(["Seattle"]));
    expect(await places({ nearLatLong: "47.6,-122.3", distance: 60 })).toEqual(new Set(["Seattle", "Tacoma"]));
    expect(await places({ nearNumber: "+12065550100", distance: 40 })).toEqual(new Set(["Seattle", "Tacoma"]));
    expect(await places({ nearNumber: "+19995550100" })).toEqual(new Set());
    expect(await errorOf(search().local.list({ nearLatLong: "here" }))).toMatchObject({ status: 400 });
    expect(await errorOf(search().local.list({ nearLatLong: "1,1", distance: 501 }))).toMatchObject({ status: 400 });
  });

  it("filters by address requirements and beta", async () => {
    const requirements = async (country: string, kind: "local" | "mobile" | "tollFree", options: object) =>
      new Set((await kinds(country)[kind](options)).map(({ addressRequirements }) => addressRequirements));
    expect(await requirements("DE", "local", {})).toEqual(new Set(["local"]));
    expect(await requirements("DE", "local", { excludeLocalAddressRequired: true })).toEqual(new Set());
    expect(await requirements("DE", "local", { excludeForeignAddressRequired: true })).toEqual(new Set(["local"]));
    expect(await requirements("SE", "tollFree", { excludeForeignAddressRequired: true })).toEqual(new Set());
    expect(await requirements("FR", "mobile", { excludeAllAddressRequired: true })).toEqual(new Set());
    expect(await requirements("FR", "mobile", { excludeAllAddressRequired: false })).toEqual(new Set(["any"]));

    // Each search for more than 30 numbers returns other ones.
    const beta = async (value?: boolean) => {
      const pages = await Promise.all(Array.from({ length: 20 }, () => search().local.list({ ...ALL, beta: value })));
      return pages.flat().filter((number) => number.beta).length;
    };
    expect(await beta()).toBeGreaterThan(0);
    expect(await beta(false)).toBe(0);
  });

  it("offers the same numbers for the same seed and different numbers for different seeds", async () => {
    const offer = async (seed?: string) => {
      const emulator = await startEmulator({ seed });
      const found = await connect(emulator).api.availablePhoneNumbers("US").local.list({ limit: 20, pageSize: 20 });
      await emulator.close();
      return found.map(({ phoneNumber }) => phoneNumber);
    };
    expect(await offer("one")).toEqual(await offer("one"));
    expect(await offer("one")).not.toEqual(await offer("two"));
  });
});

describe("owned numbers", () => {
  it("are not available while they are owned, and available again after release", async () => {
    const contains = "+14155550123";
    expect(await search().local.list({ contains })).toHaveLength(1);
    const number = await twilio.api.incomingPhoneNumbers.create({ phoneNumber: contains });
    expect(number).toMatchObject({
      phoneNumber: contains,
      friendlyName: "(415) 555-0123",
      origin: "twilio",
      status: "in-use",
      type: "local",
      smsMethod: "POST",
      emergencyStatus: "Inactive",
    });
    expect(twilio.http.last().body).toMatchObject({
      date_created: expect.stringMatching(/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} \+0000$/),
    });
    expect(await search().local.list({ contains })).toHaveLength(0);
    expect(await errorOf(twilio.api.incomingPhoneNumbers.create({ phoneNumber: contains }))).toMatchObject({ status: 400, code: 21422 });

    expect(await twilio.api.incomingPhoneNumbers(number.sid).remove()).toBe(true);
    expect(await errorOf(twilio.api.incomingPhoneNumbers(number.sid).fetch())).toMatchObject({ status: 404, code: 20404 });
    expect(await errorOf(twilio.api.incomingPhoneNumbers(number.sid).remove())).toMatchObject({ status: 404 });
    expect(await search().local.list({ contains })).toHaveLength(1);
    expect((await twilio.api.incomingPhoneNumbers.create({ phoneNumber: contains })).sid).not.toBe(number.sid);
  });

  it("can be bought by area code", async () => {
    const number = await twilio.api.incomingPhoneNumbers.create({ areaCode: "212" });
    expect(number.phoneNumber).toMatch(/^\+1212555/);
    expect((await twilio.api.incomingPhoneNumbers.create({ areaCode: "212" })).phoneNumber).not.toBe(number.phoneNumber);
  });

  it("are rejected with Twilio's error for each reason they cannot be bought", async () => {
    const buy = (options: object) => errorOf(twilio.api.incomingPhoneNumbers.create(options));
    expect(await buy({ areaCode: "999" })).toMatchObject({ status: 400, code: 21452 });
    expect(await buy({ areaCode: "x" })).toMatchObject({ status: 400, code: 21451 });
    expect(await buy({ phoneNumber: "not-a-number" })).toMatchObject({ status: 400, code: 21421 });
    expect(await buy({})).toMatchObject({ status: 400, code: 21421 });
    expect(await buy({ phoneNumber: "+15005550000" })).toMatchObject({ status: 400, code: 21422 });
    expect(await buy({ phoneNumber: "+14155550100", areaCode: "415" })).toMatchObject({ status: 400, code: 21421 });
    expect(await buy({ phoneNumber: "+14155550100", friendlyName: "x".repeat(65) })).toMatchObject({ status: 400 });
    expect(await buy({ phoneNumber: "+14155550100", smsUrl: "not a url" })).toMatchObject({ status: 400 });
    const german = (await search("DE").mobile.list({ limit: 1 }))[0]?.phoneNumber;
    expect(await buy({ phoneNumber: german })).toMatchObject({ status: 400, code: 21631 });
    const addressSid = await address();
    expect(await twilio.api.incomingPhoneNumbers.create({ phoneNumber: german, addressSid })).toMatchObject({ addressSid, type: "mobile" });
  });

  it("need a bundle where Twilio lists a regulation for their country and type", async () => {
    const { regulations } = twilio.client.numbers.v2.regulatoryCompliance;
    const of = async (options: object) => (await regulations.list(options)).map(({ friendlyName }) => friendlyName);
    expect(await of({ isoCountry: "AU", numberType: "mobile" })).toEqual([
      "Australia: Mobile - Individual",
      "Australia: Mobile - Business",
    ]);
    expect(await of({ isoCountry: "AU", numberType: "local", endUserType: "business" })).toEqual(["Australia: Local - Business"]);
    expect(await of({ isoCountry: "US" })).toEqual([]);
    const [first, second] = (await search("AU").mobile.list({ limit: 2 })).map(({ phoneNumber }) => phoneNumber);
    const addressSid = await address();
    expect(await errorOf(twilio.api.incomingPhoneNumbers.create({ phoneNumber: first, addressSid }))).toMatchObject({ code: 21649 });
    const bundleSid = `BU${"b".repeat(32)}`;
    expect(await twilio.api.incomingPhoneNumbers.create({ phoneNumber: second, bundleSid })).toMatchObject({ bundleSid });
  });

  it("need a bundle or an address where the country requires one", async () => {
    const offered = await search("DE").mobile.list({ limit: 2 });
    const [first, second] = offered.map(({ phoneNumber }) => phoneNumber);
    const [bundleSid, addressSid] = [`BU${"b".repeat(32)}`, await address()];
    expect(await twilio.api.incomingPhoneNumbers.create({ phoneNumber: first, bundleSid })).toMatchObject({ bundleSid, addressSid: null });
    expect(await twilio.api.incomingPhoneNumbers.create({ phoneNumber: second, addressSid })).toMatchObject({
      addressSid,
      bundleSid: null,
    });
  });

  it("store all settings and clear settings with an empty value", async () => {
    const { sid } = await buyNumber(twilio);
    const settings = {
      friendlyName: "Front desk",
      smsUrl: "https://example.com/sms",
      smsMethod: "GET",
      smsFallbackUrl: "https://example.com/sms-fallback",
      smsFallbackMethod: "GET",
      smsApplicationSid: `AP${"1".repeat(32)}`,
      voiceUrl: "https://example.com/voice",
      voiceMethod: "GET",
      voiceFallbackUrl: "https://example.com/voice-fallback",
      voiceFallbackMethod: "GET",
      voiceApplicationSid: `AP${"2".repeat(32)}`,
      voiceCallerIdLookup: true,
      statusCallback: "https://example.com/status",
      statusCallbackMethod: "GET",
      emergencyStatus: "Active" as const,
      emergencyAddressSid: await address(),
      addressSid: await address(),
      identitySid: `RI${"5".repeat(32)}`,
      bundleSid: `BU${"6".repeat(32)}`,
    };
    const updated = await twilio.api.incomingPhoneNumbers(sid).update({ ...settings, voiceReceiveMode: "fax" });
    expect(updated).toMatchObject(settings);
    expect(await twilio.api.incomingPhoneNumbers(sid).fetch()).toMatchObject(settings);
    expect(twilio.http.last().body).toMatchObject({ voice_receive_mode: "fax", emergency_address_status: "registered" });

    const trunkSid = `TK${"7".repeat(32)}`;
    expect(await twilio.api.incomingPhoneNumbers(sid).update({ trunkSid })).toMatchObject({ trunkSid, voiceApplicationSid: null });
    const { voiceApplicationSid } = settings;
    expect(await twilio.api.incomingPhoneNumbers(sid).update({ voiceApplicationSid })).toMatchObject({
      trunkSid: null,
      voiceApplicationSid,
    });
    expect(await twilio.api.incomingPhoneNumbers(sid).update({ smsUrl: "", addressSid: "" })).toMatchObject({
      smsUrl: null,
      addressSid: null,
    });
    expect(await errorOf(twilio.api.incomingPhoneNumbers(sid).update({ smsMethod: "PUT" }))).toMatchObject({ status: 400 });
    expect(await errorOf(twilio.api.incomingPhoneNumbers(sid).update({ smsApplicationSid: "AP1" }))).toMatchObject({ status: 400 });
  });

  it("are listed newest first and can be filtered by pattern, name, origin and type", async () => {
    const first = await twilio.api.incomingPhoneNumbers.create({ phoneNumber: "+14155550101", friendlyName: "desk" });
    const second = await twilio.api.incomingPhoneNumbers.create({ phoneNumber: "+12125550101" });
    const third = await twilio.api.incomingPhoneNumbers.create({ phoneNumber: "+18005550101" });
    const sids = async (options: object) => (await twilio.api.incomingPhoneNumbers.list(options)).map(({ sid }) => sid);
    expect(await sids({})).toEqual([third.sid, second.sid, first.sid]);
    expect(await sids({ phoneNumber: "+14155550101" })).toEqual([first.sid]);
    expect(await sids({ phoneNumber: "555" })).toHaveLength(3);
    expect(await sids({ phoneNumber: "+1*1*555" })).toEqual([second.sid, first.sid]);
    expect(await sids({ friendlyName: "desk" })).toEqual([first.sid]);
    expect(await sids({ friendlyName: "des" })).toEqual([]);
    expect(await sids({ origin: "twilio" })).toHaveLength(3);
    expect(await sids({ origin: "hosted" })).toEqual([]);
    expect((await twilio.api.incomingPhoneNumbers.local.list()).map(({ sid }) => sid)).toEqual([second.sid, first.sid]);
    expect((await twilio.api.incomingPhoneNumbers.tollFree.list()).map(({ sid }) => sid)).toEqual([third.sid]);
    expect(await twilio.api.incomingPhoneNumbers.mobile.list()).toEqual([]);
  });

  it("can be bought under a type's path only if they have that type", async () => {
    expect(await twilio.api.incomingPhoneNumbers.local.create({ phoneNumber: "+14155550102" })).toMatchObject({
      phoneNumber: "+14155550102",
    });
    expect(await errorOf(twilio.api.incomingPhoneNumbers.tollFree.create({ phoneNumber: "+14155550103" }))).toMatchObject({ code: 21422 });
    expect(await twilio.api.incomingPhoneNumbers.tollFree.create({ phoneNumber: "+18005550103" })).toMatchObject({ origin: "twilio" });
    const swede = (await search("SE").mobile.list({ limit: 1 }))[0]?.phoneNumber ?? "";
    expect(await twilio.api.incomingPhoneNumbers.mobile.create({ phoneNumber: swede })).toMatchObject({ phoneNumber: swede });
  });
});

describe("prices of numbers", () => {
  it("are labeled as sample prices", async () => {
    const countries = await twilio.client.pricing.v1.phoneNumbers.countries.list();
    expect(countries.map(({ isoCountry }) => isoCountry)).toEqual(expect.arrayContaining(["US", "SE"]));
    const us = await twilio.client.pricing.v1.phoneNumbers.countries("us").fetch();
    expect(us.phoneNumberPrices).toContainEqual(expect.objectContaining({ numberType: "local", currentPrice: "1.15" }));
    expect(twilio.http.last().headers["x-emulator-sample-prices"]).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(await errorOf(twilio.client.pricing.v1.phoneNumbers.countries("ZZ").fetch())).toMatchObject({ status: 404, code: 20404 });
  });
});
