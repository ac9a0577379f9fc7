import { afterEach, describe, expect, it, vi } from "vitest";
import { TwilioError } from "../../src/core/twilio/errors";
import type { Body } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, late } from "../support/fake-twilio";

afterEach(() => void vi.useRealTimers());

const urnIn = (stack: string, name = "desk") => `urn:pulumi:${stack}::shop::pulumi-nodejs:twilio/numbers:PhoneNumber::${name}`;
const wanted = (urn: string) => ({ search: { country: "US" }, __urn: urn });

/** An account that sells two numbers. `losesFirst`: Twilio carries the first purchase out, and its response is lost. */
function numbers(losesFirst = false) {
  const owned: Body[] = [];
  const made = late(({ method, path, query, form }) => {
    const changed = method === "post" && owned.find(({ sid }) => path.endsWith(`/${sid}.json`));
    if (changed) return Object.assign(changed, { friendly_name: form?.FriendlyName });
    if (method === "post" && path.endsWith("IncomingPhoneNumbers.json")) {
      const date_created = new Date().toUTCString();
      owned.push({
        sid: `PN${owned.length}`,
        account_sid: account,
        phone_number: form?.PhoneNumber,
        friendly_name: form?.FriendlyName,
        date_created,
      });
      if (losesFirst && owned.length === 1) throw new TwilioError("Cannot create", { status: 500, message: "lost" });
      return owned.at(-1);
    }
    const isAsked = (one: Body) =>
      (query?.FriendlyName ?? one.friendly_name) === one.friendly_name && (query?.PhoneNumber ?? one.phone_number) === one.phone_number;
    return {
      incoming_phone_numbers: owned.filter(isAsked),
      available_phone_numbers: ["+15005550006", "+15005550007"]
        .filter((number) => !owned.some((one) => one.phone_number === number))
        .map((number) => ({ phone_number: number })),
    };
  });
  return { ...made, owned };
}

describe("a preview where the stack was renamed after an interrupted create", () => {
  /** The warnings; `program`: what it declares beside the search. `sid`: that of the number now. */
  async function warnings(program: object, sid = "PN0") {
    const { of, log, owned } = numbers();
    // The engine never ends this process, so the note of the create stays.
    const { inputs } = await of(phoneNumber).check({}, { ...wanted(urnIn("dev")), ...program });
    await of(phoneNumber).create({ ...inputs, __urn: urnIn("dev") });
    log.length = 0;
    Object.assign(owned[0] as Body, { sid });
    await of(phoneNumber).check({}, wanted(urnIn("dev2")));
    return log.filter((line) => line.startsWith("warn"));
  }

  it.each([{}, { friendlyName: "Front desk" }])("names its number once, whatever name the number has now (%j)", async (program) => {
    expect(await warnings(program)).toEqual([expect.stringMatching(/^warn: \+15005550006 \(PN0\) .*stack dev.*adopt: "\+15005550006"/)]);
  });

  it("does not name a number that was released and bought again under another name", async () => {
    expect(await warnings({ friendlyName: "Front desk" }, "PN5")).toEqual([]);
  });
});

it("a preview does not name the number of another resource, nor one whose create is finished", async () => {
  const { of, log } = numbers();
  const { inputs } = await of(phoneNumber).check({}, wanted(urnIn("dev")));
  await of(phoneNumber).create({ ...inputs, __urn: urnIn("dev") });
  log.length = 0;
  await of(phoneNumber).check({}, wanted(urnIn("dev2", "reception")));
  // The engine has it in its state.
  await of(phoneNumber).check(inputs, wanted(urnIn("dev")));
  await of(phoneNumber).check({}, wanted(urnIn("dev2")));
  expect(log.filter((line) => line.startsWith("warn"))).toEqual([]);
});

it("a released number that is bought again for the same resource is found after its response was lost", async () => {
  const { of, asked } = numbers(true);
  const cycle = of(phoneNumber);
  const urn = urnIn("dev");
  // The engine replaces a resource whose number, +15005550006, an interrupted run released: it checks it with and without its old inputs.
  await cycle.check({ ...wanted(urn), phoneNumber: "+15005550006" }, wanted(urn));
  const { inputs } = await cycle.check({}, wanted(urn));
  expect(inputs.phoneNumber).toBe("+15005550006");
  expect(await cycle.create({ ...inputs, __urn: urn })).toMatchObject({ id: "PN0" });
  expect(asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
});

describe("a number that a preview has shown and that is no longer for sale", () => {
  const urn = urnIn("dev");

  /** What the next preview warns of. `isBought`: an update has bought the number, and a later one has released it. */
  async function warnings(isBought: boolean) {
    let forSale = "+15005550006";
    let owned: Body[] = [];
    const { of, log } = late(({ method, path, query, form }) => {
      const date_created = new Date().toUTCString();
      const [phone_number, friendly_name] = [form?.PhoneNumber, form?.FriendlyName];
      if (method === "post") owned = [{ sid: "PN0", account_sid: account, phone_number, friendly_name, date_created }];
      if (method === "post") return owned[0];
      const isOffered = path.includes("Available") && !(query?.Contains && `+${query.Contains}` !== forSale);
      return { incoming_phone_numbers: owned, available_phone_numbers: isOffered ? [{ phone_number: forSale }] : [] };
    });
    const { inputs } = await of(phoneNumber).check({}, wanted(urn));
    if (isBought) await of(phoneNumber).create({ ...inputs, __urn: urn });
    [forSale, owned] = ["+15005550007", []];
    log.length = 0;
    expect((await of(phoneNumber).check({}, wanted(urn))).inputs.phoneNumber).toBe(forSale);
    return log.filter((line) => line.startsWith("warn"));
  }

  it("is named with the number that replaces it", async () => {
    expect(await warnings(false)).toEqual([
      "warn: +15005550006, which a preview has shown, is no longer for sale; +15005550007 replaces it.",
    ]);
  });

  it("is not named if it was bought, and released since", async () => {
    expect(await warnings(true)).toEqual([]);
  });
});
