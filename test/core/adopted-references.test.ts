import { describe, expect, it } from "vitest";
import { conversationConfiguration } from "../../src/conversations/configuration";
import { conversation } from "../../src/conversations/conversation";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, fake, service } from "../support/fake-twilio";
import { unknown } from "../support/mini-engine";

const own = "+15558675311";
const numbers = `/2010-04-01/Accounts/${account}/IncomingPhoneNumbers`;

describe("the look-ups of a preview, where an adopted object names what Twilio no longer has", () => {
  const [gone, other] = ["1", "2"].map((digit) => `AP${digit.repeat(32)}`) as [string, string];
  const number = { sid: `PN${"1".repeat(32)}`, account_sid: account, phone_number: own, sms_application_sid: gone };
  const configuration = { account_sid: account, default_messaging_service_sid: `MG${"9".repeat(32)}` };
  const group = {
    sid: `CH${"1".repeat(32)}`,
    account_sid: account,
    chat_service_sid: service,
    messaging_service_sid: `MG${"9".repeat(32)}`,
  };
  const there = () => {
    const made = fake(({ path }) => {
      if (path === `${numbers}/${number.sid}.json`) return number;
      if (path === "/v1/Configuration") return configuration;
      return path.endsWith(`/Conversations/${group.sid}`) ? group : undefined;
    });
    Object.assign(made.context, { previewLookups: true });
    const check = async (definition: Definition, news: Props, olds: Props = {}) => {
      const { problems } = await made.of(definition).check(olds, news);
      return problems.map(({ property, reason }) => `${property} ${reason}`);
    };
    return { ...made, check };
  };
  const adopted = { adopt: number.sid, smsApplicationSid: gone };
  const room = { adopt: group.sid, service, messagingServiceSid: group.messaging_service_sid };

  it.each<[string, Definition, Props, string]>([
    ["a number", phoneNumber, adopted, "smsApplicationSid"],
    ["a conversation", conversation, room, "messagingServiceSid"],
    [
      "settings",
      conversationConfiguration,
      { adopt: account, defaultMessagingServiceSid: configuration.default_messaging_service_sid },
      "defaultMessagingServiceSid",
    ],
  ])("warn, and do not refuse the value that it has: %s", async (_what, definition, args, property) => {
    const { check, log } = there();
    expect(await check(definition, args)).toEqual([]);
    expect(log).toEqual([
      expect.stringMatching(new RegExp(`^warn: The adopted object keeps its \\\`${property}\\\`, although it must be the SID of`)),
    ]);
  });

  it("leave the value to the update where the object's parent is not known yet", async () => {
    expect(await there().check(conversation, { ...room, service: unknown })).toEqual([]);
  });

  it("refuse another value, and the same value for an object that is not adopted or exists in the stack", async () => {
    const { check, log } = there();
    const refused = [expect.stringMatching(/^smsApplicationSid must be the SID of a TwiML application/)];
    expect(await check(phoneNumber, { ...adopted, smsApplicationSid: other })).toEqual(refused);
    expect(await check(phoneNumber, { phoneNumber: own, smsApplicationSid: gone })).toEqual(refused);
    expect(await check(phoneNumber, adopted, { adopt: number.sid, friendlyName: "x" })).toEqual(refused);
    expect(log).toEqual([]);
  });
});
