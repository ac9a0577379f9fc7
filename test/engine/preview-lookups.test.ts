import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation, ConversationConfiguration, ConversationService, Participant, PhoneNumber } from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

const nobody = "+15558675399";
const mobile = "+15558675310";
const search = { country: "US", areaCode: "415", smsEnabled: true } as const;
const none = (prefix: string) => prefix + "0".repeat(32);

let lab: Lab;
let program: () => void;
beforeAll(async () => {
  lab = await openLab({ program: async () => program() });
});
afterAll(() => lab.close());

const preview = () => lab.stack.preview();

/** Programs with something that Twilio does not have, beside resources that an update would create first. */
const wrong: Record<string, { readonly program: () => void; readonly says: string }> = {
  "a proxy address of nobody": {
    program: () => void new Participant("it", { conversation: new Conversation("c"), sms: { address: mobile, proxyAddress: nobody } }),
    says: "which does not own it: buy it with PhoneNumber",
  },
  "a WhatsApp sender of nobody": {
    program: () => {
      const whatsapp = { address: `whatsapp:${mobile}`, proxyAddress: `whatsapp:${nobody}` };
      new Participant("it", { conversation: new Conversation("c"), whatsapp });
    },
    says: "must be a WhatsApp sender of account",
  },
  "a projected address of nobody": {
    program: () => void new Participant("it", { conversation: new Conversation("c"), projectedAddress: "+14155550199" }),
    says: "which does not own it",
  },
  "an unknown role": {
    program: () => void new Participant("it", { conversation: new Conversation("c"), identity: "ada", roleSid: none("RL") }),
    says: "must be the SID of a role of type conversation",
  },
  "an unknown messaging service": {
    program: () => void new Conversation("it", { messagingServiceSid: none("MG") }),
    says: "must be the SID of a messaging service",
  },
  "an unknown default service": {
    program: () => void new ConversationConfiguration("it", { defaultChatServiceSid: none("IS") }),
    says: "must be the SID of a ConversationService",
  },
  "a number that is not for sale": {
    program: () => void new PhoneNumber("it", { phoneNumber: "+14155550001" }),
    says: "must be a number that Twilio offers",
  },
  "a search whose numbers require an address": {
    program: () => void new PhoneNumber("it", { search: { country: "DE", type: "local" } }),
    says: "declare an Address and pass it as `addressSid`",
  },
  "a conversation to adopt that does not exist": {
    program: () => void new Conversation("it", { adopt: "nowhere" }),
    says: "there is none: remove `adopt`; it is then created",
  },
  "a service to adopt that does not exist": {
    program: () => void new ConversationService("it", { friendlyName: "Support", adopt: none("IS") }),
    says: "there is none: remove `adopt`; it is then created",
  },
  "a number to adopt that does not exist": {
    program: () => void new PhoneNumber("it", { adopt: nobody }),
    says: "there is none: to buy one, declare which one in place of `adopt`",
  },
  "a number resource as the proxy address": {
    program: () => {
      const number = new PhoneNumber("number", { search });
      new Participant("it", { conversation: new Conversation("c"), sms: { address: mobile, proxyAddress: number } } as never);
    },
    says: "sms.proxyAddress must not be a PhoneNumber itself: pass its `phoneNumber`",
  },
  "a number's SID as the proxy address": {
    program: () => {
      const number = new PhoneNumber("number", { search });
      new Participant("it", { conversation: new Conversation("c"), sms: { address: mobile, proxyAddress: number.sid } });
    },
    says: "sms.proxyAddress must not be a PhoneNumber's id or SID: pass its `phoneNumber`",
  },
  "the SID of a service as the conversation": {
    program: () => {
      const service = new ConversationService("service", { friendlyName: "Support" });
      new Participant("it", { conversation: service.sid, identity: "ada" });
    },
    says: "conversation must be a Conversation or the id of one; received a ConversationService",
  },
};

describe("a preview refuses, and nothing is written:", () => {
  it.each(Object.entries(wrong))("%s", async (_what, row) => {
    await lab.twilio.forgetCalls();
    program = () => {
      new Conversation("beside");
      row.program();
    };
    const outcome = await preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain(row.says);
    expect(await lab.twilio.writes()).toEqual([]);
  });
});

describe("a valid program", () => {
  let own: Lab;
  let role = "";
  let messagingService = "";
  let proxy = "";
  let declared: () => void;
  beforeAll(async () => {
    own = await openLab({ program: async () => declared() });
    const { client } = own.twilio;
    const { defaultChatServiceSid } = await client.conversations.v1.configuration().fetch();
    const roles = await client.conversations.v1.services(defaultChatServiceSid).roles.list();
    role = roles.find(({ type }) => type === "conversation")?.sid as string;
    messagingService = (await client.messaging.v1.services.list())[0]?.sid as string;
    const [offer] = await client.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 1 });
    proxy = (await client.incomingPhoneNumbers.create({ phoneNumber: offer?.phoneNumber as string })).phoneNumber;
  });
  afterAll(() => own.close());

  const chat = () => {
    const number = new PhoneNumber("number", { search });
    const hello = new Conversation("hello", { messagingServiceSid: messagingService });
    new Participant("known", { conversation: hello, sms: { address: mobile, proxyAddress: proxy }, roleSid: role });
    new Participant("other", { conversation: hello, sms: { address: "+15558675311", proxyAddress: proxy } });
    new Participant("bought", { conversation: hello.sid, sms: { address: mobile, proxyAddress: number.phoneNumber } });
  };

  it("passes the preview, which asks about each value once and about no number that the program buys", async () => {
    declared = chat;
    await own.twilio.forgetCalls();
    expectOk(await own.stack.preview());
    expect(await own.twilio.writes()).toEqual([]);
    const calls = await own.twilio.calls();
    const count = (part: string) => calls.filter(({ path }) => path.includes(part)).reduce((sum, one) => sum + one.count, 0);
    expect(count("/Roles/")).toBe(1);
    expect(calls.filter(({ host, path }) => host.startsWith("messaging") && path.includes("/Services")).map(({ count }) => count)).toEqual([
      1,
    ]);
  });

  it("is created by an update, also with a conversation's SID in place of its id", async () => {
    expectOk(await own.stack.up());
    const [hello] = await own.twilio.client.conversations.v1.conversations.list();
    const participants = await own.twilio.client.conversations.v1.conversations(hello?.sid as string).participants.list();
    expect(participants).toHaveLength(3);
  });

  it("makes no call in a preview without changes", async () => {
    await own.twilio.forgetCalls();
    expectNothing(await own.stack.preview());
    expect(await own.twilio.calls()).toEqual([]);
  });

  it("is left to Twilio where a look-up fails", async () => {
    declared = () => {
      chat();
      new Conversation("late", { messagingServiceSid: none("MG") });
    };
    await own.twilio.fault({ method: "GET", path: "/v1/Services/*", status: 403 });
    expectOk(await own.stack.preview());
    await own.twilio.forgetFaults();
  });

  it("asks nothing where the stack sets twilio:previewLookups to false", async () => {
    declared = () => {
      chat();
      new Conversation("late", { messagingServiceSid: none("MG"), ownerMark: "none-may-duplicate" });
      new Conversation("later", { adopt: "nowhere" });
    };
    await own.stack.stack.setConfig("twilio:previewLookups", { value: "false" });
    await own.twilio.forgetCalls();
    expectOk(await own.stack.preview());
    expect(await own.twilio.calls()).toEqual([]);
  });

  it("refuses an adopted conversation that was deleted at Twilio, once a refresh has removed it from the state", async () => {
    const { sid } = await own.twilio.client.conversations.v1.conversations.create({ uniqueName: "theirs" });
    declared = () => void new Conversation("theirs", { adopt: "theirs" });
    await own.stack.stack.setConfig("twilio:previewLookups", { value: "true" });
    expectOk(await own.stack.up());
    await own.twilio.client.conversations.v1.conversations(sid).remove();
    expectOk(await own.stack.refresh());
    const outcome = await own.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain("there is none: remove `adopt`; it is then created");
  });
});
