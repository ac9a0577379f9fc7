import { describe, expect, it } from "vitest";
import { conversationConfiguration } from "../../src/conversations/configuration";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { TwilioError } from "../../src/core/twilio/errors";
import type { Body, Request } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, conversationId, fake, service } from "../support/fake-twilio";
import { unknown } from "../support/mini-engine";

const own = "+15558675311";
const foreign = "+15558675312";
const voiceOnly = "+15558675313";
const registered = "whatsapp:+4915112345678";
const mobile = "+15558675310";
const role = `RL${"1".repeat(32)}`;
const serviceRole = `RL${"2".repeat(32)}`;
const messagingService = `MG${"1".repeat(32)}`;
const otherService = `IS${"9".repeat(32)}`;
const numbers = `/2010-04-01/Accounts/${account}/IncomingPhoneNumbers`;
const available = `/2010-04-01/Accounts/${account}/AvailablePhoneNumbers`;
const owned = [
  { sid: `PN${"1".repeat(32)}`, phone_number: own, capabilities: { sms: true } },
  { sid: `PN${"3".repeat(32)}`, phone_number: voiceOnly, capabilities: { sms: false } },
];
const offers = [
  { phone_number: "+14155550100", address_requirements: "none" },
  { phone_number: "+14155550101", address_requirements: "local" },
];

/** What the account of these tests has. */
function twilioHas({ path, query }: Request): Body | undefined {
  if (path === `${numbers}.json`)
    return { incoming_phone_numbers: owned.filter(({ phone_number }) => phone_number === query?.PhoneNumber) };
  if (path.startsWith(available)) {
    const isLocal = path === `${available}/US/Local.json`;
    return { available_phone_numbers: isLocal ? offers.filter(({ phone_number }) => phone_number === `+${query?.Contains}`) : [] };
  }
  if (path === "/v2/Channels/Senders") return { senders: [{ sender_id: registered }], meta: { next_page_url: null } };
  if (path === "/v1/Services") return { services: [{ sid: service }, { sid: otherService }], meta: { next_page_url: null } };
  if (path === `/v1/Services/${messagingService}` || path === `/v1/Services/${service}`) return { sid: path.split("/").at(-1) };
  if (path === `/v1/Services/${service}/Roles/${role}`) return { sid: role, type: "conversation" };
  if (path === `/v1/Services/${service}/Roles/${serviceRole}`) return { sid: serviceRole, type: "service" };
  return undefined;
}

function run(answer: (request: Request) => Body | undefined | Promise<Body | undefined> = twilioHas, previewLookups = true) {
  const made = fake(answer);
  Object.assign(made.context, { previewLookups });
  const check = async (definition: Definition, news: Props, olds: Props = {}) => {
    const { problems } = await made.of(definition).check(olds, news);
    return problems.map(({ property, reason }) => `${property} ${reason}`);
  };
  return { ...made, check };
}

const sms = (proxyAddress: string) => ({ conversation: conversationId, sms: { address: mobile, proxyAddress } });
const chat = { conversation: conversationId, identity: "ada" };

interface Row {
  readonly definition: Definition;
  readonly wrong: Props;
  readonly says: string;
  readonly right: Props;
  readonly unknown: Props;
}

const proxies = { definition: participant, right: sms(own), unknown: sms(unknown) };

const roles = { definition: participant, right: { ...chat, roleSid: role }, unknown: { ...chat, roleSid: unknown } };

const rows: Record<string, Row> = {
  "the proxy address of an SMS participant": {
    ...proxies,
    wrong: sms(foreign),
    says: `${account}, which does not own it: buy it with PhoneNumber and pass that resource's \`phoneNumber\`, or pass a number of the account`,
  },
  "a proxy address that sends no texts": { ...proxies, wrong: sms(voiceOnly), says: "sms.proxyAddress must be a number that sends SMS" },
  "the proxy address of a WhatsApp participant": {
    definition: participant,
    wrong: { conversation: conversationId, whatsapp: { address: `whatsapp:${mobile}`, proxyAddress: `whatsapp:${foreign}` } },
    says: `whatsapp.proxyAddress must be a WhatsApp sender of account ${account}`,
    right: { conversation: conversationId, whatsapp: { address: `whatsapp:${mobile}`, proxyAddress: registered } },
    unknown: { conversation: conversationId, whatsapp: { address: `whatsapp:${mobile}`, proxyAddress: unknown } },
  },
  "a projected address": {
    definition: participant,
    wrong: { ...chat, projectedAddress: "+14155550199" },
    says: `projectedAddress must be a number of account ${account}`,
    right: { ...chat },
    unknown: { ...chat, projectedAddress: unknown },
  },
  "the role of a participant": {
    definition: participant,
    wrong: { ...chat, roleSid: `RL${"7".repeat(32)}` },
    says: "roleSid must be the SID of a role of type conversation in the conversation's service",
    right: { ...chat, roleSid: role },
    unknown: { ...chat, roleSid: unknown },
  },
  "a role of another type": { ...roles, wrong: { ...chat, roleSid: serviceRole }, says: "this role has the type service" },
  "a role in a conversation that does not exist yet": {
    definition: participant,
    wrong: { ...chat, conversation: unknown, roleSid: `RL${"7".repeat(32)}` },
    says: "roleSid must be the SID of a role",
    right: { ...chat, conversation: unknown, roleSid: role },
    unknown: { ...chat, conversation: unknown, roleSid: unknown },
  },
  "the messaging service of a conversation": {
    definition: conversation,
    wrong: { messagingServiceSid: `MG${"7".repeat(32)}` },
    says: `messagingServiceSid must be the SID of a messaging service of account ${account}, which has none with this SID`,
    right: { messagingServiceSid: messagingService },
    unknown: { messagingServiceSid: unknown },
  },
  "the account's default service": {
    definition: conversationConfiguration,
    wrong: { defaultChatServiceSid: otherService },
    says: "defaultChatServiceSid must be the SID of a ConversationService",
    right: { defaultChatServiceSid: service },
    unknown: { defaultChatServiceSid: unknown },
  },
  "the number to buy": {
    definition: phoneNumber,
    wrong: { phoneNumber: "+14155550177" },
    says: "phoneNumber must be a number that Twilio offers; it does not offer this one",
    right: { phoneNumber: "+14155550100" },
    unknown: { phoneNumber: unknown },
  },
  "a number that requires an address": {
    definition: phoneNumber,
    wrong: { phoneNumber: "+14155550101" },
    says: "phoneNumber requires an address (local)",
    right: { phoneNumber: "+14155550101", addressSid: unknown },
    unknown: { phoneNumber: unknown },
  },
  "the conversation to adopt": {
    definition: conversation,
    wrong: { service, adopt: "nowhere" },
    says: `adopt must name a Conversation of ${service} in account ${account}; there is none: remove \`adopt\`; it is then created`,
    right: { service },
    unknown: { service, adopt: unknown },
  },
  "the participant to adopt, by its SID": {
    definition: participant,
    wrong: { ...chat, adopt: `MB${"7".repeat(32)}` },
    says: "adopt must name a Participant of CH",
    right: chat,
    unknown: { ...chat, adopt: unknown },
  },
  "the number to adopt": {
    definition: phoneNumber,
    wrong: { adopt: foreign },
    says: `adopt must name a PhoneNumber of account ${account}; there is none: to buy one, declare which one in place of \`adopt\``,
    right: { adopt: own },
    unknown: { adopt: unknown },
  },
};

describe.each(Object.entries(rows))("a check of %s", (_what, { definition, wrong, says, right, unknown: unsettled }) => {
  it("refuses what Twilio does not have, and names no value", async () => {
    const { check, asked } = run();
    const [found = ""] = await check(definition, wrong);
    expect(found).toContain(says);
    for (const value of [foreign, voiceOnly, "+14155550177", "nowhere", `RL${"7".repeat(32)}`, `MG${"7".repeat(32)}`])
      expect(found).not.toContain(value);
    expect(asked.filter((one) => !/^(get|list) /.test(one))).toEqual([]);
  });

  it("accepts what Twilio has", async () => expect(await run().check(definition, right)).toEqual([]));

  it("asks nothing about a value that is not known yet", async () => {
    const { check, asked } = run();
    expect(await check(definition, unsettled)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("asks nothing about an existing resource whose property does not change", async () => {
    const { check, asked } = run();
    expect(await check(definition, { ...wrong, onDelete: "retain" }, wrong)).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("is off where the stack says so", async () => {
    const { check, log } = run(undefined, false);
    expect(await check(definition, wrong)).toEqual([]);
    expect(log.join("\n")).not.toContain("left to Twilio");
  });

  it.each([
    ["a restricted key", 403],
    ["an outage", 503],
    ["no response", 0],
  ])("leaves the value to Twilio after %s", async (_why, status) => {
    const { check, log } = run(() => Promise.reject(new TwilioError("Cannot look up", { status, message: "no" })));
    expect(await check(definition, wrong)).toEqual([]);
    expect(log.join("\n")).toContain("The value is left to Twilio.");
  });
});

describe("look-ups", () => {
  it("ask once per value and run, also across resources that are checked at once", async () => {
    const { check, asked } = run();
    const both = Array.from({ length: 20 }, (_, index) =>
      check(participant, { ...sms(own), sms: { address: `+1555867530${index % 10}`, proxyAddress: own } }),
    );
    await Promise.all(both);
    await check(participant, { conversation: conversationId, projectedAddress: foreign });
    expect(asked).toEqual([`get ${numbers}.json`, `get ${numbers}.json`]);
  });

  it("ask about an existing resource only where the property changes", async () => {
    const { check, asked } = run();
    const { sms: binding } = sms(own);
    expect(
      await check(participant, { ...sms(own), roleSid: `RL${"7".repeat(32)}` }, { conversation: conversationId, sms: binding }),
    ).toHaveLength(1);
    expect(asked).toEqual([`get /v1/Services/${service}/Roles/RL${"7".repeat(32)}`]);
  });

  it("ask nothing about a number that the same program buys, which Twilio's list does not have yet", async () => {
    const { check, asked } = run();
    expect(await check(phoneNumber, { phoneNumber: "+14155550100" })).toEqual([]);
    asked.length = 0;
    expect(await check(participant, sms("+14155550100"))).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("do not refuse a number that another process of the run plans to buy, for the resources of another provider", async () => {
    const buying = run();
    expect(await buying.check(phoneNumber, { phoneNumber: "+14155550100" })).toEqual([]);
    const other = run();
    expect(await other.check(participant, sms("+14155550100"))).toHaveLength(1);
    const third = run();
    Object.assign(third.context, { notes: buying.context.notes });
    expect(await third.check(participant, sms("+14155550100"))).toEqual([]);
  });

  it("ask nothing about an object that this run created, which Twilio may not show yet", async () => {
    const created = { sid: messagingService.replace("MG", "CH"), account_sid: account, chat_service_sid: service, unique_name: "hello" };
    const { of, check, asked } = run((request) => (request.method === "post" ? created : undefined));
    await of(conversation).create({ service, uniqueName: "hello" });
    asked.length = 0;
    expect(await check(conversation, { service, adopt: created.sid })).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("accept the sandbox of WhatsApp, which every account may use", async () => {
    const binding = { address: `whatsapp:${mobile}`, proxyAddress: "whatsapp:+14155238886" };
    const { check, asked } = run();
    expect(await check(participant, { conversation: conversationId, whatsapp: binding })).toEqual([]);
    expect(asked).toEqual([]);
  });

  it.each([
    ["a list without its key", () => ({})],
    ["a list that does not exist", () => undefined],
  ])("refuse no number after %s", async (_what, answer) => {
    const { check, log } = run(answer);
    expect(await check(participant, sms(foreign))).toEqual([]);
    expect(log).toEqual([]);
  });

  it("refuse no role of an account with more services than they look through", async () => {
    const answer = (request: Request) =>
      request.path === "/v1/Services"
        ? { services: [{ sid: service }], meta: { next_page_url: "https://x.twilio.com/v1/Services?Page=1" } }
        : undefined;
    expect(await run(answer).check(participant, { ...chat, conversation: unknown, roleSid: role })).toEqual([]);
  });

  it("do not refuse a number that this machine has released: Twilio sells it again, and does not offer it", async () => {
    const { of, check } = run((request) => (request.method === "delete" ? {} : twilioHas(request)));
    await of(phoneNumber).delete(`PN${"5".repeat(32)}`, { phoneNumber: "+14155550177", accountSid: account, onDelete: "release" });
    expect(await check(phoneNumber, { phoneNumber: "+14155550177" })).toEqual([]);
  });

  it("refuse a name to adopt that several objects have", async () => {
    const services = [`IS${"1".repeat(32)}`, `IS${"2".repeat(32)}`].map((sid) => ({ sid, friendly_name: "Support" }));
    const found = await run(() => ({ services })).check(conversationService, { friendlyName: "Support", adopt: "Support" });
    expect(found).toEqual([expect.stringMatching(/^adopt 2 objects of kind ConversationService have the same friendlyName/)]);
  });

  it("refuse a configuration that is adopted by another id, without a request", async () => {
    const { check, asked } = run();
    expect(await check(conversationConfiguration, { adopt: service })).toEqual([
      `adopt must be the id of the ConversationConfiguration, ${account}`,
    ]);
    expect(asked).toEqual([]);
  });

  it("leave an adopted participant's proxy address alone, which Twilio cannot change", async () => {
    const live = { sid: `MB${"1".repeat(32)}`, account_sid: account };
    const { check } = run((request) => (request.path.includes("/Participants/") ? live : twilioHas(request)));
    expect(await check(participant, { ...sms(foreign), adopt: live.sid })).toEqual([]);
  });
});
