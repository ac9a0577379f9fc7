import { describe, expect, it } from "vitest";
import { unmetConditions } from "../../src/numbers/meets-search";
import type { WantedNumber } from "../../src/numbers/wanted-number";

const sanFrancisco = "+14155550100";
const tollFree = "+18885550100";
const london = { fixed: "+442071838750", mobile: "+447400123456" };

type Search = NonNullable<WantedNumber["search"]>;

const unmet = (number: string, search: Partial<Search>, body = {}) =>
  unmetConditions({ phone_number: number, ...body }, { search: { country: "US", ...search } as Search });

describe("a number of the account", () => {
  it.each<[string, Partial<Search>, string[]]>([
    [sanFrancisco, {}, []],
    [sanFrancisco, { country: "CA" }, ["country"]],
    [sanFrancisco, { country: "GB" }, ["country"]],
    // The numbering plan does not know the country, so nothing is certain.
    [sanFrancisco, { country: "ZZ" }, []],
    ["no number", { country: "GB", type: "toll-free" }, []],
    [tollFree, { type: "toll-free" }, []],
    [tollFree, { country: "CA", type: "toll-free" }, []],
    [tollFree, { country: "GB", type: "toll-free" }, ["country"]],
    [tollFree, {}, ["type"]],
    [tollFree, { type: "mobile" }, ["type"]],
    // In North America, the numbering plan does not separate them.
    [sanFrancisco, { type: "mobile" }, []],
    [sanFrancisco, { type: "toll-free" }, ["type"]],
    [london.fixed, { country: "GB" }, []],
    [london.fixed, { country: "GB", type: "mobile" }, ["type"]],
    [london.mobile, { country: "GB", type: "mobile" }, []],
    [london.mobile, { country: "GB" }, ["type"]],
    [sanFrancisco, { areaCode: "415" }, []],
    [sanFrancisco, { areaCode: "555" }, ["areaCode"]],
    [sanFrancisco, { inRegion: "NY" }, []],
  ])("%s is compared with country, type and area code %j", (number, search, expected) => {
    expect(unmet(number, search)).toEqual(expected);
  });

  it.each<[string, boolean]>([
    ["5550", true],
    ["5551", false],
    ["+1415", true],
    ["+415", false],
    ["0100$", true],
    ["0$", true],
    ["5550$", false],
    ["415***0100", true],
    ["415**0100", false],
    ["415%0100", true],
    ["5%4", false],
    ["+14155550100%", true],
  ])("is compared with the pattern %s", (contains, isMet) => {
    expect(unmet(sanFrancisco, { contains })).toEqual(isMet ? [] : ["contains"]);
  });

  it.each(["abc2", "DEF3", "ghi4", "jkl5", "mno6", "pqrs7", "tuv8", "WXYZ9"])("has the digit of each letter of %s", (key) => {
    const [digit, letters] = [key.slice(-1), [...key.slice(0, -1)]];
    const numbers = [..."23456789"].map((each) => `+1415555010${each}`);
    for (const letter of letters)
      expect(numbers.filter((number) => unmet(number, { contains: `010${letter}` }).length === 0)).toEqual([`+1415555010${digit}`]);
  });

  it.each(["sms", "mms", "voice", "fax"])("is compared with the capability %s, where Twilio reports it", (one) => {
    const capabilities = (has: object, search: object) => unmet(sanFrancisco, search, { capabilities: has });
    for (const wanted of [true, false]) {
      const search = { [`${one}Enabled`]: wanted };
      expect(capabilities({ [one]: wanted }, search)).toEqual([]);
      expect(capabilities({ [one]: !wanted }, search)).toEqual([`${one}Enabled`]);
      expect(capabilities({}, search)).toEqual([]);
      expect(unmet(sanFrancisco, search)).toEqual([]);
    }
    expect(capabilities({ [one]: false }, {})).toEqual([]);
  });

  it.each<[string, string[]]>([
    ["none", []],
    ["any", ["excludeAllAddressRequired"]],
    ["local", ["excludeAllAddressRequired", "excludeLocalAddressRequired"]],
    ["foreign", ["excludeAllAddressRequired", "excludeForeignAddressRequired"]],
  ])("that requires the address %s is compared with what the search excludes", (required, expected) => {
    const excluded = { excludeAllAddressRequired: true, excludeLocalAddressRequired: true, excludeForeignAddressRequired: true };
    const included = { excludeAllAddressRequired: false, excludeLocalAddressRequired: false, excludeForeignAddressRequired: false };
    expect(unmet(sanFrancisco, excluded, { address_requirements: required })).toEqual(expected);
    expect(unmet(sanFrancisco, included, { address_requirements: required })).toEqual([]);
    expect(unmet(sanFrancisco, {}, { address_requirements: required })).toEqual([]);
  });

  it("is compared with `beta`", () => {
    expect(unmet(sanFrancisco, { beta: false }, { beta: true })).toEqual(["beta"]);
    for (const [wanted, is] of [
      [false, false],
      [true, true],
      [true, false],
      [undefined, true],
    ])
      expect(unmet(sanFrancisco, { beta: wanted }, { beta: is })).toEqual([]);
  });

  it("is compared with an area code alone, and meets a program without conditions", () => {
    expect(unmetConditions({ phone_number: sanFrancisco }, { areaCode: "415" })).toEqual([]);
    expect(unmetConditions({ phone_number: sanFrancisco }, { areaCode: "212" })).toEqual(["areaCode"]);
    expect(unmetConditions({ phone_number: london.fixed }, { areaCode: "207" })).toEqual(["areaCode"]);
    expect(unmetConditions({ phone_number: tollFree }, {})).toEqual([]);
  });
});
