import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const SAMPLE = { "x-emulator-sample-prices": expect.stringMatching(/^\d{4}-\d\d-\d\d$/) };
const NOT_FOUND = { status: 404, code: 20404 };
const AMOUNT = expect.stringMatching(/^\d+\.\d+$/);

type Body = Record<string, unknown> & Record<`${string}_prices`, Record<string, unknown>[]>;

/** The response's body as Twilio sends it. It says that its prices are samples. */
async function bodyOf(call: Promise<unknown>): Promise<Body> {
  await call;
  const { body, headers } = twilio.http.last();
  expect(headers).toMatchObject(SAMPLE);
  return body as Body;
}

const typesOf = (prices: Record<string, unknown>[] = []) => prices.map(({ number_type }) => number_type);

describe("sample prices of messages", () => {
  it("are per carrier and per type of number, in every country that has prices of numbers", async () => {
    const { messaging, phoneNumbers } = twilio.client.pricing.v1;
    const countries = (await messaging.countries.list()).map(({ isoCountry }) => isoCountry);
    expect(countries).toEqual((await phoneNumbers.countries.list()).map(({ isoCountry }) => isoCountry));
    for (const country of countries) {
      const prices = await bodyOf(messaging.countries(country).fetch());
      const url = `https://pricing.twilio.com/v1/Messaging/Countries/${country}`;
      expect(prices).toMatchObject({ iso_country: country, price_unit: "USD", url });
      const codes = { mcc: expect.stringMatching(/^\d{3}$/), mnc: expect.stringMatching(/^\d{2,3}$/) };
      expect(prices.outbound_sms_prices?.[0]).toMatchObject({ carrier: expect.any(String), ...codes });
      const sold = await bodyOf(phoneNumbers.countries(country).fetch());
      expect(typesOf(prices.inbound_sms_prices)).toEqual(typesOf(sold.phone_number_prices));
    }
    expect(await errorOf(messaging.countries("XX").fetch())).toMatchObject(NOT_FOUND);
  });
});

describe("sample prices of calls", () => {
  it("are per prefix and per type of number, in both versions", async () => {
    const { v1, v2 } = twilio.client.pricing;
    const codes = (await v1.voice.countries.list()).map(({ isoCountry }) => isoCountry);
    expect((await v2.voice.countries.list()).map(({ isoCountry }) => isoCountry)).toEqual(codes);
    expect((await v2.countries.list()).map(({ isoCountry }) => isoCountry)).toEqual(codes);
    const older = await bodyOf(v1.voice.countries("GB").fetch());
    expect(older.outbound_prefix_prices?.[0]).toMatchObject({ prefixes: ["44"], base_price: AMOUNT, current_price: AMOUNT });
    const newer = await bodyOf(v2.voice.countries("GB").fetch());
    const [first = {}] = older.outbound_prefix_prices ?? [];
    const { prefixes: _prefixes, ...shared } = first;
    expect(newer.outbound_prefix_prices).toEqual([{ ...shared, destination_prefixes: ["44"], origination_prefixes: ["ALL"] }]);
    expect(newer.inbound_call_prices).toEqual(older.inbound_call_prices);
    const trunk = await bodyOf(v2.countries("GB").fetch());
    expect(trunk.terminating_prefix_prices?.[0]).toMatchObject({ destination_prefixes: ["44"], base_price: null, current_price: AMOUNT });
    expect(typesOf(trunk.originating_call_prices)).toEqual(typesOf(older.inbound_call_prices));
    expect(await errorOf(v2.voice.countries("XX").fetch())).toMatchObject(NOT_FOUND);
  });

  it("of one number include calls to it, if the account owns it", async () => {
    const { v1, v2 } = twilio.client.pricing;
    const { phoneNumber } = await buyNumber(twilio);
    const foreignNumber = "+447700900123";
    const foreign = { number_type: null, base_price: null, current_price: null };
    expect(await bodyOf(v1.voice.numbers(phoneNumber).fetch())).toMatchObject({
      number: phoneNumber,
      iso_country: "US",
      inbound_call_price: { number_type: "local", base_price: AMOUNT, current_price: AMOUNT },
    });
    expect(await bodyOf(v1.voice.numbers(foreignNumber).fetch())).toMatchObject({
      iso_country: "GB",
      outbound_call_price: { base_price: AMOUNT },
      inbound_call_price: foreign,
      url: `https://pricing.twilio.com/v1/Voice/Numbers/${foreignNumber}`,
    });
    expect(await bodyOf(v2.voice.numbers(foreignNumber).fetch({ originationNumber: phoneNumber }))).toMatchObject({
      destination_number: foreignNumber,
      origination_number: phoneNumber,
      outbound_call_prices: [{ origination_prefixes: ["ALL"] }],
      inbound_call_price: foreign,
    });
    expect(await bodyOf(v2.numbers(phoneNumber).fetch())).toMatchObject({
      destination_number: phoneNumber,
      origination_number: null,
      originating_call_price: { number_type: "local" },
      terminating_prefix_prices: [{ destination_prefixes: ["1"] }],
    });
    expect(await errorOf(v1.voice.numbers("+99912345678").fetch())).toMatchObject(NOT_FOUND);
    expect(await errorOf(v2.numbers("hello").fetch())).toMatchObject(NOT_FOUND);
  });
});
