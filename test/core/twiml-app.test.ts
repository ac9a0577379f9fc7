import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findProblems } from "../../src/core/lifecycle/check";
import type { Props } from "../../src/core/lifecycle/props";
import { twimlApp } from "../../src/iam/twiml-app";
import { phoneNumber } from "../../src/numbers/phone-number";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());
beforeEach(() => twilio.reset());

const app = (args: Props = {}) => ({ name: "app", definition: twimlApp, args: { friendlyName: "Desk", ...args } });
const number = (args: Props) => ({ name: "number", definition: phoneNumber, args: { phoneNumber: "«one»", ...args } });
const url = "https://example.com/voice";
const applications = async () =>
  (await twilio.rest("GET", "api", `${twilio.accountPath()}/Applications.json`)).applications as Record<string, unknown>[];

describe("the check of a TwiML application", () => {
  const reasons = (args: Props) => findProblems(twimlApp, { friendlyName: "Desk", ...args }, {}).map(({ reason }) => reason);

  it.each<[Props, string]>([
    [{ friendlyName: "x".repeat(65) }, "must have at most 64 characters"],
    [{ friendlyName: "" }, "must not be empty"],
    ...["voiceUrl", "voiceFallbackUrl", "statusCallback", "smsUrl", "smsFallbackUrl", "messageStatusCallback"].flatMap(
      (property): [Props, string][] => [
        [{ [property]: "/relative" }, "must be an absolute http or https URL"],
        [{ [property]: "ftp://example.com" }, "must be an absolute http or https URL"],
      ],
    ),
    ...["voiceMethod", "voiceFallbackMethod", "statusCallbackMethod", "smsMethod", "smsFallbackMethod"].map((property): [Props, string] => [
      { [property]: "PUT" },
      'must be one of "GET", "POST"',
    ]),
    [{ voiceCallerIdLookup: "yes" }, "must be true or false"],
    [{ publicApplicationConnectEnabled: 1 }, "must be true or false"],
    [{ apiVersion: "2011-01-01" }, 'must be one of "2010-04-01", "2008-08-01"'],
  ])("refuses %j", (args, reason) => {
    expect(reasons(args)).toEqual([expect.stringContaining(reason)]);
  });

  it("accepts every property at once", () => {
    const links = { voiceUrl: url, voiceFallbackUrl: url, statusCallback: url, smsUrl: url, smsFallbackUrl: url };
    expect(reasons({ ...links, messageStatusCallback: url, friendlyName: "x".repeat(64), smsMethod: "GET" })).toEqual([]);
  });
});

it("what Twilio refuses names its code and reaches the program", async () => {
  await expect(twilio.engine().up([app({ smsFallbackUrl: url })])).rejects.toThrow(/SmsFallbackUrl requires SmsUrl[\s\S]*21406/);
  expect(await applications()).toEqual([]);
});

it("an application is adopted by its name, keeps what the program does not declare, and stays after a destroy", async () => {
  const path = `${twilio.accountPath()}/Applications.json`;
  const { sid } = await twilio.rest("POST", "api", path, {
    FriendlyName: "Desk",
    SmsUrl: url,
    VoiceCallerIdLookup: "true",
    SmsMethod: "GET",
  });
  const engine = twilio.engine();
  await engine.up([app({ adopt: "Desk", smsUrl: url, voiceUrl: url })]);
  expect(engine.of("app").id).toBe(sid);
  expect(await applications()).toEqual([
    expect.objectContaining({ sid, voice_url: url, sms_url: url, sms_method: "GET", voice_caller_id_lookup: true }),
  ]);
  await engine.destroy();
  expect(await applications()).toHaveLength(1);
});

it("a create whose response is lost creates one application", async () => {
  await twilio.control("POST", "faults", { method: "POST", path: "*/Applications.json", drop: "after", times: 1 });
  const engine = twilio.engine();
  await engine.up([app()]);
  expect((await applications()).map(({ sid }) => sid)).toEqual([engine.of("app").id]);
  await engine.destroy();
  expect(await applications()).toEqual([]);
});

describe("a number that names an application", () => {
  const named = (args: Props) => [number({ ...args, phoneNumber: twilio.forSale[0] })];

  it.each(["smsApplicationSid", "voiceApplicationSid"])("is refused in the preview if the account has none: %s", async (property) => {
    await expect(twilio.engine().preview(named({ [property]: `AP${"1".repeat(32)}` }))).rejects.toThrow(
      `${property} must be the SID of a TwiML application of account ${twilio.emulator.accountSid}, which has none with this SID`,
    );
    const { sid } = await twilio.rest("POST", "api", `${twilio.accountPath()}/Applications.json`, { FriendlyName: "Desk" });
    expect(await twilio.engine().preview(named({ [property]: sid }))).toEqual({ number: "create" });
  });

  it("and that a destroy keeps is named when the application is deleted; no other number is", async () => {
    const engine = twilio.engine();
    await engine.up([app()]);
    const sid = engine.of("app").id;
    const buy = (PhoneNumber: string | undefined, form: Record<string, string>) =>
      twilio.rest("POST", "api", `${twilio.accountPath()}/IncomingPhoneNumbers.json`, { PhoneNumber: String(PhoneNumber), ...form });
    const [naming, other] = twilio.forSale;
    await buy(naming, { VoiceApplicationSid: sid });
    await buy(other, {});
    await engine.destroy();
    expect(twilio.log).toContain(`TwimlApp ${sid} is deleted, and ${naming} still name it: their calls or messages fail from now on.`);
    expect(twilio.log.join("\n")).not.toContain(String(other));
  });
});
