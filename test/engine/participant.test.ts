import { ComponentResource } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { participant } from "../../src/conversations/participant";
import { Conversation, ConversationService, Participant, type ParticipantArgs, PhoneNumber } from "../../src/index";
import { conformance, expectNothing, expectOk, type Ground, type Lab, openLab } from "./conformance";
import { type EmulatorClient, found } from "./twilio";

const at = ({ client }: EmulatorClient, id: string) => {
  const [service, conversation, participant] = id.split("/") as [string, string, string];
  return client.conversations.v1.services(service).conversations(conversation).participants(participant);
};
const search = { country: "US", type: "local", smsEnabled: true } as const;
const sms = (address: string, proxyAddress: string) => ({ sms: { address, proxyAddress } });
const whatsapp = (address: string, { phoneNumber }: PhoneNumber) => ({
  whatsapp: { address: `whatsapp:${address}`, proxyAddress: phoneNumber.apply((number) => `whatsapp:${number}`) },
});

conformance({
  definition: participant,
  type: "pulumi-nodejs:twilio/conversations:Participant",
  id: /^IS[0-9a-f]{32}\/CH[0-9a-f]{32}\/MB[0-9a-f]{32}$/,
  make: (name, args, options) => new Participant(name, args as unknown as ParticipantArgs, options),
  get: (name, id) => Participant.get(name, id),
  ground: () => {
    const service = new ConversationService("ground", { friendlyName: "Ground" });
    return {
      service,
      conversation: new Conversation("ground-one", { service }),
      other: new Conversation("ground-two", { service }),
      number: new PhoneNumber("ground-number", { search, onDelete: "release" }),
      second: new PhoneNumber("ground-second", { search, onDelete: "release" }),
    };
  },
  args: ({ conversation }, name) => ({ conversation, identity: name }),
  updates: {
    attributes: { values: [{ plan: "gold" }, { plan: "silver" }], shown: ['{"plan":"gold"}', '{"plan":"silver"}'], none: "{}" },
    roleSid: {
      values: [role("defaultConversationCreatorRoleSid"), role("defaultConversationRoleSid")],
      shown: [expect.stringMatching(/^RL/), expect.stringMatching(/^RL/)],
      none: expect.stringMatching(/^RL/),
    },
  },
  replaces: {
    conversation: ({ conversation, other }, identity) => [
      { conversation, identity },
      { conversation: other, identity },
    ],
    identity: ({ conversation }) => [
      { conversation, identity: "before" },
      { conversation, identity: "after" },
    ],
    "sms.address": ({ conversation, number }) => [
      { conversation, ...sms("+15558675310", number.phoneNumber) },
      { conversation, ...sms("+15558675311", number.phoneNumber) },
    ],
    "sms.proxyAddress": ({ conversation, number, second }) => [
      { conversation, ...sms("+15558675312", number.phoneNumber) },
      { conversation, ...sms("+15558675312", second.phoneNumber) },
    ],
    "whatsapp.address": ({ conversation, number }) => [
      { conversation, ...whatsapp("+15558675313", number) },
      { conversation, ...whatsapp("+15558675314", number) },
    ],
    "whatsapp.proxyAddress": ({ conversation, number, second }) => [
      { conversation, ...whatsapp("+15558675315", number) },
      { conversation, ...whatsapp("+15558675315", second) },
    ],
    address: ({ conversation }) => [
      { conversation, address: "+15558675316" },
      { conversation, address: "+15558675317" },
    ],
    projectedAddress: ({ conversation, number, second }) => [
      { conversation, identity: "projected", projectedAddress: number.phoneNumber },
      { conversation, identity: "projected", projectedAddress: second.phoneNumber },
    ],
  },
  deletesFirst: true,
  silent: { onDelete: ["retain", "delete"], adopt: [undefined, `MB${"0".repeat(32)}`] },
  drift: {
    property: "attributes",
    declared: { plan: "gold" },
    change: (twilio, id) => at(twilio, id).update({ attributes: '{"plan":"none"}' }),
  },
  fetch: async (twilio, id) => (await found(at(twilio, id).fetch()))?.toJSON(),
  remove: (twilio, id) => at(twilio, id).remove(),
  list: everyone,
  missing: `IS${"0".repeat(32)}/CH${"0".repeat(32)}/MB${"0".repeat(32)}`,
});

function role(name: "defaultConversationCreatorRoleSid" | "defaultConversationRoleSid") {
  return ({ service }: Ground) => (service as ConversationService).configuration.apply((configuration) => configuration[name]);
}

async function everyone({ client }: EmulatorClient) {
  const services = client.conversations.v1.services;
  const conversations = await Promise.all((await services.list()).map(({ sid }) => services(sid).conversations.list()));
  return (
    await Promise.all(
      conversations.flat().map(({ sid, chatServiceSid }) => services(chatServiceSid).conversations(sid).participants.list()),
    )
  ).flat();
}

describe("participants of a conversation", () => {
  let lab: Lab;
  let who: (hello: Conversation, number: PhoneNumber, service: ConversationService) => void = () => {};
  let friendlyName = "My First Conversation";

  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const number = new PhoneNumber("front-desk", { search });
        const service = new ConversationService("support", { friendlyName: "Support" });
        who(new Conversation("hello", { service, friendlyName }), number, service);
      },
    });
    expectOk(await lab.stack.up());
  });
  afterAll(() => lab.close());

  const both = (hello: Conversation, number: PhoneNumber) => {
    new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
    new Participant("pineapple", { conversation: hello, identity: "testPineapple" });
  };

  it("are refused at preview when two are the same person, and both are named", async () => {
    who = (hello) => {
      new Participant("pineapple", { conversation: hello, identity: "testPineapple" });
      new Participant("ananas", { conversation: hello, identity: "testPineapple" });
    };
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain(
      '"ananas" and "pineapple" are the same: an identity is in a conversation once (testPineapple). Declare only one of them.',
    );
  });

  it("are refused at preview when two have the same pair of addresses, in whichever conversation", async () => {
    who = (hello, number, service) => {
      new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
      const other = new Conversation("other", { service });
      new Participant("phone", { conversation: other, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
    };
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toMatch(
      /"phone" and "mobile" are the same: a pair of address and proxyAddress is in one open conversation at a time \(\+15558675310, \+1\d{10}\)\. Declare only one of them\./,
    );
  });

  it("of the same name in two conversations are two", async () => {
    who = (hello, _number, service) => {
      new Participant("pineapple", { conversation: hello, identity: "testPineapple" });
      new Participant("elsewhere", { conversation: new Conversation("other", { service }), identity: "testPineapple" });
    };
    expectOk(await lab.stack.preview());
  });

  it("may be given their conversation as a resource, as its id, or as the id's text", async () => {
    const { hello } = await lab.stack.state();
    who = (conversation) => {
      new Participant("by-resource", { conversation, identity: "one" });
      new Participant("by-id", { conversation: conversation.id, identity: "two" });
      new Participant("by-text", { conversation: hello?.id as string, identity: "three" });
    };
    expectOk(await lab.stack.up());
    const state = await lab.stack.state();
    for (const name of ["by-resource", "by-id", "by-text"]) expect(state[name]?.id.startsWith(`${hello?.id}/MB`)).toBe(true);
    who = (conversation) => {
      new Participant("by-resource", { conversation: hello?.id as string, identity: "one" });
      new Participant("by-id", { conversation, identity: "two" });
      new Participant("by-text", { conversation: conversation.id, identity: "three" });
    };
    expectNothing(await lab.stack.preview());
  });

  it("are not shown as replaced when their conversation or their number changes", async () => {
    who = both;
    expectOk(await lab.stack.up());
    friendlyName = "Renamed";
    const outcome = await lab.stack.preview();
    expectOk(outcome);
    expect(outcome.changes).toEqual({ hello: "update" });
    expect(outcome.steps.find(({ name }) => name === "hello")?.diff).toEqual({ friendlyName: "update" });
    expectOk(await lab.stack.up());
  });

  it("take a role in place, the very one that was asked for", async () => {
    const { hello, support, pineapple } = await lab.stack.state();
    const service = lab.twilio.client.conversations.v1.services(support?.id as string);
    const reader = await service.roles.create({ friendlyName: "reader", type: "conversation", permission: ["leaveConversation"] });
    who = (conversation, number) => {
      new Participant("mobile", { conversation, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
      new Participant("pineapple", { conversation, identity: "testPineapple", roleSid: reader.sid });
    };
    const outcome = await lab.stack.up();
    expectOk(outcome);
    expect(outcome.changes).toEqual({ pineapple: "update" });
    const sid = pineapple?.id.split("/")[2] as string;
    const live = await service
      .conversations(hello?.id.split("/")[1] as string)
      .participants(sid)
      .fetch();
    expect(live.roleSid).toBe(reader.sid);
    who = both;
    expectOk(await lab.stack.up());
  });

  it("say in which conversation a pair of addresses is bound already, what Twilio said and what to do", async () => {
    const { v1 } = lab.twilio.client.conversations;
    const elsewhere = await v1.conversations.create({ friendlyName: "Elsewhere" });
    const { "front-desk": number, hello } = await lab.stack.state();
    const pair = {
      "messagingBinding.address": "+15558675319",
      "messagingBinding.proxyAddress": String(number?.outputs.phoneNumber),
    };
    await v1.conversations(elsewhere.sid).participants.create(pair);
    who = (conversation, { phoneNumber }) => {
      both(conversation, { phoneNumber } as PhoneNumber);
      new Participant("late", { conversation, sms: { address: "+15558675319", proxyAddress: phoneNumber } });
    };
    const outcome = await lab.stack.up();
    expect(outcome.ok).toBe(false);
    const { message } = outcome.diagnostics.find(({ urn }) => urn.endsWith("::late")) as { message: string };
    const [service, conversation] = String(hello?.id).split("/");
    const made = elsewhere.dateCreated.toISOString().replace(".000", "");
    expect(message.replace(/RQ[0-9a-f]{32}/, "RQ…")).toBe(
      [
        `Cannot create Participant (POST /v1/Services/${service}/Conversations/${conversation}/Participants): A binding for this participant and proxy address already exists in Conversation ${elsewhere.sid}`,
        "  (Twilio error 50416, HTTP 409, request RQ…)",
        "  https://www.twilio.com/docs/errors/50416",
        `  What to do: the pair of address and proxyAddress is bound in ${elsewhere.sid}: remove the participant there, or close or delete that conversation.`,
        `  The pair is held by conversation ${elsewhere.sid} ("Elsewhere"), active, of service ${elsewhere.chatServiceSid} in account ${elsewhere.accountSid}, made ${made}.`,
      ].join("\n"),
    );
    await v1.conversations(elsewhere.sid).update({ state: "closed" });
    expectOk(await lab.stack.up());
  });

  it("may be adopted by identity, and are then kept by destroy", async () => {
    const { hello } = await lab.stack.state();
    const [service, conversation] = String(hello?.id).split("/") as [string, string];
    const live = lab.twilio.client.conversations.v1.services(service).conversations(conversation).participants;
    const guest = await live.create({ identity: "guest" });
    who = (parent) => void new Participant("guest", { conversation: parent, identity: "guest", adopt: "guest", attributes: { vip: true } });
    expectOk(await lab.stack.up());
    expect((await lab.stack.state()).guest?.id).toBe(`${hello?.id}/${guest.sid}`);
    expect((await live(guest.sid).fetch()).attributes).toBe('{"vip":true}');
    expectNothing(await lab.stack.up());
    who = () => {};
    expectOk(await lab.stack.up());
    expect(await found(live(guest.sid).fetch())).toBeDefined();
  });
});

class Quickstart extends ComponentResource {
  readonly hello: Conversation;

  constructor(name: string, identity: string) {
    super("proof:index:Quickstart", name);
    const service = new ConversationService(`${name}-service`, { friendlyName: "Support" }, { parent: this });
    this.hello = new Conversation(`${name}-hello`, { service }, { parent: this });
    new Participant(`${name}-person`, { conversation: this.hello, identity }, { parent: this });
  }
}

describe("components", () => {
  it("may hold resources, each with names of its own", async () => {
    const lab = await openLab({
      program: async () => {
        new Quickstart("one", "same");
        new Quickstart("two", "same");
      },
    });
    try {
      expectOk(await lab.stack.up());
      const state = await lab.stack.state();
      expect(state["one-person"]?.urn).toContain("proof:index:Quickstart$pulumi-nodejs:twilio/conversations:Participant");
      expect(state["one-hello"]?.outputs.uniqueName).not.toBe(state["two-hello"]?.outputs.uniqueName);
      expectNothing(await lab.stack.up());
      expectOk(await lab.stack.destroy());
      expect(await everyone(lab.twilio)).toEqual([]);
    } finally {
      await lab.close();
    }
  });
});

/** Never called: what must not compile. The type check of the tests fails where one of these compiles after all. */
function _mistakes(conversation: Conversation, proxyAddress: string): void {
  // @ts-expect-error a person in a chat has no phone
  new Participant("both", { conversation, identity: "a", sms: { address: "+15558675310", proxyAddress } });
  // @ts-expect-error a phone needs the number that it texts with
  new Participant("no-proxy", { conversation, sms: { address: "+15558675310" } });
  // @ts-expect-error there is no such property
  new Participant("misspelt", { conversation, identity: "a", identitty: "b" });
  // @ts-expect-error there is no such property in the group
  new Participant("misspelt-within", { conversation, sms: { address: "+15558675310", proxyAddress, proxy: "+1" } });
  // @ts-expect-error somebody must take part
  new Participant("nobody", { conversation });
  // @ts-expect-error it takes part in something
  new Participant("nowhere", { identity: "a" });
  // @ts-expect-error WhatsApp and SMS are two participants
  new Participant("two", { conversation, sms: { address: "+1", proxyAddress }, whatsapp: { address: "+1", proxyAddress } });
}
