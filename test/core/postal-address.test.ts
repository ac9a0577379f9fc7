import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { address } from "../../src/numbers/address";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { Declared } from "../support/mini-engine";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

const place = { customerName: "Shop", street: "4 Main Street", city: "Oakland", region: "ca", postalCode: "94105", isoCountry: "US" };
const office = (args: object = {}): Declared => ({ name: "office", definition: address, args: { ...place, ...args } });

async function opened() {
  await twilio.reset();
  return twilio.engine();
}
type Engine = Awaited<ReturnType<typeof opened>>;

const path = (id: string) => `${twilio.accountPath()}/Addresses/${id}.json`;
const live = (engine: Engine) => twilio.rest("GET", "api", path(engine.of("office").id));
const byHand = (engine: Engine, form: Record<string, string>) => twilio.rest("POST", "api", path(engine.of("office").id), form);
const form = (more: Record<string, string> = {}) =>
  twilio.rest("POST", "api", `${twilio.accountPath()}/Addresses.json`, {
    ...{ CustomerName: "Shop", Street: "4 Main St", City: "Oakland", Region: "CA", PostalCode: "94105", IsoCountry: "US" },
    ...more,
  });
const sent = () => twilio.requests().flatMap(({ method, form }) => (method === "post" ? [Object.fromEntries(form)] : []));

describe("what Twilio corrects in an address", () => {
  it("is no change and no drift, also after an update of something else", async () => {
    const engine = await opened();
    await engine.up([office()]);
    expect(await live(engine)).toMatchObject({ street: "4 Main St", region: "CA" });
    for (const customerName of ["Shop", "Store"]) {
      await engine.up([office({ customerName })]);
      sent();
      expect(await engine.up([office({ customerName })])).toEqual({ office: "same" });
      expect(await engine.refresh()).toEqual({});
      expect(await engine.refresh()).toEqual({});
      expect(await engine.up([office({ customerName })])).toEqual({ office: "same" });
      expect(sent()).toEqual([]);
    }
    expect(engine.of("office").outputs).toMatchObject({ street: "4 Main Street", region: "ca" });
  });

  it("differs from a change by somebody else, which a refresh shows and an update reverts", async () => {
    const engine = await opened();
    await engine.up([office()]);
    await byHand(engine, { Street: "9 Other St" });
    expect(await engine.refresh()).toEqual({ office: "changed" });
    expect(engine.of("office").inputs).toMatchObject({ street: "9 Other St", region: "ca" });
    sent();
    expect(await engine.up([office()])).toEqual({ office: "update" });
    const { Street, City, Region, PostalCode } = { Street: "4 Main Street", City: "Oakland", Region: "ca", PostalCode: "94105" };
    expect(sent()).toEqual([{ Street, City, Region, PostalCode }]);
    expect(await engine.refresh()).toEqual({});
    expect((await live(engine)).street).toBe("4 Main St");
  });

  it("is compared with the latest write", async () => {
    const engine = await opened();
    await engine.up([office()]);
    await engine.up([office({ street: "5 Second Avenue", streetSecondary: "Suite 2" })]);
    expect(await engine.refresh()).toEqual({});
    expect(await live(engine)).toMatchObject({ street: "5 Second Ave", street_secondary: "Ste 2" });
    // Back to what Twilio made of the first text.
    await byHand(engine, { Street: "4 Main St" });
    expect(await engine.refresh()).toEqual({ office: "changed" });
    await engine.up([office({ street: "5 Second Avenue" })]);
    expect(await engine.refresh()).toEqual({});
    expect((await live(engine)).street_secondary).toBeNull();
  });

  it("leaves nothing in the state where there is nothing to correct", async () => {
    const engine = await opened();
    await engine.up([office()]);
    expect(engine.of("office").outputs.__corrected).toEqual({ street: "4 Main St", region: "CA" });
    await engine.up([office({ street: "4 Main St", region: "CA" })]);
    expect(engine.of("office").outputs).not.toHaveProperty("__corrected");
    expect(await engine.refresh()).toEqual({});
  });

  it("is refused with Twilio's suggestion where the program allows no correction", async () => {
    const engine = await opened();
    await expect(engine.up([office({ autoCorrectAddress: false })])).rejects.toThrow(
      /Suggested address: 4 Main St, Oakland.*declare the address as Twilio/s,
    );
    await engine.up([office({ street: "4 Main St", region: "CA", autoCorrectAddress: false })]);
    sent();
    await engine.up([office({ street: "5 Main St", region: "CA", autoCorrectAddress: false })]);
    expect(sent()).toEqual([{ Street: "5 Main St", City: "Oakland", Region: "CA", PostalCode: "94105", AutoCorrectAddress: "false" }]);
  });

  it("does not hide the object of a create whose response was lost", async () => {
    const engine = await opened();
    await twilio.control("POST", "faults", { method: "POST", nth: 1, drop: "after" });
    expect(await engine.up([office({ friendlyName: "Office" })])).toEqual({ office: "create" });
    const { addresses } = await twilio.rest("GET", "api", `${twilio.accountPath()}/Addresses.json`);
    expect(addresses).toHaveLength(1);
    expect(await engine.refresh()).toEqual({});
    expect(await engine.up([office({ friendlyName: "Office" })])).toEqual({ office: "same" });
  });

  it("is accepted where an address is adopted, and another country is not", async () => {
    const engine = await opened();
    const { sid } = await form();
    await expect(engine.up([office({ adopt: sid, isoCountry: "CA" })])).rejects.toThrow(
      'its isoCountry is "US", and Twilio cannot change that',
    );
    await engine.up([office({ adopt: sid })]);
    expect(await engine.refresh()).toEqual({});
    expect(await engine.up([office({ adopt: sid })])).toEqual({ office: "same" });
  });

  it("goes with the address where a change of the country replaces it", async () => {
    const engine = await opened();
    await engine.up([office()]);
    expect(await engine.up([office({ isoCountry: "CA" })])).toEqual({ office: "replace" });
  });
});

describe("an address that a number needs", () => {
  it("is not deleted: the error names the number and says what to do", async () => {
    const engine = await opened();
    const { available_phone_numbers: offers } = await twilio.rest(
      "GET",
      "api",
      `${twilio.accountPath()}/AvailablePhoneNumbers/DE/Mobile.json?PageSize=1`,
    );
    const number = String((offers as { phone_number: string }[])[0]?.phone_number);
    const german = { isoCountry: "DE", region: "BE" };
    const desk: Declared = {
      name: "desk",
      definition: phoneNumber,
      args: (of) => ({ phoneNumber: number, addressSid: of("office").sid, onDelete: "retain" }),
    };
    await engine.up([office(german), desk]);
    const { sid } = engine.of("desk").outputs;
    await expect(engine.up([])).rejects.toThrow(
      `is the only one that meets the requirements of ${number} (${sid}), and Twilio does not delete such an address (21625). Nothing was deleted.`,
    );
    // Another address meets the requirement as well.
    await form({ IsoCountry: "DE" });
    expect(await engine.up([])).toEqual({ office: "delete" });
  });

  it("must exist: a preview refuses the SID of another one", async () => {
    const engine = await opened();
    const none = `AD${"0".repeat(32)}`;
    const desk = { name: "desk", definition: phoneNumber, args: { search: { country: "US" }, addressSid: none } };
    await expect(engine.preview([desk])).rejects.toThrow("addressSid must be the SID of a postal address of account");
    const { sid } = await form();
    expect(await engine.preview([{ ...desk, args: { ...desk.args, addressSid: sid } }])).toEqual({ desk: "create" });
  });
});

it.each([
  [{ isoCountry: "usa" }, "isoCountry must look like an ISO 3166 country code"],
  [{ customerName: "x".repeat(22) }, "customerName must have at most 21 characters"],
  [{ street: "" }, "street must not be empty"],
  [{ emergencyEnabled: true, friendlyName: "x".repeat(33) }, "friendlyName must have at most 32 characters"],
  [{ emergencyEnabled: "yes" }, "emergencyEnabled must be true or false"],
])("an address with %j is refused in a preview", async (args, reason) => {
  const engine = await opened();
  await expect(engine.preview([office(args)])).rejects.toThrow(reason);
});
