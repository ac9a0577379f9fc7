import { afterEach, expect, it, vi } from "vitest";
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
  return late(({ method, path, query, form }) => {
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
}

it("a preview names the number of an interrupted create where the stack was renamed since", async () => {
  const { of, log } = numbers();
  // The engine never ends this process, so the note of the create stays.
  const { inputs } = await of(phoneNumber).check({}, wanted(urnIn("dev")));
  await of(phoneNumber).create({ ...inputs, __urn: urnIn("dev") });
  log.length = 0;
  await of(phoneNumber).check({}, wanted(urnIn("dev2")));
  expect(log).toContainEqual(expect.stringMatching(/^warn: \+15005550006 \(PN0\) .*stack dev.*adopt: "\+15005550006"/));
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
