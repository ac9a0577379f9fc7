/** The data that an emulator starts with: `startEmulator({ data })`, and `/_emulator/data`. */
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { type DataChange, type Emulator, type EmulatorOptions, startEmulator } from "../../src/emulator";
import { connect } from "./support/client";
import { Control } from "./support/control";

const YAML = `
numbers:
  support: { areaCode: "415", smsUrl: https://example.com/sms }
messagingServices:
  main: { inboundRequestUrl: https://example.com/in }
senders:
  mainSupport: { messagingService: main, number: support }
  brand: { messagingService: main, alphaSender: ACME }
services:
  desk:
roles:
  lead: { service: desk, type: service, permissions: [createConversation, joinConversation] }
serviceConfigurations:
  desk: { service: desk, reachabilityEnabled: true, defaultChatServiceRole: lead }
serviceWebhooks:
  desk: { service: desk, postWebhookUrl: https://example.com/desk, filters: [onMessageAdded] }
accountConfiguration: { defaultMessagingService: main }
accountWebhooks: { preWebhookUrl: https://example.com/account, filters: [onMessageAdd] }
users:
  alice@example.com: { service: desk, friendlyName: Alice, attributes: { team: blue }, role: lead }
conversations:
  vip: { service: desk, uniqueName: vip, messagingService: main, timers: { inactive: PT1H }, attributes: { level: 1 } }
  old: { state: closed }
participants:
  agent: { conversation: vip, identity: alice@example.com }
  phone: { conversation: vip, address: "+15558675310", proxyAddress: support }
messages:
  hello: { conversation: vip, author: alice@example.com, body: Hello, attributes: { mood: good } }
  bye: { conversation: old, body: Bye }
conversationWebhooks:
  hook: { conversation: vip, target: webhook, url: https://example.com/vip, filters: [onMessageAdded] }
addressConfigurations:
  support: { type: sms, address: support, autoCreation: { enabled: true, service: desk } }
`;

type Sids = Record<string, Record<string, string>>;

async function start(options: EmulatorOptions): Promise<Emulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "twilio-data-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const refusal = async (data: object | string): Promise<string> =>
  startEmulator({ data }).then(
    () => "accepted",
    (error: Error) => error.message,
  );

describe("the data of an emulator", () => {
  it("creates an object of each section, with names for SIDs", async () => {
    const emulator = await start({ data: parse(YAML) as object });
    const { body } = await new Control(emulator.url).call("GET", "data");
    expect(body).toEqual({ sids: emulator.sids, problems: [] });
    const sids = emulator.sids as Sids;
    const { api, conversations, client } = connect(emulator);
    const desk = conversations.services(sids.services?.desk as string);
    const [number] = await api.incomingPhoneNumbers.list();
    expect(number).toMatchObject({ sid: sids.numbers?.support, smsUrl: "https://example.com/sms" });
    const main = client.messaging.v1.services(sids.messagingServices?.main as string);
    expect((await main.phoneNumbers.list()).map(({ phoneNumber }) => phoneNumber)).toEqual([number?.phoneNumber]);
    expect((await main.alphaSenders.list()).map(({ alphaSender }) => alphaSender)).toEqual(["ACME"]);
    expect(await desk.configuration().fetch()).toMatchObject({ reachabilityEnabled: true, defaultChatServiceRoleSid: sids.roles?.lead });
    expect(await desk.configuration.webhooks().fetch()).toMatchObject({ postWebhookUrl: "https://example.com/desk" });
    expect(await conversations.configuration().fetch()).toMatchObject({ defaultMessagingServiceSid: sids.messagingServices?.main });
    expect(await conversations.configuration.webhooks().fetch()).toMatchObject({ preWebhookUrl: "https://example.com/account" });
    expect(await desk.users("alice@example.com").fetch()).toMatchObject({ attributes: '{"team":"blue"}', roleSid: sids.roles?.lead });
    const vip = desk.conversations("vip");
    expect(await vip.fetch()).toMatchObject({ sid: sids.conversations?.vip, attributes: '{"level":1}', state: "active" });
    expect((await vip.fetch()).timers).toHaveProperty("date_inactive");
    const people = await vip.participants.list();
    expect(people.map(({ identity }) => identity)).toEqual(["alice@example.com", null]);
    expect(people[1]?.messagingBinding).toMatchObject({ address: "+15558675310", proxy_address: number?.phoneNumber });
    expect(await vip.messages.list()).toMatchObject([{ body: "Hello", author: "alice@example.com", sid: sids.messages?.hello }]);
    expect(await vip.webhooks.list()).toMatchObject([{ sid: sids.conversationWebhooks?.hook }]);
    const old = conversations.conversations(sids.conversations?.old as string);
    expect(await old.fetch()).toMatchObject({ state: "closed" });
    expect(await old.messages.list()).toMatchObject([{ body: "Bye" }]);
    expect(await conversations.addressConfigurations.list()).toMatchObject([
      { address: number?.phoneNumber, autoCreation: { enabled: true, conversation_service_sid: sids.services?.desk } },
    ]);
  });

  it("changes nothing when a folder has it already, and the difference when the data differ", async () => {
    const stateDir = await folder();
    const data = parse(YAML) as Record<string, Record<string, Record<string, unknown>>>;
    const everything = async () => {
      const emulator = await startEmulator({ stateDir, data });
      const state = await new Control(emulator.url).ok("GET", "state");
      const sids = clone(emulator.sids) as Sids;
      const { conversations } = connect(emulator);
      return { emulator, state, sids, conversations };
    };
    const first = await everything();
    const other = await first.conversations
      .services(first.sids.services?.desk as string)
      .conversations.create({ friendlyName: "Of others" });
    await first.emulator.close();
    const second = await everything();
    expect(second.sids).toEqual(first.sids);
    expect((second.state.conversations as unknown[]).length).toBe((first.state.conversations as unknown[]).length + 1);
    await second.emulator.close();

    // An update, an update by removal, a replacement, a deletion and a creation.
    data.conversations = { vip: { service: "desk", friendlyName: "VIP", messagingService: "main", attributes: {} } };
    data.participants = { agent: { conversation: "vip", identity: "bob" }, phone: data.participants?.phone ?? {} };
    data.messages = { next: { conversation: "vip", body: "Next" } };
    const third = await everything();
    onTestFinished(() => third.emulator.close());
    const desk = third.conversations.services(third.sids.services?.desk as string);
    const vip = desk.conversations(first.sids.conversations?.vip as string);
    expect(await vip.fetch()).toMatchObject({ friendlyName: "VIP", uniqueName: null, attributes: "{}", timers: {} });
    expect((await vip.participants.list()).map(({ identity }) => identity)).toEqual([null, "bob"]);
    expect(third.sids.participants?.phone).toBe(first.sids.participants?.phone);
    expect((await vip.messages.list()).map(({ body }) => body)).toEqual(["Next"]);
    expect(third.sids.conversations).toEqual({ vip: first.sids.conversations?.vip });
    expect(await desk.conversations(other.sid).fetch()).toMatchObject({ friendlyName: "Of others" });
  });

  it("restores a configuration that the data no longer have, also if its role is deleted with it", async () => {
    const stateDir = await folder();
    const data = parse(YAML) as Record<string, unknown>;
    const before = await startEmulator({ stateDir, data: { services: { desk: {} } } });
    const sid = (before.sids as Sids).services?.desk as string;
    const found = await connect(before).conversations.services(sid).configuration().fetch();
    await before.close();
    await (await startEmulator({ stateDir, data })).close();
    const emulator = await start({ stateDir, data: { services: { desk: {} } } });
    const { conversations } = connect(emulator);
    const desk = conversations.services(sid);
    expect((await desk.configuration().fetch()).defaultChatServiceRoleSid).toBe(found.defaultChatServiceRoleSid);
    expect(await desk.configuration.webhooks().fetch()).toMatchObject({ postWebhookUrl: null, filters: null });
    expect(await conversations.configuration.webhooks().fetch()).toMatchObject({ preWebhookUrl: null });
    expect((await conversations.configuration().fetch()).defaultMessagingServiceSid).toMatch(/^MG/);
    expect(await desk.users.list()).toEqual([]);
  });

  it("changes a configuration before it deletes the role that it had", async () => {
    const stateDir = await folder();
    const services = { desk: {} };
    const roles = { lead: { service: "desk", type: "service", permissions: ["joinConversation"] } };
    const configuration = { service: "desk", reachabilityEnabled: true };
    const serviceConfigurations = { desk: { ...configuration, defaultChatServiceRole: "lead" } };
    await (await startEmulator({ stateDir, data: { services, roles, serviceConfigurations } })).close();
    const emulator = await start({ stateDir, data: { services, serviceConfigurations: { desk: configuration } } });
    const desk = connect(emulator).conversations.services((emulator.sids as Sids).services?.desk as string);
    expect((await desk.roles.list()).map(({ friendlyName }) => friendlyName)).not.toContain("lead");
    expect(await desk.configuration().fetch()).toMatchObject({ reachabilityEnabled: true });
  });

  it("creates an object again that somebody deleted, and all of them after a reset", async () => {
    const emulator = await start({ data: parse(YAML) as object });
    const before = clone(emulator.sids) as Sids;
    const { conversations } = connect(emulator);
    await conversations
      .services(before.services?.desk as string)
      .conversations("vip")
      .remove();
    await new Control(emulator.url).ok("POST", "data");
    const after = clone(emulator.sids) as Sids;
    expect(after.services).toEqual(before.services);
    expect(after.conversations?.vip).not.toBe(before.conversations?.vip);
    const vip = conversations.services(after.services?.desk as string).conversations(after.conversations?.vip as string);
    expect(await vip.participants.list()).toHaveLength(2);
    await emulator.reset();
    const reset = emulator.sids as Sids;
    expect(
      await conversations
        .services(reset.services?.desk as string)
        .conversations("vip")
        .fetch(),
    ).toMatchObject({
      sid: reset.conversations?.vip,
    });
  });

  it("may be those of the documentation", async () => {
    const page = await readFile("docs/emulator.md", "utf8");
    const example = parse(/```yaml\n(numbers:[\s\S]*?)```/.exec(page)?.[1] ?? "") as object;
    const { sids } = await start({ data: example });
    expect(Object.keys(sids)).toEqual(Object.keys(example).filter((section) => section !== "accountWebhooks"));
  });

  it("takes over a user that a participant created", async () => {
    const stateDir = await folder();
    const data = { conversations: { a: {} }, participants: { p: { conversation: "a", identity: "carol" } } };
    const first = await startEmulator({ stateDir, data });
    const [user] = await connect(first).conversations.users.list();
    await first.close();
    const second = await start({ stateDir, data: { ...data, users: { carol: { friendlyName: "Carol" } } } });
    expect(await connect(second).conversations.users.list()).toMatchObject([{ sid: user?.sid, friendlyName: "Carol" }]);
  });
});

describe("wrong data", () => {
  it.each([
    [{ conversation: {} }, "conversation: is not a section: did you mean conversations?"],
    [{ conversations: [] }, 'conversations: must be an object with objects by name, as in {"name": {…}}, but is []'],
    [{ conversations: { a: { servce: "x" } } }, "conversations.a.servce: is not a property of a conversation: did you mean service?"],
    [
      { services: { desk: {}, shop: {} }, conversations: { a: { service: "dsk" } } },
      'conversations.a.service: must be a name in services (desk, shop), but is "dsk": did you mean desk?',
    ],
    [{ conversations: { a: { friendlyName: 5 } } }, "conversations.a.friendlyName: must be a string, but is 5: put it in quotes"],
    [
      { conversations: { a: { timers: { inactiv: "PT1H" } } } },
      "conversations.a.timers.inactiv: is not a property of a conversation: did you mean inactive?",
    ],
    [{ messages: { a: { body: "x" } } }, "messages.a: a message must have conversation: add it"],
    [
      { conversations: { c: {} }, conversationWebhooks: { a: { conversation: "c", target: "webhok", url: "https://x:geheim@y.z" } } },
      'conversationWebhooks.a.target: must be one of webhook, trigger, studio, but is "webhok": did you mean webhook?',
    ],
    [
      { numbers: { a: { smsUrl: "htp://user:geheim@x" } } },
      'numbers.a.smsUrl: must be an absolute URL with http or https, but is "htp://***@x"',
    ],
    [{ conversations: { "1": {} } }, "conversations.1: the name must begin with a letter"],
    [
      {
        participants: { p: { conversation: "c", address: "+15558675310", proxyAddress: "suport" } },
        numbers: { support: {} },
        conversations: { c: {} },
      },
      'participants.p.proxyAddress: must be a name in numbers (support), but is "suport": did you mean support?',
    ],
    // Twilio's own rules, for each object; what depends on a refused one is not reported.
    [
      {
        conversations: { a: { uniqueName: "x" }, b: { uniqueName: "x" } },
        messages: { m: { conversation: "b", body: "x" } },
        numbers: { n: { phoneNumber: "+1" } },
      },
      "conversations.b: Twilio refuses this (50353)",
    ],
  ])("%j is refused with the path, what must be true and what to do", async (data, message) => {
    const text = await refusal(data);
    expect(text).toContain(message);
    expect(text).not.toContain("geheim");
  });

  it("reports everything at once, with the lines of the file, and leaves the folder as it was", async () => {
    const path = join(await folder(), "twilio.yaml");
    const stateDir = join(await folder(), ".twilio");
    await writeFile(path, "services:\n  desk.one:\n    friendlyNam: x\nconversations:\n  a:\n    service: desk\n    uniqueName: 1\n");
    await expect(startEmulator({ data: path, stateDir })).rejects.toThrow(
      [
        `${path} was not applied, and nothing has changed:`,
        "  line 3: services.desk.one.friendlyNam: is not a property of a conversation service: did you mean friendlyName?",
        "  line 7: conversations.a.uniqueName: must be a string, but is 1: put it in quotes",
        '  line 6: conversations.a.service: must be a name in services (desk.one), but is "desk": add it to services, or use one of its names',
      ].join("\n"),
    );
    await writeFile(path, "services: {desk: {}}\nconversations: {a: {}, b: {uniqueName: x}, c: {uniqueName: x}}\n");
    await expect(startEmulator({ data: path, stateDir })).rejects.toThrow("conversations.c: Twilio refuses this (50353)");
    const emulator = await start({ stateDir });
    expect((await connect(emulator).conversations.services.list()).length).toBe(1);
    expect(emulator.sids).toEqual({});
  });

  it.each([
    ["services:\n  a: {}\n  a: {}\n", "line 3: Map keys must be unique"],
    ["services: [\n", "line 2: "],
    [
      "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c]\n",
      "must be plain data",
    ],
    ["text", 'the data must be an object with sections, but is "text"'],
  ])("the file %j is refused", async (text, message) => {
    const path = join(await folder(), "twilio.yaml");
    await writeFile(path, text);
    expect(await refusal(path)).toContain(message);
  });

  it("a file that does not exist is refused", async () => {
    expect(await refusal("/no/such.yaml")).toContain("the file must exist and be readable");
  });

  it("fails the JSON schema as well, which valid data pass", async () => {
    const emulator = await start({});
    const { body: schema } = await new Control(emulator.url).call("GET", "data/schema");
    const validate = new Ajv({ allowUnionTypes: true }).compile(schema);
    const valid = JSON.parse(JSON.stringify(parse(YAML), (_key, value) => value ?? {})) as object;
    expect([validate(valid), validate.errors]).toEqual([true, null]);
    for (const data of [{ conversation: {} }, { messages: { a: { body: "x" } } }, { conversations: { a: { timers: { x: "" } } } }])
      expect(validate(data)).toBe(false);
  });
});

describe("a watched file", () => {
  it("changes objects when it changes, and nothing while it is wrong", async () => {
    const path = join(await folder(), "twilio.yaml");
    const changes: DataChange[] = [];
    let arrived = () => {};
    const onDataChange = (change: DataChange) => {
      changes.push(change);
      arrived();
    };
    /** Replaces the file, as editors do, and waits until that was applied. */
    const write = async (text: string): Promise<DataChange> => {
      const next = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      await writeFile(`${path}.new`, text);
      await rename(`${path}.new`, path);
      await next;
      return changes.at(-1) as DataChange;
    };
    await writeFile(path, "conversations: {a: {friendlyName: A}, b: {}}\n");
    const emulator = await start({ data: path, onDataChange });
    const before = clone(emulator.sids) as Sids;
    expect(await write("conversations: {a: {friendlyName: AA}, c: {}}\n")).toEqual({
      created: ["conversations.c"],
      updated: ["conversations.a"],
      deleted: ["conversations.b"],
      problems: [],
    });
    const { conversations } = connect(emulator);
    expect(await conversations.conversations(before.conversations?.a as string).fetch()).toMatchObject({ friendlyName: "AA" });
    const valid = clone(emulator.sids);
    const wrong = await write("conversations: {a: {friendlyNme: AAA}}\n");
    expect(wrong.problems).toMatchObject([{ path: "conversations.a.friendlyNme", line: 1 }]);
    expect(emulator.sids).toEqual(valid);
    const { body } = await new Control(emulator.url).call("GET", "data");
    expect(body).toMatchObject({ sids: valid, problems: wrong.problems });
    expect((await new Control(emulator.url).call("POST", "data")).status).toBe(400);
  });
});
