import { describe, expect, it } from "vitest";
import { typeOfNumber } from "../../src/numbers/number-type";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, fake } from "../support/fake-twilio";

describe("country and type of a number", () => {
  it.each<[string | undefined, object | undefined]>([
    ["+14155550100", { country: "US", type: "local" }],
    ["+14165550100", { country: "CA", type: "local" }],
    ...["00", "33", "44", "55", "66", "77", "88"].map((code): [string, object] => [
      `+18${code}5550100`,
      { country: "US", type: "toll-free" },
    ]),
    ["+442071838750", { country: "GB", type: "local" }],
    ["+447400123456", { country: "GB", type: "mobile" }],
    ["+448081570192", { country: "GB", type: "toll-free" }],
    // Of a personal number, a number that is none and a value that is not known yet, the plan says nothing.
    ["+447000000000", undefined],
    ["+1415", undefined],
    ["14155550100", undefined],
    [undefined, undefined],
  ])("of %s follow from the numbering plan", (number, expected) => expect(typeOfNumber(number)).toEqual(expected));
});

describe("a look-up of a number that a program names", () => {
  const available = `/2010-04-01/Accounts/${account}/AvailablePhoneNumbers`;

  /** The searches of a check; `lists`: the types of numbers that a country has. */
  async function searches(number: string, lists: Record<string, unknown> = {}) {
    const { of, asked, context } = fake(({ path }) => {
      if (path.endsWith("IncomingPhoneNumbers.json")) return { incoming_phone_numbers: [] };
      return /\/[A-Z]{2}\.json$/.test(path) ? lists : { available_phone_numbers: [] };
    });
    Object.assign(context, { previewLookups: true });
    const { problems } = await of(phoneNumber).check({}, { phoneNumber: number });
    return { problems, paths: asked.flatMap((one) => one.split(`${available}/`)[1] ?? []) };
  }

  const plan = require("libphonenumber-js/max") as typeof import("libphonenumber-js/max");
  const ofEurope = [
    "AT",
    "BE",
    "CH",
    "CZ",
    "DE",
    "DK",
    "ES",
    "FI",
    "FR",
    "GB",
    "HU",
    "IE",
    "IT",
    "NL",
    "NO",
    "PL",
    "PT",
    "RO",
    "SE",
  ] as const;
  const ofOthers = ["AU", "BR", "CL", "CO", "HK", "ID", "IL", "JP", "MX", "MY", "NZ", "PH", "SG", "TH"] as const;

  it.each([...ofEurope, ...ofOthers])("asks which lists the number's country has, and searches them: %s", async (country) => {
    const lists = { subresource_uris: { mobile: `${available}/${country}/Mobile.json` } };
    const { problems, paths } = await searches(`+${plan.getCountryCallingCode(country)}555010012`, lists);
    expect(paths).toEqual([`${country}.json`, `${country}/Mobile.json`]);
    expect(problems).toEqual([expect.objectContaining({ property: "phoneNumber" })]);
  });

  it("refuses nothing where the country is not known, or has no list", async () => {
    expect(await searches("+3545550100")).toEqual({ problems: [], paths: [] });
    expect(await searches("+4930555010", {})).toEqual({ problems: [], paths: ["DE.json"] });
    expect(await searches("+4930555010", { subresource_uris: {} })).toEqual({ problems: [], paths: ["DE.json"] });
  });

  it.each(["00", "33", "44", "55", "66", "77", "88"])("searches +18%s among the toll-free numbers of both countries", async (code) => {
    expect((await searches(`+18${code}5550100`)).paths).toEqual(["US/TollFree.json", "CA/TollFree.json"]);
  });

  it("warns of no regulation of another country", async () => {
    const warnings = async (iso_country: string) => {
      const { of, log, context } = fake(({ path }) => {
        if (path.endsWith("Regulations")) return { results: [{ iso_country, end_user_type: "business" }] };
        const offer = { phone_number: "+14155550100", iso_country: "US", address_requirements: "none" };
        return { incoming_phone_numbers: [], available_phone_numbers: [offer] };
      });
      Object.assign(context, { previewLookups: true });
      await of(phoneNumber).check({}, { phoneNumber: "+14155550100" });
      return log.filter((line) => line.startsWith("warn"));
    };
    expect(await warnings("US")).toEqual([expect.stringContaining("a regulation for local numbers of US (business)")]);
    expect(await warnings("AU")).toEqual([]);
  });

  it("searches other numbers of +1 in both countries, and none of the Caribbean", async () => {
    expect((await searches("+14155550100")).paths).toEqual(["US/Local.json", "CA/Local.json"]);
    expect(await searches("+12425550100")).toEqual({ problems: [], paths: [] });
    expect(await searches("+18765550100")).toEqual({ problems: [], paths: [] });
  });
});
