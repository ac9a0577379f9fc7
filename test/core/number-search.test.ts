import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Props } from "../../src/core/lifecycle/props";
import { isMarkOfAnother, ownersMark } from "../../src/numbers/number-search";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { Declared } from "../support/mini-engine";
import { oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

describe("the ownership mark", () => {
  const urn = (type: string, name = "desk") => `urn:pulumi:dev::shop::${type}pulumi-nodejs:${phoneNumber.type}::${name}`;

  it("differs for numbers of one name in two components, and in none", () => {
    const marks = ["shop:Branch$", "shop:Office$", ""].map((parent) => ownersMark({ urn: urn(parent), place: "here" }));
    expect(new Set(marks).size).toBe(3);
    expect(marks.at(-1)).toMatch(/^pulumi shop\/dev\/desk @[0-9a-f]{5}$/);
    for (const mark of marks) expect(mark.length).toBeLessThanOrEqual(64);
  });

  it("differs for long names that begin alike, and Twilio's limit of 64 characters holds", () => {
    const marks = ["a", "b"].map((end) => ownersMark({ urn: urn("", "d".repeat(80) + end), place: "here" }));
    expect(new Set(marks).size).toBe(2);
    for (const mark of marks) expect(mark).toHaveLength(64);
  });
});

describe("a name that is a mark of another resource", () => {
  const owner = { urn: `urn:pulumi:dev::shop::pulumi-nodejs:${phoneNumber.type}::desk`, place: "here" };

  it.each([
    ["of another stack", "pulumi shop/prod/desk", true],
    ["of another resource", "pulumi shop/dev/door @0a1b2", true],
    ["of the resource", ownersMark(owner), false],
    ["of the resource in another place", "pulumi shop/dev/desk @0a1b2", false],
    ["within a name", "Calls of pulumi shop/prod/desk", false],
    ["without a name after it", "pulumi shop/prod/", false],
    ["that is none", undefined, false],
  ])("%s is recognized: %s, %s", (_which, name, isOne) => {
    expect(isMarkOfAnother(name, owner)).toBe(isOne);
  });
});

describe("a preview of a search", () => {
  /** What the preview says of the number that the update will buy. */
  async function offerOf(args: Props, settings: Record<string, string> = {}): Promise<string> {
    const { engine, program } = await oneResource(twilio, phoneNumber, settings);
    await engine.preview(program(args));
    return twilio.log.find((line) => line.startsWith("will buy ")) ?? "";
  }
  const addressSid = `AD${"1".repeat(32)}`;
  const refusePrices = () => twilio.control("POST", "faults", { method: "GET", path: "/v1/PhoneNumbers/*", status: 403 });

  it.each<[string, Props, RegExp]>([
    ["a Canadian area code", { areaCode: "416" }, /^will buy \+1416\d{7} \(Toronto, ON, CA; /],
    ["a Canadian region", { search: { country: "CA", inRegion: "QC" } }, /^will buy \+1\d{10} \(\w+, QC, CA; /],
    ["a Canadian area code in a search", { search: { country: "CA", areaCode: "204" } }, /^will buy \+1204\d{7} \(Winnipeg, MB, CA; /],
  ])("finds a number by %s", async (_what, args, shown) => {
    expect(await offerOf(args)).toMatch(shown);
  });

  it.each<[string, Props, string | undefined]>([
    ["a local address", { search: { country: "DE" }, addressSid }, "; requires a local address)"],
    ["any address", { search: { country: "DE", type: "mobile" }, addressSid }, "; requires an address)"],
    ["no address", { search: { country: "US" } }, undefined],
  ])("says that the number requires %s", async (_what, args, requirement) => {
    // With look-ups, the preview refuses a number whose requirement the program does not meet.
    const offer = await offerOf(args, { "twilio:previewLookups": "false" });
    if (requirement) expect(offer).toContain(requirement);
    else expect(offer).not.toContain("requires");
  });

  it.each<[string, Props, boolean]>([
    ["by a search, is named", { search: { country: "AU", type: "mobile" }, addressSid: "«address»" }, true],
    ["by its number, is named", { phoneNumber: "«australian»", addressSid: "«address»" }, true],
    ["with a bundle, is not", { search: { country: "AU", type: "mobile" }, bundleSid: `BU${"b".repeat(32)}` }, false],
    ["of a country without one, is not", { search: { country: "US" } }, false],
    ["of a type without one, is not", { search: { country: "AU", type: "toll-free" }, addressSid: "«address»" }, false],
  ])("a regulation that requires a bundle for a number %s", async (_what, args, isNamed) => {
    const path = `${twilio.accountPath()}/AvailablePhoneNumbers/AU/Mobile.json`;
    const [offer] = (await twilio.rest("GET", "api", path)).available_phone_numbers as Props[];
    const { engine, program } = await oneResource(twilio, phoneNumber);
    await engine.preview(program({ ...args, ...(args.phoneNumber ? { phoneNumber: offer?.phone_number } : {}) }));
    const log = twilio.log.join("\n");
    if (!isNamed) return expect(log).not.toContain("bundle");
    expect(log).toMatch(/Twilio has a regulation for mobile numbers of AU \(business, individual\), and refuses .* `bundleSid`/);
    // The warning is true: Twilio refuses the purchase.
    await expect(engine.up(program({ ...args, ...(args.phoneNumber ? { phoneNumber: offer?.phone_number } : {}) }))).rejects.toThrow(
      /21649/,
    );
  });

  it.each(["local", "toll-free"] as const)("shows the price of a %s number", async (type) => {
    const offer = await offerOf({ search: { country: "US", type } });
    const { phone_number_prices } = await twilio.rest("GET", "pricing", "/v1/PhoneNumbers/Countries/US");
    const prices = Object.fromEntries((phone_number_prices as Props[]).map((one) => [one.number_type, one.current_price]));
    expect(new Set(Object.values(prices)).size).toBeGreaterThan(1);
    expect(offer).toMatch(new RegExp(` for ${prices[type.replace("-", " ")]} USD a month$`));
  });

  it.each([
    ["a country without numbers of this type", { country: "US", type: "mobile" }],
    ["a country without numbers", { country: "ZZ" }],
  ])("fails for %s, for which Twilio has no list", async (_what, search) => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    await expect(engine.preview(program({ search }))).rejects.toThrow(/search must match a number for sale; none matches/);
  });

  it("shows the number where Twilio does not report the price", async () => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    await refusePrices();
    expect(await engine.preview(program({ areaCode: "415" }))).toEqual({ it: "create" });
    expect(twilio.log.join("\n")).toMatch(/will buy \+1415\d{7} .* at a price that Twilio did not report/);
  });

  it.each<[string, Props, Props]>([
    ["area code", { areaCode: "415" }, { areaCode: "510" }],
    ["search", { search: { country: "US", areaCode: "415" } }, { search: { country: "US", areaCode: "510" } }],
  ])("with another %s than the preview before shows another number, and says of none that it was sold", async (_what, before, after) => {
    const { engine, program } = await oneResource(twilio, phoneNumber);
    await engine.preview(program(before));
    await engine.preview(program(after));
    expect(twilio.log.filter((line) => line.startsWith("will buy +1510"))).toHaveLength(1);
    expect(twilio.log.join("\n")).not.toContain("no longer for sale");
  });

  it("finds a number for each of more resources than Twilio's default page has numbers", async () => {
    const { engine } = await oneResource(twilio, phoneNumber);
    const names = Array.from({ length: 52 }, (_, index) => `number-${index}`);
    await refusePrices();
    const program: Declared[] = names.map((name) => ({ name, definition: phoneNumber, args: { search: { country: "US" } } }));
    expect(Object.keys(await engine.preview(program))).toEqual(names);
    const offers = twilio.log.flatMap((line) => /^will buy (\+\d+)/.exec(line)?.[1] ?? []);
    expect(new Set(offers).size).toBe(52);
  });
});
