import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation, ConversationService, Participant, PhoneNumber } from "../../src/index";
import { allParticipants } from "../conformance/participant";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";
import { fetchOrUndefined } from "./twilio";

const search = { country: "US", type: "local", smsEnabled: true } as const;

describe("Participants of a conversation", () => {
  let lab: Lab;
  let declareParticipants: (hello: Conversation, number: PhoneNumber, service: ConversationService) => void = () => {};
  let friendlyName = "My First Conversation";

  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const number = new PhoneNumber("front-desk", { search });
        const service = new ConversationService("support", { friendlyName: "Support" });
        declareParticipants(new Conversation("hello", { service, friendlyName }), number, service);
      },
    });
    expectOk(await lab.stack.up());
  });
  afterAll(() => lab.close());

  const declareBoth = (hello: Conversation, number: PhoneNumber) => {
    new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
    new Participant("pineapple", { conversation: pulumi.output(hello), identity: "testPineapple" });
  };

  it("are rejected at preview when two have the same identity, and the error names both", async () => {
    declareParticipants = (hello) => {
      new Participant("pineapple", { conversation: hello, identity: "testPineapple" });
      new Participant("second", { conversation: hello, identity: "testPineapple" });
    };
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain(
      'Participant "second": identity must not be the same as in Participant "pineapple" ("testPineapple"): an identity is in a conversation once. Declare only one of them.',
    );
  });

  it("are rejected at preview when two have the same pair of addresses, also in two conversations", async () => {
    declareParticipants = (hello, number, service) => {
      new Participant("mobile", { conversation: hello, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
      const other = new Conversation("other", { service });
      new Participant("phone", { conversation: other, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
    };
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toMatch(
      /Participant "phone": sms\.address and sms\.proxyAddress must not be the same as in Participant "mobile" \("\+15558675310", "\+1\d{10}"\): a pair of address and proxyAddress is in one open conversation at a time\. Declare only one of them\./,
    );
  });

  it("may have the same identity in two conversations", async () => {
    declareParticipants = (hello, _number, service) => {
      new Participant("pineapple", { conversation: hello, identity: "testPineapple" });
      new Participant("elsewhere", { conversation: new Conversation("other", { service }), identity: "testPineapple" });
    };
    expectOk(await lab.stack.preview());
  });

  it("take their conversation as a resource, as an output of it, as its id output, or as the id's string, without a change", async () => {
    const { hello } = await lab.stack.state();
    declareParticipants = (conversation) => {
      new Participant("by-resource", { conversation, identity: "one" });
      new Participant("by-output", { conversation: pulumi.output(conversation), identity: "four" });
      new Participant("by-id", { conversation: conversation.id, identity: "two" });
      new Participant("by-string", { conversation: hello?.id as string, identity: "three" });
    };
    expectOk(await lab.stack.up());
    const state = await lab.stack.state();
    for (const name of ["by-resource", "by-output", "by-id", "by-string"]) expect(state[name]?.id.startsWith(`${hello?.id}/MB`)).toBe(true);
    declareParticipants = (conversation) => {
      new Participant("by-resource", { conversation: pulumi.output(conversation), identity: "one" });
      new Participant("by-output", { conversation: hello?.id as string, identity: "four" });
      new Participant("by-id", { conversation, identity: "two" });
      new Participant("by-string", { conversation: conversation.id, identity: "three" });
    };
    expectNothing(await lab.stack.preview());
  });

  it("are not replaced when their conversation is updated", async () => {
    declareParticipants = declareBoth;
    expectOk(await lab.stack.up());
    friendlyName = "Renamed";
    const outcome = await lab.stack.preview();
    expectOk(outcome);
    expect(outcome.changes).toEqual({ hello: "update" });
    expect(outcome.steps.find(({ name }) => name === "hello")?.diff).toEqual({ friendlyName: "update" });
    expectOk(await lab.stack.up());
  });

  it("are updated in place to the declared role", async () => {
    const { hello, support, pineapple } = await lab.stack.state();
    const service = lab.twilio.client.conversations.v1.services(support?.id as string);
    const reader = await service.roles.create({ friendlyName: "reader", type: "conversation", permission: ["leaveConversation"] });
    declareParticipants = (conversation, number) => {
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
    declareParticipants = declareBoth;
    expectOk(await lab.stack.up());
  });

  it("fail with Twilio's error, the conversation that holds the pair of addresses, and what to do", async () => {
    const { v1 } = lab.twilio.client.conversations;
    const elsewhere = await v1.conversations.create({ friendlyName: "Elsewhere" });
    const { "front-desk": number, hello } = await lab.stack.state();
    const pair = {
      "messagingBinding.address": "+15558675319",
      "messagingBinding.proxyAddress": String(number?.outputs.phoneNumber),
    };
    await v1.conversations(elsewhere.sid).participants.create(pair);
    declareParticipants = (conversation, { phoneNumber }) => {
      declareBoth(conversation, { phoneNumber } as PhoneNumber);
      new Participant("late", { conversation, sms: { address: "+15558675319", proxyAddress: phoneNumber } });
    };
    const outcome = await lab.stack.up();
    expect(outcome.ok).toBe(false);
    const { message } = outcome.diagnostics.find(({ urn }) => urn.endsWith("::late")) as { message: string };
    const [service, conversation] = String(hello?.id).split("/");
    const created = elsewhere.dateCreated.toISOString().replace(".000", "");
    expect(message.replace(/RQ[0-9a-f]{32}/, "RQ…")).toBe(
      [
        `Cannot create Participant (POST /v1/Services/${service}/Conversations/${conversation}/Participants): A binding for this participant and proxy address already exists in Conversation ${elsewhere.sid}`,
        "  (Twilio error 50416, HTTP 409, request RQ…)",
        "  https://www.twilio.com/docs/errors/50416",
        `  What to do: the pair of address and proxyAddress is bound in ${elsewhere.sid}: remove the participant there, or close or delete that conversation.`,
        `  The pair is bound in ${elsewhere.sid}, active, of service ${elsewhere.chatServiceSid} in account ${elsewhere.accountSid}, created ${created}.`,
      ].join("\n"),
    );
    await v1.conversations(elsewhere.sid).update({ state: "closed" });
    expectOk(await lab.stack.up());
  });

  it("can be adopted by identity, and are then kept when the program no longer declares them", async () => {
    const { hello } = await lab.stack.state();
    const [service, conversation] = String(hello?.id).split("/") as [string, string];
    const live = lab.twilio.client.conversations.v1.services(service).conversations(conversation).participants;
    const guest = await live.create({ identity: "guest" });
    declareParticipants = (parent) =>
      void new Participant("guest", { conversation: parent, identity: "guest", adopt: "guest", attributes: { vip: true } });
    expectOk(await lab.stack.up());
    expect((await lab.stack.state()).guest?.id).toBe(`${hello?.id}/${guest.sid}`);
    expect((await live(guest.sid).fetch()).attributes).toBe('{"vip":true}');
    expectNothing(await lab.stack.up());
    declareParticipants = () => {};
    expectOk(await lab.stack.up());
    expect(await fetchOrUndefined(live(guest.sid).fetch())).toBeDefined();
  });
});

class Quickstart extends pulumi.ComponentResource {
  readonly hello: Conversation;

  constructor(name: string, identity: string) {
    super("proof:index:Quickstart", name);
    const service = new ConversationService(`${name}-service`, { friendlyName: "Support" }, { parent: this });
    this.hello = new Conversation(`${name}-hello`, { service }, { parent: this });
    new Participant(`${name}-person`, { conversation: this.hello, identity }, { parent: this });
  }
}

describe("Component resources", () => {
  it("can hold resources, whose default names differ between components", async () => {
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
      expect(await allParticipants(lab.twilio)).toEqual([]);
    } finally {
      await lab.close();
    }
  });
});

/** Never called. The type check of the tests fails if one of these compiles. */
function _mustNotCompile(conversation: Conversation, proxyAddress: string): void {
  // @ts-expect-error a chat participant has no phone
  new Participant("both", { conversation, identity: "a", sms: { address: "+15558675310", proxyAddress } });
  // @ts-expect-error an SMS participant requires a proxy address
  new Participant("no-proxy", { conversation, sms: { address: "+15558675310" } });
  // @ts-expect-error a participant has no such property
  new Participant("misspelt", { conversation, identity: "a", identitty: "b" });
  // @ts-expect-error the group has no such property
  new Participant("misspelt-within", { conversation, sms: { address: "+15558675310", proxyAddress, proxy: "+1" } });
  // @ts-expect-error exactly one kind is required
  new Participant("nobody", { conversation });
  // @ts-expect-error the conversation is required
  new Participant("nowhere", { identity: "a" });
  // @ts-expect-error WhatsApp and SMS are two participants
  new Participant("two", { conversation, sms: { address: "+1", proxyAddress }, whatsapp: { address: "+1", proxyAddress } });
}
