import { expect, it } from "vitest";
import type { Body } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, fake } from "../support/fake-twilio";

const urnIn = (stack: string, name = "desk") => `urn:pulumi:${stack}::shop::pulumi-nodejs:twilio/numbers:PhoneNumber::${name}`;
const wanted = (urn: string) => ({ search: { country: "US" }, __urn: urn });

/** An account that sells two numbers. */
function numbers() {
  const owned: Body[] = [];
  return fake(({ method, path, query, form }) => {
    if (method === "post" && path.endsWith("IncomingPhoneNumbers.json")) {
      const date_created = new Date().toUTCString();
      owned.push({
        sid: `PN${owned.length}`,
        account_sid: account,
        phone_number: form?.PhoneNumber,
        friendly_name: form?.FriendlyName,
        date_created,
      });
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
