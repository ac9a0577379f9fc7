import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, onTestFinished } from "vitest";
import { quietly } from "../../src/core/registration/program-error";
import { attachEmulator } from "../../src/emulator";
import * as api from "../../src/index";
import { type Args, call, conversations, lookUpTests, pathOf, refusal, sidOf } from "../support/look-ups";
import { fresh, hex, value } from "../support/mock-run";

const tests = lookUpTests();
const hidden = "c4nary-0f-a-t0ken";

describe("an object that is not there", () => {
  it("is an error that says what was looked for, where, and what to do", async () => {
    const { service } = tests.fixture;
    const message = await refusal(api.getConversation({ service, uniqueName: "front desk" }));
    expect(message).toBe(
      `getConversation: there is no Conversation with uniqueName "front desk" under ${service} at ${tests.twilio.settings()["twilio:baseUrl"]} in account ` +
        `${tests.twilio.emulator.accountSid}. Check the arguments and the account. If this program creates it, use getConversationOutput with an output ` +
        "of that resource, or with `dependsOn`.",
    );
    expect(await refusal(api.getConversation({ sid: `CH${hex("0")}` }))).toContain(
      "Without `service`, only the account's default one is searched.",
    );
    expect(await refusal(api.getPhoneNumber({ phoneNumber: "+14155550100" }))).toContain(
      'no PhoneNumber with phoneNumber "+14155550100" at',
    );
    expect(await refusal(api.getConversationServiceConfiguration({ service: `IS${hex("0")}` }))).toContain(`under IS${hex("0")}`);
    expect(await refusal(api.getConversationRole({ service, friendlyName: "none" }))).toContain(
      'no ConversationRole with friendlyName "none"',
    );
    expect(await refusal(api.getAccount({ sid: `AC${hex("0")}` }))).toContain(`there is no account AC${hex("0")} at http`);
    expect(await refusal(api.getPhoneNumberPrices({ country: "ZZ" }))).toContain("there are no prices of ZZ at http");
  });

  it("is no other object that Twilio finds under the same path", async () => {
    const { service, conversation } = tests.fixture;
    for (const uniqueName of [".", "..", sidOf(conversation), "../../Services"]) {
      expect(await refusal(api.getConversation({ service, uniqueName }))).toMatch(/^getConversation: /);
    }
    expect(await refusal(api.getParticipant({ conversation: tests.fixture.otherConversation, sid: `MB${hex("0")}` }))).toContain(
      "no Participant",
    );
  });
});

describe("several objects that fit", () => {
  it("are an error that names at most five SIDs and says how to be exact", async () => {
    const sids: string[] = [];
    for (let count = 0; count < 7; count += 1) sids.push(await tests.post("/v1/Services", { FriendlyName: "twin" }, "messaging"));
    const message = await refusal(api.getMessagingService({ friendlyName: "twin" }));
    expect(message).toMatch(
      /there are 7 objects of MessagingService with friendlyName "twin" at .*: (MG[0-9a-f]{32}, ){4}MG[0-9a-f]{32} and 2 more/,
    );
    expect(message).toContain("Pass the `sid` of the right one.");
    expect(sids.filter((sid) => message.includes(sid))).toHaveLength(5);
    expect(await api.getMessagingService({ sid: sids[3] })).toMatchObject({ friendlyName: "twin" });
  });

  it("are told apart by a further property", async () => {
    const { service } = tests.fixture;
    const path = `/v1/Services/${service}/Roles`;
    const role = (Type: string) => tests.post(path, { FriendlyName: "night", Type, Permission: "addParticipant" });
    const [first] = [await role("service"), await role("conversation")];
    const message = await refusal(api.getConversationRole({ service, friendlyName: "night" }));
    expect(message).toContain("there are 2 objects");
    expect(message).toContain("or add `type`");
    expect((await api.getConversationRole({ service, friendlyName: "night", type: "service" })).sid).toBe(first);
  });
});

describe("arguments", () => {
  it("must be those of the look-up, in their formats, and name one object; nothing is asked otherwise", async () => {
    const { service, conversation } = tests.fixture;
    const wrong = async (name: string, args: Args) => refusal(call(name, args));
    expect(await wrong("getConversation", { service: "support", uniqueName: "a" })).toContain("`service` must be a ConversationService");
    expect(await wrong("getConversation", { uniqeName: "a" })).toContain("did you mean `uniqueName`?");
    expect(await wrong("getConversation", { service })).toContain("one of `sid`, `uniqueName` must be given; received none.");
    expect(await wrong("getConversation", { sid: sidOf(conversation), uniqueName: "a" })).toContain(
      "must not be given together with `sid`",
    );
    expect(await wrong("getConversationMessage", { conversation })).toContain("`sid` must be given; received none.");
    expect(await wrong("getConversation", { sid: service })).toContain("`sid` must be the SID of a Conversation, CH and 32 hex digits");
    expect(await wrong("getParticipant", { identity: "ada" })).toContain(
      "`conversation` is missing: getParticipant requires `conversation`",
    );
    expect(await wrong("getConversations", { limit: 0 })).toContain("`limit` must be");
    expect(await wrong("getParticipantConversations", { service })).toContain(
      "exactly one of `identity` and `address` must be given; received none.",
    );
    expect(await wrong("getAvailablePhoneNumbers", { country: "us" })).toContain("`country` must look like");
    expect(await wrong("getAvailablePhoneNumbers", { country: "DE", areaCode: "415" })).toContain("`areaCode` is for US and CA only");
    expect(tests.twilio.requests()).toEqual([]);
  });

  it("must be known for a value; the error names the function that waits", async () => {
    const message = await refusal(call("getConversation", { uniqueName: pulumi.output("a") }));
    expect(message).toBe(
      "getConversation: `uniqueName` must be a plain value; received a value that is known later. Use getConversationOutput, which waits for it.",
    );
    const service = new api.ConversationService(fresh("support"), { friendlyName: "Support" });
    expect(await refusal(call("getConversation", { service, uniqueName: "a" }))).toContain("Use getConversationOutput");
  });
});

describe("the look-up of outputs", () => {
  const unknownOf = async (output: unknown) => !(await (output as { isKnown: Promise<boolean> }).isKnown);

  it("takes a resource or its SID for its id", async () => {
    const id = tests.fixture.conversation;
    await tests.post(`${pathOf(id)}/Participants`, { Identity: "ada" });
    const conversation = api.Conversation.get(fresh("hello"), id);
    for (const one of [conversation, conversation.sid, conversation.id, pulumi.output(conversation)]) {
      expect((await value(api.getParticipantOutput({ conversation: one, identity: "ada" })))?.conversation).toBe(id);
    }
  });

  it("is unknown in a preview while an argument is, and Twilio is not asked", async () => {
    await tests.begin({}, { preview: true, isNew: true });
    const service = new api.ConversationService(fresh("support"), { friendlyName: "Support" });
    expect(await unknownOf(api.getConversationOutput({ service, uniqueName: "front desk" }))).toBe(true);
    // Its name is known, but the object does not exist.
    expect(await unknownOf(api.getConversationServiceOutput({ friendlyName: service.friendlyName }))).toBe(true);
    expect(await unknownOf(api.getConversationServiceOutput({ friendlyName: "Support" }, { dependsOn: service }))).toBe(true);
    expect(tests.twilio.requests()).toEqual([]);
  });

  it("is known in a preview where the arguments are", async () => {
    await tests.begin({}, { preview: true });
    const { service, conversation } = tests.fixture;
    const output = api.getConversationOutput({ service, sid: pulumi.output(sidOf(conversation)) });
    expect([await unknownOf(output), (await value(output))?.id]).toEqual([false, conversation]);
  });

  it("is secret where an argument is, and an error does not show that argument", async () => {
    const { service } = tests.fixture;
    await tests.post(conversations(service), { UniqueName: hidden });
    const output = api.getConversationOutput({ service, uniqueName: pulumi.secret(hidden) });
    expect([await pulumi.isSecret(output), (await value(output))?.uniqueName]).toEqual([true, hidden]);
    expect(await pulumi.isSecret(api.getConversationServiceOutput({ sid: service }))).toBe(false);
    const failing = quietly(api.getConversationOutput({ service, uniqueName: pulumi.secret(`${hidden} 2`) }));
    const message = await refusal(value(failing));
    expect(message).toContain(`with uniqueName "***" under ${service} at`);
    expect(message).not.toContain(hidden);
  });
});

describe("a provider", () => {
  /** A subaccount with a service of its own. */
  async function subaccount() {
    const account = await tests.twilio.rest("POST", "api", "/2010-04-01/Accounts.json", { FriendlyName: "customer" });
    const [accountSid, authToken] = [String(account.sid), String(account.auth_token)];
    const answer = await fetch(`${tests.twilio.emulator.url}/conversations.twilio.com/v1/Services`, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` },
      body: new URLSearchParams({ FriendlyName: "theirs" }),
    });
    return { accountSid, authToken, service: String(((await answer.json()) as Args).sid) };
  }

  it("names the account to ask, and its credentials make no result secret", async () => {
    const { accountSid, authToken, service } = await subaccount();
    const provider = new api.TwilioProvider(fresh("customer"), { accountSid, authToken, callTimeout: 5 });
    expect(await api.getConversationService({ friendlyName: "theirs" }, { provider })).toMatchObject({ sid: service, accountSid });
    const output = api.getConversationServiceOutput({ friendlyName: "theirs" }, { provider });
    expect([await pulumi.isSecret(output), (await value(output))?.sid]).toEqual([false, service]);
    expect(await refusal(api.getConversationService({ friendlyName: "theirs" }))).toContain(
      `in account ${tests.twilio.emulator.accountSid}`,
    );
  });

  it("whose credentials are not known yet makes an output unknown, and a value an error", async () => {
    await tests.begin({}, { preview: true, isNew: true });
    const key = new api.ApiKey(fresh("ci"), { friendlyName: "ci" });
    const provider = new api.TwilioProvider(fresh("by-key"), { accountSid: `AC${hex("a")}`, apiKey: key.sid, apiSecret: key.secret });
    const output = api.getConversationServiceOutput({ friendlyName: "Support" }, { provider });
    expect(await (output as unknown as { isKnown: Promise<boolean> }).isKnown).toBe(false);
    expect(await refusal(api.getConversationService({ friendlyName: "Support" }, { provider }))).toContain(
      "the settings of the provider must be known; a resource of this program has yet to give them. Use getConversationServiceOutput",
    );
    expect(tests.twilio.requests()).toEqual([]);
  });

  it("must be of this package", async () => {
    const provider = new (class extends pulumi.ProviderResource {})("aws", fresh("other"), {}) as api.TwilioProvider;
    expect(await refusal(api.getAccount({}, { provider }))).toContain("`provider` of a look-up must be a TwilioProvider");
  });
});

describe("credentials", () => {
  it("appear in no result and in no error, also where the server repeats them", async () => {
    const { accountSid, authToken } = tests.twilio.emulator;
    expect(JSON.stringify(await api.getAccount())).not.toContain(authToken);
    const server = createServer((request, response) => {
      response.writeHead(400, { "content-type": "application/json" });
      response.end(JSON.stringify({ code: 20001, message: `${request.headers.authorization} ${hidden} ${encodeURIComponent(hidden)}` }));
    });
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await tests.begin({ "twilio:baseUrl": url, "twilio:authToken": hidden });
    const message = await refusal(api.getConversations());
    server.close();
    expect(message).toContain("getConversations: Cannot list objects of kind Conversation");
    expect(message).toContain("***");
    for (const secret of [hidden, Buffer.from(`${accountSid}:${hidden}`).toString("base64")]) expect(message).not.toContain(secret);
  });

  it("that are missing are an error of the look-up", async () => {
    pulumi.runtime.setAllConfig({ "twilio:accountSid": `AC${hex("1")}` });
    expect(await refusal(api.getAccount())).toContain("getAccount: incomplete credentials in the stack's configuration");
  });
});

describe("a run", () => {
  it("asks Twilio the same once, also at the same time and for lists, and the next run asks again", async () => {
    const { service } = tests.fixture;
    const roles = ["channel admin", "channel user"].map((friendlyName) => api.getConversationRole({ service, friendlyName }));
    await Promise.all([...roles, api.getConversationRoles({ service })]);
    expect(tests.twilio.requests()).toHaveLength(1);
    await Promise.all([1, 2].map(() => api.getConversationService({ sid: service })));
    expect(tests.twilio.requests().map(({ path }) => path)).toEqual([`/v1/Services/${service}`, `/v1/Services/${service}/Configuration`]);
    await tests.begin();
    await api.getConversationRoles({ service });
    expect(tests.twilio.requests()).toHaveLength(1);
  });

  it("gives each caller a result of its own", async () => {
    const { service } = tests.fixture;
    const path = conversations(service);
    const sid = await tests.post(path, { Attributes: '{"a":1}' });
    const first = await api.getConversation({ service, sid });
    Object.assign(first.attributes as object, { a: 2 });
    expect((await api.getConversation({ service, sid })).attributes).toEqual({ a: 1 });
  });

  it("may ask again after a failure", async () => {
    const { service } = tests.fixture;
    await tests.twilio.control("POST", "faults", { path: `/v1/Services/${service}`, status: 403, times: 1 });
    expect(await refusal(api.getConversationService({ sid: service }))).toContain("403");
    expect((await api.getConversationService({ sid: service })).sid).toBe(service);
  });
});

it("a look-up of a stack that uses the emulator asks the one of its folder, and leaves none behind", async () => {
  const folder = await mkdtemp(join(tmpdir(), "twilio-look-up-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const attached = await attachEmulator(folder);
  const { accountSid } = attached;
  await attached.close();
  pulumi.runtime.setAllConfig({ "twilio:backend": "emulator", "twilio:stateDir": folder });
  expect(await api.getAccount()).toMatchObject({ sid: accountSid });
  // It would be the one that serves the folder.
  const again = await attachEmulator(folder);
  expect(JSON.parse(await readFile(join(folder, "lock.json"), "utf8"))).toMatchObject({ url: again.url });
  await again.close();
});
