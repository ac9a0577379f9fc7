import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { providerText } from "../../src/core/registration/resource";
import {
  Conversation,
  ConversationConfiguration,
  ConversationService,
  ConversationServiceNotification,
  Participant,
  PhoneNumber,
  TwilioProvider,
} from "../../src/index";
import { phoneNumber } from "../../src/numbers/phone-number";
import { fresh, hex, ids, inputsOf, refusal, registered, run, settled, value } from "../support/mock-run";

beforeEach(() => run());

describe("a child", () => {
  it("takes its parent as a resource or as an id", async () => {
    const service = new ConversationService("service", { friendlyName: "Support" });
    const byResource = new Conversation("by-resource", { service });
    const byId = new Conversation("by-id", { service: service.id });
    const byText = new Conversation("by-text", { service: ids.ConversationService as string });
    const ada = new Participant("ada", { conversation: byResource, identity: "ada" });
    await settled(service, byResource, byId, byText, ada);
    for (const name of ["by-resource", "by-id", "by-text"]) expect(inputsOf(name).service).toBe(ids.ConversationService);
    expect(inputsOf("ada").conversation).toBe(ids.Conversation);
  });
});

describe("the SID of a resource", () => {
  it("is what a property of any text may hold", async () => {
    const service = new ConversationService("service", { friendlyName: "Support" });
    const newMessage = { enabled: true, template: service.sid };
    const notification = new ConversationServiceNotification("of-any-text", { service, newMessage });
    await settled(notification);
    expect(inputsOf("of-any-text").newMessage).toEqual({ enabled: true, template: `IS${hex("2")}` });
  });

  it("is refused where the property takes another kind, with the property to pass", async () => {
    const number = new PhoneNumber("number", { areaCode: "510" });
    const sms = { address: "+15558675310", proxyAddress: number.sid };
    expect(await refusal(new Participant("of-another-kind", { conversation: ids.Conversation as string, sms }))).toContain(
      "sms.proxyAddress must not be a PhoneNumber's id or SID: pass its `phoneNumber`",
    );
  });
});

describe("the outputs that derive from the id", () => {
  it("are the SIDs of the object and its parents, and its URL", async () => {
    const ada = new Participant("ada", { conversation: ids.Conversation as string, identity: fresh("ada") });
    const service = new ConversationService("service", { friendlyName: "Support" });
    const hello = new Conversation("hello", { service });
    const number = new PhoneNumber("number", { areaCode: "510" });
    expect(
      await Promise.all(
        [ada.sid, ada.conversationSid, ada.chatServiceSid, hello.sid, hello.chatServiceSid, service.sid, number.sid].map(value),
      ),
    ).toEqual([`MB${hex("4")}`, `CH${hex("3")}`, `IS${hex("2")}`, `CH${hex("3")}`, `IS${hex("2")}`, `IS${hex("2")}`, `PN${hex("1")}`]);
    const root = `https://conversations.twilio.com/v1/Services/IS${hex("2")}`;
    expect(await Promise.all([service.url, hello.url, ada.url].map(value))).toEqual([
      root,
      `${root}/Conversations/CH${hex("3")}`,
      `${root}/Conversations/CH${hex("3")}/Participants/MB${hex("4")}`,
    ]);
  });

  it("are unknown in a preview that creates the object", async () => {
    await run({ preview: true, isNew: true });
    const ada = new Participant("ada", { conversation: ids.Conversation as string, identity: fresh("ada") });
    expect(await Promise.all([ada.sid, ada.conversationSid, ada.url].map(value))).toEqual([undefined, undefined, undefined]);
  });
});

describe("a property that the program does not declare", () => {
  it("is an output, whose value is what the engine returns", async () => {
    const number = new PhoneNumber(fresh("number"), { areaCode: "510" });
    const room = new Conversation(fresh("room"), {});
    for (const output of [number.phoneNumber, number.smsUrl, number.accountSid, room.state, room.friendlyName])
      expect(pulumi.Output.isInstance(output)).toBe(true);
  });
});

describe("a registration", () => {
  it("consists of the program's inputs, the URN and the provider text", async () => {
    const number = new PhoneNumber("front-desk", { search: { country: "US" } });
    const ada = new Participant("ada", { conversation: ids.Conversation as string, identity: "ada-registered" });
    await settled(number, ada);
    expect(inputsOf("front-desk")).toEqual({
      search: { country: "US" },
      __urn: "urn:pulumi:stack::project::pulumi-nodejs:twilio/numbers:PhoneNumber::front-desk",
      __run: { organization: undefined, isPreview: false },
      __provider: providerText(phoneNumber),
    });
    expect(inputsOf("ada")).toEqual({
      conversation: ids.Conversation,
      identity: "ada-registered",
      __urn: "urn:pulumi:stack::project::pulumi-nodejs:twilio/conversations:Participant::ada",
      __run: { organization: undefined, isPreview: false },
      __provider: providerText(participant),
    });
  });

  it("has a frozen type token", async () => {
    const service = new ConversationService("service", { friendlyName: "Support" });
    const hello = new Conversation("hello", {});
    const ada = new Participant("ada", { conversation: ids.Conversation as string, identity: fresh("ada") });
    const number = new PhoneNumber("number", { areaCode: "510" });
    await settled(service, hello, ada, number);
    expect(registered.map(({ type }) => type).sort()).toEqual([
      "pulumi-nodejs:twilio/conversations:Conversation",
      "pulumi-nodejs:twilio/conversations:ConversationService",
      "pulumi-nodejs:twilio/conversations:Participant",
      "pulumi-nodejs:twilio/numbers:PhoneNumber",
    ]);
  });

  it("gives a conversation a unique name derived from its URN, unless it is named or adopted", async () => {
    const service = new ConversationService("service", { friendlyName: "Support" });
    const a = new Conversation("hello", { service });
    const b = new Conversation("hello", { service }, { parent: a });
    const named = new Conversation("named", { uniqueName: "mine" });
    const adopted = new Conversation("adopted", { adopt: "theirs" });
    await settled(a, b, named, adopted);
    const uniqueNames = registered.filter(({ name }) => name === "hello").map(({ inputs }) => inputs.uniqueName);
    expect(uniqueNames).toEqual([expect.stringMatching(/^hello~[0-9a-f]{7}$/), expect.stringMatching(/^hello~[0-9a-f]{7}$/)]);
    expect(uniqueNames[0]).not.toBe(uniqueNames[1]);
    expect(inputsOf("named").uniqueName).toBe("mine");
    expect(inputsOf("adopted")).not.toHaveProperty("uniqueName");
  });

  it("of `get` consists of the provider text only", async () => {
    const hello = Conversation.get("hello", ids.Conversation as string);
    await settled(hello);
    expect(registered).toMatchObject([{ id: ids.Conversation, inputs: { __provider: providerText(conversation) } }]);
    expect(await value(hello.sid)).toBe(`CH${hex("3")}`);
    expect(Conversation.isInstance(hello)).toBe(true);
    expect(Participant.isInstance(hello)).toBe(false);
    expect(Conversation.isInstance({ id: 1 })).toBe(false);
  });
});

describe("two resources of which Twilio would refuse the second", () => {
  const pair = () => ({ address: `+1555867${1000 + Number(fresh("").slice(1))}`, proxyAddress: "+15017122661" });

  it.each([
    ["an identity twice in one conversation", () => new Conversation(fresh("hello"), {}), false],
    ["an identity twice in a conversation that does not exist yet", () => new Conversation(fresh("hello"), {}), true],
    ["an identity twice in a conversation given as an id", () => `IS${hex("a")}/CH${hex("b")}`, false],
  ])("fail, and the error names both: %s", async (_what, declareConversation, isNew) => {
    await run({ preview: isNew, isNew });
    const conversation = declareConversation();
    const first = fresh("first");
    const second = fresh("second");
    new Participant(first, { conversation, identity: "twice" });
    const message = await refusal(new Participant(second, { conversation, identity: "twice" }));
    expect(message).toContain(
      `Participant "${second}": identity must not be the same as in Participant "${first}" ("twice"): an identity is in a conversation once`,
    );
    expect(message).toContain("twice");
  });

  it.each(["sms", "whatsapp", "rcs"] as const)("fail, and the error names both: a %s pair in two conversations", async (kind) => {
    const { address, proxyAddress } = pair();
    const prefix = kind === "sms" ? "" : `${kind}:`;
    const binding = { [kind]: { address: pulumi.output(prefix + address), proxyAddress: prefix + proxyAddress } } as {
      sms: typeof address & never;
    };
    const [first, second] = [fresh("first"), fresh("second")];
    new Participant(first, { conversation: new Conversation(fresh("hello"), {}), ...binding });
    const message = await refusal(new Participant(second, { conversation: new Conversation(fresh("hello"), {}), ...binding }));
    expect(message).toContain(
      `Participant "${second}": ${kind}.address and ${kind}.proxyAddress must not be the same as in Participant "${first}"`,
    );
    expect(message).toContain(address);
  });

  it.each<[string, () => pulumi.CustomResource, string]>([
    [
      "a unique name in the default service",
      () => {
        new Conversation("one", { uniqueName: "hall" });
        return new Conversation("two", { uniqueName: "hall" });
      },
      'Conversation "two": uniqueName must not be the same as in Conversation "one" ("hall"): a unique name occurs once in a service.',
    ],
    [
      "a unique name in one service",
      () => {
        const service = new ConversationService(fresh("service"), { friendlyName: "Support" });
        new Conversation("three", { service, uniqueName: "hello" });
        return new Conversation("four", { service, uniqueName: "hello" });
      },
      'Conversation "four": uniqueName must not be the same as in Conversation "three" ("hello"): a unique name occurs once in a service.',
    ],
    [
      "a number bought twice",
      () => {
        new PhoneNumber("five", { phoneNumber: "+15005550006" });
        return new PhoneNumber("six", { phoneNumber: "+15005550006" });
      },
      'PhoneNumber "six": phoneNumber must not be the same as in PhoneNumber "five" ("+15005550006"): a number is bought once.',
    ],
    [
      "two configurations of one account",
      () => {
        new ConversationConfiguration("seven", {});
        return new ConversationConfiguration("eight", {});
      },
      'ConversationConfiguration "eight": must not be declared: ConversationConfiguration "seven" is the same. An account has one configuration.',
    ],
  ])("fail, and the error names property and both resources: %s", async (_what, declare, expected) => {
    expect(await refusal(declare())).toContain(expected);
    expect(registered).toEqual([]);
  });

  it.each([
    ["as an output", (secret: string) => pulumi.secret(secret)],
    ["as an output of an output", (secret: string) => pulumi.secret(secret).apply((text) => text)],
  ])("fail without the value, where it is secret: %s", async (_what, secret) => {
    const name = fresh("c4nary");
    new Conversation(fresh("first"), { uniqueName: name });
    const message = await refusal(new Conversation(fresh("second"), { uniqueName: secret(name) }));
    expect(message).toContain("uniqueName must not be the same as in Conversation");
    expect(message).not.toContain("c4nary");
  });

  it("are distinguished from resources of other conversations, services, proxy addresses and accounts", async () => {
    const sub = new TwilioProvider("sub", { accountSid: `AC${hex("5")}`, authToken: "secret" });
    const service = new ConversationService(fresh("service"), { friendlyName: "Support" });
    const [a, b] = [new Conversation(fresh("hello"), { service }), new Conversation(fresh("hello"), { service })];
    const sms = pair();
    await settled(
      new Participant(fresh("p"), { conversation: a, identity: "alice" }),
      new Participant(fresh("p"), { conversation: b, identity: "alice" }),
      new Participant(fresh("p"), { conversation: a, sms }),
      new Participant(fresh("p"), { conversation: b, sms: { ...sms, proxyAddress: "+15017122662" } }),
      new Participant(fresh("p"), { conversation: ids.Conversation as string, sms }, { provider: sub }),
      new Conversation(fresh("c"), { service, uniqueName: "lobby" }),
      new Conversation(fresh("c"), { service: new ConversationService(fresh("service"), { friendlyName: "Sales" }), uniqueName: "lobby" }),
      new Conversation(fresh("c"), { uniqueName: "lobby" }),
    );
  });

  it("are not compared where the account has one, and a component may pass on a provider of another account", async () => {
    const component = new pulumi.ComponentResource("acme:chat:Customer", fresh("customer"));
    const other = new pulumi.ComponentResource("acme:chat:Customer", fresh("customer"));
    await settled(
      new ConversationConfiguration(fresh("configuration"), {}, { parent: component }),
      new ConversationConfiguration(fresh("configuration"), {}, { parent: other }),
    );
  });
});
