import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { useEmulator } from "./support/emulator";

const twilio = useEmulator();

const american = { customerName: "Shop", street: "4  Main Street", city: "Oakland", region: "ca", postalCode: "94105", isoCountry: "US" };
const german = { ...american, street: "Marktstrasse 4", region: "BE", postalCode: "10115", isoCountry: "DE" };

describe("an address", () => {
  it("is corrected in North America, unless the request says otherwise", async () => {
    const { addresses } = twilio.api;
    const { sid, street, region } = await addresses.create({ ...american, streetSecondary: "Suite 2" });
    expect({ street, region }).toEqual({ street: "4 Main St", region: "CA" });
    expect(await addresses(sid).update({ street: "5 Second Avenue" })).toMatchObject({ street: "5 Second Ave", streetSecondary: "Ste 2" });
    expect(await errorOf(addresses.create({ ...american, autoCorrectAddress: false }))).toMatchObject({
      code: 21629,
      message: expect.stringContaining("4 Main St, Oakland, CA, 94105"),
    });
    expect(await addresses.create({ ...american, street: "4 Main St", region: "CA", autoCorrectAddress: false })).toMatchObject({
      region: "CA",
    });
    expect(await addresses.create(german)).toMatchObject({ street: "Marktstrasse 4" });
  });

  it("needs all parts, and a shorter name for emergencies", async () => {
    const { addresses } = twilio.api;
    for (const part of Object.keys(american))
      expect(await errorOf(addresses.create({ ...american, [part]: "" }))).toMatchObject({ status: 400 });
    const long = { ...american, friendlyName: "x".repeat(33) };
    const { sid } = await addresses.create(long);
    expect(await errorOf(addresses.create({ ...long, emergencyEnabled: true }))).toMatchObject({ status: 400 });
    expect(await errorOf(addresses(sid).update({ street: "" }))).toMatchObject({ status: 400 });
    expect(await addresses(sid).update({ friendlyName: "" })).toMatchObject({ friendlyName: null });
  });

  it("is found by exact filters", async () => {
    const { addresses } = twilio.api;
    await addresses.create({ ...american, friendlyName: "Filtered", emergencyEnabled: true });
    const namesOf = async (filter: object) => (await addresses.list(filter)).map(({ friendlyName }) => friendlyName);
    expect(await namesOf({ friendlyName: "Filtered", isoCountry: "US" })).toEqual(["Filtered"]);
    expect(await namesOf({ friendlyName: "Filtered", isoCountry: "DE" })).toEqual([]);
    expect(await namesOf({ emergencyEnabled: true })).toEqual(["Filtered"]);
  });

  it("stays while a number needs it and no other address meets the requirement", async () => {
    const { addresses, availablePhoneNumbers, incomingPhoneNumbers } = twilio.api;
    for (const { sid } of await addresses.list()) await addresses(sid).remove();
    const { sid } = await addresses.create(german);
    const [offer] = await availablePhoneNumbers("DE").local.list({ limit: 1 });
    const { phoneNumber, sid: number } = await incomingPhoneNumbers.create({ phoneNumber: offer?.phoneNumber ?? "", addressSid: sid });
    const dependent = async () => (await addresses(sid).dependentPhoneNumbers.list()).map((one) => one.phoneNumber);
    expect(await dependent()).toEqual([phoneNumber]);
    expect(await errorOf(addresses(sid).remove())).toMatchObject({ status: 400, code: 21625 });
    // The number requires an address in its country.
    await addresses.create(american);
    expect(await dependent()).toEqual([phoneNumber]);
    const other = await addresses.create(german);
    expect(await dependent()).toEqual([]);
    await addresses(other.sid).remove();
    await incomingPhoneNumbers(number).remove();
    expect(await addresses(sid).remove()).toBe(true);
  });
});

describe("the address of a number", () => {
  const emergency = { ...american, emergencyEnabled: true };
  const refused = { status: 400, code: 21651 };

  it("is one of the account: another one is refused, whether the number is bought or updated, and changes nothing", async () => {
    const { addresses, incomingPhoneNumbers } = twilio.api;
    const [known, forEmergencies] = [(await addresses.create(american)).sid, (await addresses.create(emergency)).sid];
    const elsewhere = await twilio.client.api.v2010.accounts.create({ friendlyName: "Elsewhere" });
    const foreign = (await twilio.client.api.v2010.accounts(elsewhere.sid).addresses.create(american)).sid;
    const phoneNumber = "+14155550107";
    for (const sid of [`AD${"0".repeat(32)}`, foreign]) {
      for (const of of [{ addressSid: sid }, { emergencyAddressSid: sid }])
        expect(await errorOf(incomingPhoneNumbers.create({ phoneNumber, ...of }))).toMatchObject(refused);
    }
    const { sid } = await incomingPhoneNumbers.create({ phoneNumber, addressSid: known, emergencyAddressSid: forEmergencies });
    for (const of of [{ addressSid: foreign }, { emergencyAddressSid: `AD${"0".repeat(32)}` }])
      expect(await errorOf(incomingPhoneNumbers(sid).update(of))).toMatchObject(refused);
    expect(await incomingPhoneNumbers(sid).fetch()).toMatchObject({ addressSid: known, emergencyAddressSid: forEmergencies });
    // An empty value removes it, and an update of something else does not read it again.
    await incomingPhoneNumbers(sid).update({ emergencyAddressSid: "" });
    await addresses(known).remove();
    expect(await incomingPhoneNumbers(sid).update({ friendlyName: "Desk" })).toMatchObject({
      addressSid: known,
      emergencyAddressSid: null,
    });
  });

  it("that moves to another account is one of that account", async () => {
    const { addresses, incomingPhoneNumbers } = twilio.api;
    const { sid: accountSid } = await twilio.client.api.v2010.accounts.create({ friendlyName: "Receiver" });
    const { sid } = await incomingPhoneNumbers.create({ phoneNumber: "+14155550108" });
    const [here, there] = [
      (await addresses.create(american)).sid,
      (await twilio.client.api.v2010.accounts(accountSid).addresses.create(american)).sid,
    ];
    expect(await errorOf(incomingPhoneNumbers(sid).update({ accountSid, addressSid: here }))).toMatchObject(refused);
    expect(await incomingPhoneNumbers(sid).update({ accountSid, addressSid: there })).toMatchObject({ accountSid, addressSid: there });
  });
});

describe("a push credential", () => {
  it("needs the secrets of its type, returns none of them, and may change its type", async () => {
    const { credentials } = twilio.conversations;
    expect(await errorOf(credentials.create({ type: "fcm" }))).toMatchObject({
      ...{ status: 400, code: 20001 },
      message: "Cannot create credentials record. 'Secret' must be present",
    });
    expect(await errorOf(credentials.create({ type: "apn", certificate: "x" }))).toMatchObject({ code: 20001 });
    expect(await errorOf(credentials.create({ type: "other" as "apn", secret: "x" }))).toMatchObject({ code: 20001 });
    const created = await credentials.create({ type: "FcM" as "fcm", secret: "hidden", friendlyName: "x" });
    const { sid, type, sandbox } = created;
    expect({ type, sandbox }).toEqual({ type: "fcm", sandbox: "False" });
    expect(JSON.stringify(created.toJSON())).not.toContain("hidden");
    expect(await errorOf(credentials(sid).update({ type: "apn" }))).toMatchObject({ code: 20001 });
    expect(await credentials(sid).update({ type: "apn", certificate: "x", privateKey: "y", sandbox: true })).toMatchObject({
      type: "apn",
      sandbox: "True",
    });
    expect(await errorOf(credentials(sid).update({ friendlyName: "x".repeat(65) }))).toMatchObject({ status: 400 });
  });
});
