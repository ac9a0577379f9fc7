import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, it } from "vitest";
import {
  Conversation,
  ConversationConfiguration,
  ConversationService,
  ConversationWebhook,
  Participant,
  TwilioProvider,
} from "../../src/index";
import { fresh, hex, ids, inputsOf, refusal, registered, run, settled } from "../support/mock-run";

const inTime = { output: pulumi.output, promise: async (value: unknown) => value };
type InTime = (value: unknown) => never;

let accounts = 0;
/** One account has one configuration. */
function inNewAccount() {
  accounts += 1;
  return { provider: new TwilioProvider(fresh("account"), { accountSid: `AC${String(accounts).padStart(32, "0")}` }) };
}

describe.each(Object.entries(inTime) as [string, InTime][])("a parent that is the value of a promise or an output: %s", (_kind, wrap) => {
  beforeEach(() => run());

  it("is registered as its id", async () => {
    const service = new ConversationService(fresh("service"), { friendlyName: "Support" });
    const room = new Conversation("room", { service: wrap(service), uniqueName: fresh("room") });
    const webhook = { url: "https://example.com", triggers: ["HELP"] };
    const trigger = new ConversationWebhook("hook", { conversation: wrap(room), trigger: webhook });
    await settled(trigger, new Participant("ada", { conversation: wrap(room), identity: fresh("ada") }));
    expect(inputsOf("room")?.service).toBe(ids.ConversationService);
    for (const name of ["hook", "ada"]) expect(inputsOf(name)?.conversation).toBe(ids.Conversation);
  });

  it("is registered as its SID where the property takes a SID", async () => {
    const service = new ConversationService(fresh("service"), { friendlyName: "Support" });
    await settled(new ConversationConfiguration("defaults", { defaultChatServiceSid: wrap(service) }, inNewAccount()));
    expect(inputsOf("defaults")?.defaultChatServiceSid).toBe(`IS${hex("2")}`);
  });

  it("may be an id, and keeps it", async () => {
    await settled(new Participant("by-id", { conversation: wrap(ids.Conversation), identity: fresh("ada") }));
    expect(inputsOf("by-id")?.conversation).toBe(ids.Conversation);
  });

  it("must be of the right class", async () => {
    const service = new ConversationService(fresh("service"), { friendlyName: "Support" });
    const room = new Conversation(fresh("room"));
    const account = inNewAccount();
    await settled(service, room, account.provider);
    registered.length = 0;
    const message = await refusal(new Participant("wrong", { conversation: wrap(service), identity: fresh("ada") }));
    expect(message).toBe('Participant "wrong": conversation must be a Conversation or the id of one; received a ConversationService');
    const other = await refusal(new ConversationConfiguration("wrong-sid", { defaultChatServiceSid: wrap(room) }, account));
    expect(other).toContain("defaultChatServiceSid must be a ConversationService or the SID of one; received a Conversation");
    expect(registered).toEqual([]);
  });
});

it("a parent that is the value of an output is not known in the preview that creates it", async () => {
  await run({ preview: true, isNew: true });
  const room = new Conversation(fresh("room"));
  await settled(new Participant("ada", { conversation: pulumi.output(room), identity: fresh("ada") }));
  expect(inputsOf("ada")).not.toHaveProperty("conversation", expect.stringContaining("CH"));
  expect(Object.keys(inputsOf("ada") ?? {})).toContain("conversation");
});

it("a parent that is the value of a secret output stays secret", async () => {
  await run();
  const room = new Conversation(fresh("room"));
  await settled(new Participant("ada", { conversation: pulumi.secret(room), identity: fresh("ada") }));
  expect(inputsOf("ada")?.__secrets).toEqual(["conversation"]);
});
