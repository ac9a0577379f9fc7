import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { providerText } from "../../src/core/registration/resource";
import { Conversation, ConversationService, Participant, PhoneNumber, TwilioProvider } from "../../src/index";
import { phoneNumber } from "../../src/numbers/phone-number";

const hex = (digit: string) => digit.repeat(32);
const ids: Record<string, string> = {
  PhoneNumber: `PN${hex("1")}`,
  ConversationService: `IS${hex("2")}`,
  Conversation: `IS${hex("2")}/CH${hex("3")}`,
  Participant: `IS${hex("2")}/CH${hex("3")}/MB${hex("4")}`,
};

let registered: pulumi.runtime.MockResourceArgs[] = [];

/** A program's run: without an engine, every resource gets the id of its kind, or none yet in a preview that creates. */
async function run({ preview = false, isNew = false } = {}) {
  registered = [];
  await pulumi.runtime.setMocks(
    {
      newResource(args) {
        registered.push(args);
        const id = args.id || ids[args.type.slice(args.type.lastIndexOf(":") + 1)] || args.name;
        return { id: isNew ? undefined : id, state: args.inputs };
      },
      call: () => ({}),
    },
    "project",
    "stack",
    preview,
  );
}

const value = <T>(output: pulumi.Output<T>): Promise<T | undefined> =>
  (output as unknown as { promise(): Promise<T | undefined> }).promise();
const settled = (...resources: pulumi.CustomResource[]) => Promise.all(resources.map(({ id }) => value(id)));
/** The message with which a resource fails. All its outputs fail with it, which would end a program and is to be heard once here. */
async function refusal(resource: pulumi.CustomResource): Promise<string> {
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", () => {});
  try {
    const error = await settled(resource).then(
      () => expect.unreachable("it was registered"),
      (error: Error) => error,
    );
    await new Promise((resolve) => setImmediate(resolve));
    return error.message;
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const listener of listeners) process.on("unhandledRejection", listener);
  }
}
const inputsOf = (name: string) => registered.find((args) => args.name === name)?.inputs;

// What one program has claimed is remembered for the whole run, so tests do not share names.
let names = 0;
const fresh = (text: string) => {
  names += 1;
  return `${text}-${names}`;
};
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

describe("what the id tells", () => {
  it("are the SIDs of the object and its parents, and its address", async () => {
    const ada = new Participant("ada", { conversation: ids.Conversation as string, identity: fresh("ada") });
    const service = new ConversationService("service", { friendlyName: "Support" });
    const room = new Conversation("room", { service });
    const number = new PhoneNumber("number", { areaCode: "510" });
    expect(
      await Promise.all(
        [ada.sid, ada.conversationSid, ada.chatServiceSid, room.sid, room.chatServiceSid, service.sid, number.sid].map(value),
      ),
    ).toEqual([`MB${hex("4")}`, `CH${hex("3")}`, `IS${hex("2")}`, `CH${hex("3")}`, `IS${hex("2")}`, `IS${hex("2")}`, `PN${hex("1")}`]);
    const root = `https://conversations.twilio.com/v1/Services/IS${hex("2")}`;
    expect(await Promise.all([service.url, room.url, ada.url].map(value))).toEqual([
      root,
      `${root}/Conversations/CH${hex("3")}`,
      `${root}/Conversations/CH${hex("3")}/Participants/MB${hex("4")}`,
    ]);
  });

  it("is not known in a preview that creates, and is no wrong text either", async () => {
    await run({ preview: true, isNew: true });
    const ada = new Participant("ada", { conversation: ids.Conversation as string, identity: fresh("ada") });
    expect(await Promise.all([ada.sid, ada.conversationSid, ada.url].map(value))).toEqual([undefined, undefined, undefined]);
  });
});

describe("what is registered", () => {
  it("is what the program gives, the provider's text and, for a number and a service, the owner's mark", async () => {
    const number = new PhoneNumber("front-desk", { search: { country: "US" } });
    const ada = new Participant("ada", { conversation: ids.Conversation as string, identity: "ada-registered" });
    await settled(number, ada);
    expect(inputsOf("front-desk")).toEqual({
      search: { country: "US" },
      __urn: "urn:pulumi:stack::project::pulumi-nodejs:twilio/numbers:PhoneNumber::front-desk",
      __provider: providerText(phoneNumber),
    });
    expect(inputsOf("ada")).toEqual({
      conversation: ids.Conversation,
      identity: "ada-registered",
      __urn: "urn:pulumi:stack::project::pulumi-nodejs:twilio/conversations:Participant::ada",
      __provider: providerText(participant),
    });
  });

  it("has the frozen types", async () => {
    const service = new ConversationService("service", { friendlyName: "Support" });
    const room = new Conversation("room", {});
    const ada = new Participant("ada", { conversation: ids.Conversation as string, identity: fresh("ada") });
    const number = new PhoneNumber("number", { areaCode: "510" });
    await settled(service, room, ada, number);
    expect(registered.map(({ type }) => type).sort()).toEqual([
      "pulumi-nodejs:twilio/conversations:Conversation",
      "pulumi-nodejs:twilio/conversations:ConversationService",
      "pulumi-nodejs:twilio/conversations:Participant",
      "pulumi-nodejs:twilio/numbers:PhoneNumber",
    ]);
  });

  it("gives a conversation a name that only this resource of this stack has, and leaves a given or adopted one alone", async () => {
    const service = new ConversationService("service", { friendlyName: "Support" });
    const a = new Conversation("room", { service });
    const b = new Conversation("room", { service }, { parent: a });
    const named = new Conversation("named", { uniqueName: "mine" });
    const adopted = new Conversation("adopted", { adopt: "theirs" });
    await settled(a, b, named, adopted);
    const rooms = registered.filter(({ name }) => name === "room").map(({ inputs }) => inputs.uniqueName);
    expect(rooms).toEqual([expect.stringMatching(/^room~[0-9a-f]{7}$/), expect.stringMatching(/^room~[0-9a-f]{7}$/)]);
    expect(rooms[0]).not.toBe(rooms[1]);
    expect(inputsOf("named").uniqueName).toBe("mine");
    expect(inputsOf("adopted")).not.toHaveProperty("uniqueName");
  });

  it("reads with nothing but the provider's text", async () => {
    const room = Conversation.get("room", ids.Conversation as string);
    await settled(room);
    expect(registered).toMatchObject([{ id: ids.Conversation, inputs: { __provider: providerText(conversation) } }]);
    expect(await value(room.sid)).toBe(`CH${hex("3")}`);
    expect(Conversation.isInstance(room)).toBe(true);
    expect(Participant.isInstance(room)).toBe(false);
    expect(Conversation.isInstance({ id: 1 })).toBe(false);
  });
});

describe("two of one program that Twilio would refuse", () => {
  const pair = () => ({ address: `+1555867${1000 + names}`, proxyAddress: "+15017122661" });

  it.each([
    ["an identity twice in one conversation", () => new Conversation(fresh("room"), {}), false],
    ["also before the conversation exists", () => new Conversation(fresh("room"), {}), true],
    ["also where the conversation is given as an id", () => `IS${hex("a")}/CH${hex("b")}`, false],
  ])("fail and are both named: %s", async (_what, room, isNew) => {
    await run({ preview: isNew, isNew });
    const conversation = room();
    const first = fresh("first");
    const second = fresh("second");
    new Participant(first, { conversation, identity: "twice" });
    const message = await refusal(new Participant(second, { conversation, identity: "twice" }));
    expect(message).toContain(`"${second}" and "${first}" are the same: an identity is in a conversation once`);
    expect(message).toContain("twice");
  });

  it.each(["sms", "whatsapp"] as const)("fail and are both named: a %s pair in two conversations", async (kind) => {
    fresh("");
    const { address, proxyAddress } = pair();
    const prefix = kind === "sms" ? "" : "whatsapp:";
    const binding = { [kind]: { address: pulumi.output(prefix + address), proxyAddress: prefix + proxyAddress } } as {
      sms: typeof address & never;
    };
    const [first, second] = [fresh("first"), fresh("second")];
    new Participant(first, { conversation: new Conversation(fresh("room"), {}), ...binding });
    const message = await refusal(new Participant(second, { conversation: new Conversation(fresh("room"), {}), ...binding }));
    expect(message).toContain(`"${second}" and "${first}" are the same: a pair of address and proxyAddress`);
    expect(message).toContain(address);
  });

  it("fail and are both named: a unique name in one service, a number bought twice", async () => {
    const service = new ConversationService(fresh("service"), { friendlyName: "Support" });
    new Conversation("one", { service, uniqueName: "room" });
    new Conversation("three", { uniqueName: "hall" });
    expect(await refusal(new Conversation("four", { uniqueName: "hall" }))).toContain('"four" and "three" are the same');
    expect(await refusal(new Conversation("two", { service, uniqueName: "room" }))).toContain(
      '"two" and "one" are the same: a unique name',
    );
    new PhoneNumber("three", { phoneNumber: "+15005550006" });
    expect(await refusal(new PhoneNumber("four", { phoneNumber: "+15005550006" }))).toContain('"four" and "three" are the same');
  });

  it("are none of this: other conversations, other services, other proxies, other accounts", async () => {
    const sub = new TwilioProvider("sub", { accountSid: `AC${hex("5")}`, authToken: "secret" });
    const service = new ConversationService(fresh("service"), { friendlyName: "Support" });
    const [a, b] = [new Conversation(fresh("room"), { service }), new Conversation(fresh("room"), { service })];
    fresh("");
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
});

describe("an account of its own", () => {
  it("is given its credentials, secrets as secrets, and its name for messages", async () => {
    const sub = new TwilioProvider("sub", { accountSid: `AC${hex("5")}`, authToken: "secret", maxConcurrency: 3 });
    await value(sub.urn);
    const { type, inputs } = registered.find(({ name }) => name === "sub") as pulumi.runtime.MockResourceArgs;
    expect(type).toBe("pulumi:providers:pulumi-nodejs");
    expect(inputs).toMatchObject({ "twilio:accountSid": `AC${hex("5")}`, "twilio:provider": "sub" });
    const secret = inputs["twilio:authToken"];
    expect(secret.value ?? secret).toBe("secret");
  });
});

describe("the provider's text, which every state names for ever", () => {
  const texts = Object.fromEntries(
    [phoneNumber, conversationService, conversation, participant].map((definition) => [definition.type, providerText(definition)]),
  );

  it("is what it has always been, in no more than 250 bytes", () => {
    const frozen = (name: string) =>
      `module.exports=require(require.resolve('pulumi-twilio-conversations/provider',{paths:['.',process.argv[1]]})).${name}`;
    expect(texts).toEqual({
      "twilio/numbers:PhoneNumber": frozen("PhoneNumber"),
      "twilio/conversations:ConversationService": frozen("ConversationService"),
      "twilio/conversations:Conversation": frozen("Conversation"),
      "twilio/conversations:Participant": frozen("Participant"),
    });
    for (const text of Object.values(texts)) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(250);
  });

  const root = join(import.meta.dirname, "..", "..");
  const require = createRequire(join(root, "package.json"));
  const pluginScript = join(root, "node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js");
  const scratch = mkdtempSync(join(tmpdir(), "provider-text-"));
  afterAll(() => rmSync(scratch, { recursive: true }));

  /** What the engine's plugin does with the text, in a folder of its choice: its argument is where it lies itself. */
  function load(cwd: string, plugin: string): unknown {
    const fromString = createRequire(require.resolve("@pulumi/pulumi")).resolve("require-from-string");
    const program = `
      const load = require(${JSON.stringify(fromString)});
      const texts = ${JSON.stringify(texts)};
      const methods = Object.values(texts).map((text) => Object.keys(load(text).handler()).sort().join());
      console.log(JSON.stringify(methods));`;
    const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", program, plugin], { cwd, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    return JSON.parse(stdout);
  }

  const whole = Array(4).fill("check,configure,create,delete,diff,read,update");

  it("finds the package from a program inside this repository", () => {
    expect(load(join(root, "src"), pluginScript)).toEqual(whole);
  });

  it("finds the package where a project has it installed", () => {
    const project = join(scratch, "project");
    mkdirSync(join(project, "node_modules"), { recursive: true });
    mkdirSync(join(project, "infra"));
    symlinkSync(root, join(project, "node_modules", "pulumi-twilio-conversations"));
    expect(load(join(project, "infra"), "/nowhere/index.js")).toEqual(whole);
  });

  it("finds the package beside @pulumi/pulumi, where a strict package manager keeps it", () => {
    const store = join(scratch, "store", "node_modules");
    mkdirSync(join(store, "@pulumi/pulumi/cmd/dynamic-provider"), { recursive: true });
    symlinkSync(root, join(store, "pulumi-twilio-conversations"));
    const elsewhere = join(scratch, "elsewhere");
    mkdirSync(elsewhere);
    expect(load(elsewhere, join(store, "@pulumi/pulumi/cmd/dynamic-provider/index.js"))).toEqual(whole);
  });
});
