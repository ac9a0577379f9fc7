import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import newest, { type CompilerOptions, type Node, type Program, type SourceFile } from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as twilio from "../../src";
import { docPages } from "../support/doc-blocks";
import { newProject, type Project } from "../support/project";

/** Every class of the package, with and without arguments, and the types that go with them. */
const EVERY_CLASS = `
import * as pulumi from "@pulumi/pulumi";
import * as twilio from "pulumi-twilio-conversations";
import { chatToken, ConversationArgs, ConversationsSmokeTest, Participant, TwilioProvider } from "pulumi-twilio-conversations";

const provider = new TwilioProvider("other", { accountSid: "AC", authToken: pulumi.secret("token") });
const number = new twilio.numbers.PhoneNumber("number", { search: { country: "US", type: "local" } }, { provider });
const office = new twilio.Address("office", { customerName: "Shop", street: "1 A St", city: "Ulm", region: "BW", postalCode: "89073", isoCountry: "DE" });
new twilio.numbers.PhoneNumber("local", { search: { country: "DE", type: "local" }, addressSid: office, emergencyAddressSid: office.sid });
const bare = new twilio.Conversation("bare");
const service = new twilio.conversations.ConversationService("service", { friendlyName: "Support" });
const agent = new twilio.ConversationRole("agent", { service, friendlyName: "agent", type: "service", permissions: ["joinConversation", "addParticipant"] });
new twilio.conversations.ConversationUser("user", { service, identity: "ada", roleSid: agent, attributes: { team: "night" } });
const args: ConversationArgs = { service, attributes: { topic: "billing" } };
const conversation = new twilio.Conversation("conversation", args);
const participant = new Participant("participant", { conversation, sms: { address: "+1", proxyAddress: number.phoneNumber } });
const found: pulumi.Output<string> = twilio.Conversation.get("found", "IS/CH").sid;
const some: unknown = participant;
if (Participant.isInstance(some)) some.sid.apply((sid: string) => sid);
new twilio.ConversationWebhook("webhook", { conversation, webhook: { url: "https://example.com", method: "POST", filters: ["onMessageAdded"] } });
const notices = new twilio.messaging.MessagingService("notices", { friendlyName: "Notices", usecase: "notifications" });
new twilio.ConversationConfiguration("account", { defaultInactiveTimer: "PT1H", defaultMessagingServiceSid: notices });
new twilio.MessagingServiceSender("desk", { messagingService: notices, phoneNumber: number });
new twilio.messaging.MessagingServiceSender("name", { messagingService: notices.id, alphaSender: "My Shop" });
new twilio.Conversation("by-service", { messagingServiceSid: pulumi.output(notices) });
new twilio.AddressConfiguration("inbound", { type: "sms", address: number.phoneNumber, autoCreation: { default: {} } });
new twilio.ConversationWebhookConfiguration("account", { postWebhookUrl: "https://example.com", method: "POST", filters: ["onMessageAdded"] });
new twilio.ConversationServiceWebhookConfiguration("service", { service, filters: ["onMessageAdd"] });
new twilio.ConversationServiceConfiguration("service", { service, reachabilityEnabled: true, defaultChatServiceRoleSid: agent });
new twilio.ConversationServiceNotification("service", { service, newMessage: { enabled: true, template: "\${MESSAGE}" } });
new twilio.UserConversation("user", { user: "IS/US", conversation, notificationLevel: "muted" });
new twilio.ConversationMessage("welcome", { conversation, body: "Welcome!" });
const crew = new twilio.conversations.ConversationWithParticipants("crew", { service, participants: [{ identity: "ada" }, { address: "+1" }] });
new Participant("late", { conversation: crew.id, rcs: { address: "rcs:+1", proxyAddress: "rcs:agent" } });
new twilio.PushCredential("android", { friendlyName: "Android", fcm: { secret: new pulumi.Config().getSecret("firebase") } });
new twilio.conversations.PushCredential("ios", { friendlyName: "iOS", apn: { certificate: "a", privateKey: pulumi.secret("b"), sandbox: true } });
const acme = new twilio.Subaccount("acme", { friendlyName: "Acme", onDelete: "close", forceDestroy: true });
new TwilioProvider("acme", { accountSid: acme.sid, authToken: acme.authToken });
const app = new twilio.iam.TwimlApp("app", { friendlyName: "Desk", voiceUrl: "https://example.com", voiceMethod: "GET" });
new twilio.PhoneNumber("with-app", { search: { country: "US" }, voiceApplicationSid: app, smsApplicationSid: app.sid });
const key = new twilio.ApiKey("key", { friendlyName: "key", policy: { allow: ["/twilio/messaging/messages/create", "/twilio/new/thing/read"] } });
const keySecret: pulumi.Output<string | undefined> = key.secret;
const line = new twilio.components.SupportLine("line", { number, webhooks: { postWebhookUrl: "https://example.com" }, autoCreation: { default: {} } });
const lineNumber: pulumi.Output<string> = new twilio.SupportLine("other", { number: { areaCode: "415", onDelete: "release" } }).phoneNumber;
const lookUpArgs: twilio.GetConversationArgs = { service: "IS", uniqueName: "hello" };
const plain: Promise<twilio.GetConversationResult> = twilio.getConversation(lookUpArgs, { provider });
plain.then(({ id, sid, friendlyName, state }) => [id, sid, friendlyName && friendlyName.length, state === "closed"]);
const lookedUp: pulumi.Output<twilio.conversations.GetConversationResult> = twilio.getConversationOutput({ service, uniqueName: conversation.uniqueName }, { provider, dependsOn: participant });
const topics: pulumi.Output<unknown> = lookedUp.attributes;
const phone: pulumi.Output<string> = twilio.getParticipantOutput({ conversation: lookedUp.id, sms: { address: "+1", proxyAddress: number.phoneNumber } }).sid;
twilio.messaging.getMessagingServiceSenderOutput({ messagingService: notices, phoneNumber: number });
twilio.numbers.getAvailablePhoneNumbers({ country: "US", smsEnabled: true, limit: 1 }).then(([first]) => first.price && first.price.amount);
twilio.getAvailablePhoneNumbersOutput({ country: "US", smsEnabled: pulumi.output(true as boolean), areaCode: pulumi.output("415") });
twilio.getConversationsOutput({ service: pulumi.output(service), state: "active" }).apply((all) => all.map((one) => one.uniqueName));
twilio.getConversationServiceNotificationOutput({ service }).newMessage.apply((found) => found && found.sound);
twilio.getConversationConfiguration().then((found) => found.defaultInactiveTimer);
twilio.iam.getAccount().then((found) => found.type === "Trial");
const ride = new twilio.MaskedConversation("ride", { people: [{ name: "Ada", address: "+1" }, { address: number.phoneNumber }], proxyNumbers: [number, "+2"] });
const [adaTexts]: readonly pulumi.Output<string>[] = ride.proxyAddresses;
const pooled = new Participant("pooled", { conversation: ride.conversation, sms: { address: "+1", proxyAddresses: [number.phoneNumber, "+2"] } });
const chosen: pulumi.Output<string | undefined> = pooled.sms.apply((sms) => sms?.proxyAddress);
const stores = new twilio.ConversationSet("stores", { service, items: { "store-1": { friendlyName: "Store 1", timers: { closed: "P1D" } }, "store-2": {} } });
const storeIds: pulumi.Output<{ [key: string]: string }> = stores.ids;
new Participant("of-store", { conversation: stores.ids.apply((ids) => ids["store-1"]), identity: "ada" });
new twilio.conversations.ParticipantSet("team", { conversation, items: { ada: { identity: "ada" }, phone: { sms: { address: "+1", proxyAddress: number.phoneNumber } } }, exclusive: true });
new twilio.ParticipantSet("everywhere", { items: { first: { conversation: stores.ids.apply((ids) => ids["store-1"]), identity: "ada" }, second: { conversation, address: "+1" } } }, { provider });
new twilio.UserSet("agents", { service: service.id, items: { ada: { identity: "ada", roleSid: agent }, grace: { service, identity: "grace", attributes: { team: "night" } } } });
if (twilio.ConversationSet.isInstance(some)) some.sids.apply((sids) => sids["store-1"]);
const test = new ConversationsSmokeTest("works", { service, conversations: [conversation], resources: [participant, bare, line.messagingService] });
const ok: pulumi.Output<boolean[]> = test.checks.apply((checks) => checks.map((check) => check.ok));
const token: string = chatToken({ accountSid: "AC", apiKey: "SK", apiSecret: "secret", identity: "me", chatServiceSid: "IS" });
export { adaTexts, chosen, found, keySecret, lineNumber, ok, phone, storeIds, token, topics };
`;

/** The ways in which programs build arguments: from interfaces and outputs, in parts, conditionally, in classes of their own. */
const BUILT_ARGUMENTS = `
import * as pulumi from "@pulumi/pulumi";
import * as twilio from "pulumi-twilio-conversations";
import { AddressConfiguration, Conversation, ConversationArgs, ConversationMessage, ConversationWithParticipants, ConversationService, ConversationConfiguration, ConversationSet, ConversationWebhook, Participant, ParticipantArgs, ParticipantSet, PhoneNumber, UserConversation, UserSet, UserSetArgs } from "pulumi-twilio-conversations";

declare const maybe: boolean | undefined;
declare const region: string | undefined;
interface Order { id: string; lines?: { sku: string }[]; apply?: string }
type Label = { color: string };
const order: Order = { id: "1", lines: [{ sku: "a" }] };
const label: Label = { color: "red" };
const number = new PhoneNumber("number", { search: { country: "US", areaCode: region }, friendlyName: region });
const service = new ConversationService("service", { friendlyName: "Support", forceDestroy: maybe });
const room = new Conversation("room", { service, attributes: order });
const later = pulumi.output(room);

new Conversation("label", { service: pulumi.output(service), attributes: label });
new Conversation("later", { service: Promise.resolve(service), attributes: later.apply(() => order) });
new Conversation("within", { service: service.id, attributes: { order: room.sid, lines: [pulumi.output(label)] } });
new Conversation("dictionary", { attributes: {} as Record<string, unknown> });
new Participant("by-output", { conversation: later, identity: "a" });
new Participant("by-id", { conversation: later.apply((found) => found.id), identity: "b" });
new Participant("by-stack", { conversation: new pulumi.StackReference("other").requireOutput("room"), identity: "c" });
new ConversationWebhook("hook", { conversation: later, studio: { flowSid: "FW", replayAfter: maybe ? 0 : undefined } });
new AddressConfiguration("inbound", { type: "sms", address: number.phoneNumber, autoCreation: { default: {} }, conversationService: service });
new AddressConfiguration("hooked", {
  type: maybe ? "whatsapp" : "rcs",
  address: pulumi.interpolate\`whatsapp:\${number.phoneNumber}\`,
  autoCreation: number.phoneNumber.apply((found) => ({ webhook: { url: "https://example.com/" + found, filters: ["onMessageAdded" as const] } })),
  enabled: maybe,
});
new UserConversation("ada", { user: "IS/US", conversation: later, notificationLevel: maybe ? "muted" : undefined });
new ConversationMessage("welcome", { conversation: room, body: region, attributes: order, contentVariables: maybe ? { 1: label } : undefined });
new ConversationWithParticipants("crew", { participants: [{ identity: number.sid, projectedAddress: number.phoneNumber }, { address: region! }, later.apply(() => ({ sms: { address: "+1", proxyAddress: "+1" } }))] });
new ConversationConfiguration("defaults", { defaultChatServiceSid: pulumi.output(service) });
const stores: Record<string, ConversationArgs> = {};
for (const name of ["ulm", "bonn"]) stores[name] = { friendlyName: name, timers: maybe ? { closed: region } : undefined };
const sets = new ConversationSet("stores", { service: maybe ? service : undefined, items: stores });
new ConversationSet("later", { items: number.phoneNumber.apply((found) => ({ [found]: { friendlyName: found } })) });
new ConversationSet("some-later", { items: { now: label as ConversationArgs, later: pulumi.output({ friendlyName: "later" }) } });
new ParticipantSet("people", { conversation: later, items: { me: { identity: number.sid }, text: { address: region! } }, exclusive: maybe });
const users: UserSetArgs = { service, items: { ada: { identity: "ada", friendlyName: region } } };
new UserSet("users", users);

const shared: Pick<ConversationArgs, "service" | "friendlyName"> = { service, friendlyName: region };
new Conversation("spread", { ...shared, timers: maybe ? { inactive: "PT1H", closed: region } : undefined });
const people: ParticipantArgs[] = [
  { conversation: room, identity: "d", roleSid: region },
  { conversation: room, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } },
];
people.forEach((args, index) => new Participant(\`person-\${index}\`, args));
const invite = (name: string, rest: Omit<ParticipantArgs, "conversation">) => new Participant(name, { ...rest, conversation: room } as ParticipantArgs);
invite("guest", { identity: "guest" });

class Named extends Conversation {
  constructor(name: string, args: ConversationArgs = {}, options?: pulumi.CustomResourceOptions) {
    super(name, { friendlyName: name, ...args }, options);
  }
}
class Lobby extends pulumi.ComponentResource {
  readonly room: Conversation;
  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("acme:chat:Lobby", name, {}, options);
    this.room = new Named(name, {}, { parent: this });
  }
}
new Participant("in-lobby", { conversation: new Lobby("lobby").room, identity: "e" });
const known: Conversation = Conversation.get("known", "IS/CH");
if (Conversation.isInstance(known as unknown)) new Participant("in-known", { conversation: known, identity: "f" });

const sid: pulumi.Output<string> = room.sid;
const state: pulumi.Output<"initializing" | "active" | "inactive" | "closed"> = room.state;
const uniqueName: pulumi.Output<string | undefined> = room.uniqueName;
const capable: pulumi.Output<boolean> = number.capabilities.sms;
const topic: pulumi.Output<unknown> = room.attributes.apply((found) => found && found["topic"]);
const parents: pulumi.Output<string | undefined>[] = [room.service, invite("guest-2", { identity: "g" }).conversation];
export const all = [sets.sids, sid, state, uniqueName, capable, topic, parents, twilio.conversations.Conversation === Conversation];
`;

/** Each line is one mistake. */
const MISTAKES = `
import { Conversation, ConversationService, ConversationSet, Participant, ParticipantSet, PhoneNumber, UserSet } from "pulumi-twilio-conversations";
declare const room: Conversation, service: ConversationService;
new Participant("participant");
new Participant("participant", { identity: "me" });
new PhoneNumber("number", { search: 3 });
new Conversation("conversation", { friendlyNam: "Support" });
new Conversation("conversation", { state: "open" });
new Participant("participant", { conversation: service, identity: "me" });
new Conversation("conversation", { service: room });
new Participant("participant", { conversation: room });
new Participant("participant", { conversation: room, whatsapp: { address: "whatsapp:+15558675310" } });
new Participant("participant", { conversation: room, sms: { adress: "+1", proxyAddress: "+1" } });
new Participant("participant", { conversation: room, identity: "me", sms: { address: "+1", proxyAddress: "+1" } });
new Conversation("conversation", { attributes: "{}" });
new Conversation("conversation", { attributes: [1] });
new Conversation("conversation", { attributes: () => ({}) });
new Conversation("conversation", { attributes: new Date() });
new Conversation("conversation", { attributes: room });
new ConversationSet("set", { items: { a: { friendlyNam: "Support" } } });
new ConversationSet("set", { items: { a: { state: "open" } } });
new ConversationSet("set", { service: room, items: {} });
new ConversationSet("set", { items: { a: { service: room } } });
new ConversationSet("set", { items: [] as Conversation[] });
new ConversationSet("set", { service });
new ConversationSet("set", { items: {}, exclusive: true });
new ParticipantSet("set", { conversation: service, items: {} });
new ParticipantSet("set", { conversation: room, items: { a: {} } });
new ParticipantSet("set", { conversation: room, items: { a: { identity: "me", sms: { address: "+1", proxyAddress: "+1" } } } });
new UserSet("set", { items: { a: { friendlyName: "Ada" } } });
new UserSet("set", { items: {}, exclusive: true });
new Conversation("conversation", { attributes: room.sid });
`;

/** What every TypeScript reports about the mistakes. */
const REPORTED = [
  /:4 Expected 2-3 arguments, but got 1/,
  /:5 .*'conversation' is missing/,
  /:6 Type 'number' is not assignable/,
  /:7 .*'friendlyNam' does not exist/,
  /:8 Type '"open"' is not assignable/,
  /:9 Type 'ConversationService' is not assignable to type .*Conversation/,
  /:10 Type 'Conversation' is not assignable to type .*ConversationService/,
  /:11 .*Property 'identity' is missing/,
  /:12 .*Property 'proxyAddress' is missing/,
  /:13 .*'adress' does not exist/,
  /:14 .*'sms'/,
  /:15 Type 'string' is not assignable/,
  /:16 Type 'number\[\]' is not assignable/,
  /:17 Type '\(\) => \{\}' is not assignable/,
  /:18 Type 'Date' is not assignable/,
  /:19 Type 'Conversation' is not assignable/,
  /:20 .*'friendlyNam' does not exist/,
  /:21 Type '"open"' is not assignable/,
  /:22 Type 'Conversation' is not assignable to type .*ConversationService/,
  /:23 Type 'Conversation' is not assignable to type .*ConversationService/,
  /:24 Type 'Conversation\[\]' is not assignable/,
  /:25 .*Property 'items' is missing/,
  /:26 .*'exclusive' does not exist/,
  /:27 Type 'ConversationService' is not assignable to type .*Conversation/,
  /:28 Type '\{\}' is not assignable/,
  /:29 .*('sms'|to type 'undefined')/,
  /:30 .*Property 'identity' is missing/,
  /:31 .*'exclusive' does not exist/,
  /:32 Type 'Output<string>' is not assignable/,
];

const IMPORTED = `
import assert from "node:assert";
import * as all from "pulumi-twilio-conversations";
import { Conversation, numbers } from "pulumi-twilio-conversations";
import { startEmulator } from "pulumi-twilio-conversations/emulator";
assert.deepEqual([typeof Conversation, typeof numbers.PhoneNumber, typeof startEmulator], ["function", "function", "function"]);
assert.equal(all.Conversation, all.conversations.Conversation);
`;

/** What the fragments in docs assume. */
const ASSUMED: Readonly<Record<string, string>> = {
  app: "{ post(path: string, handle: (request: { user: { name: string } }, response: { json(body: object): void }) => void): void }",
  service: "all.ConversationService",
  hello: "all.Conversation",
  number: "all.PhoneNumber",
  mobile: "all.Participant",
  pineapple: "all.Participant",
  support: "all.ConversationService",
  agent: "all.ConversationRole",
  ada: "all.ConversationUser",
  notices: "all.MessagingService",
  ...Object.fromEntries(["token", "accountSid", "apiKey", "apiSecret", "chatServiceSid", "url"].map((name) => [name, "string"])),
};

/** The programs in the README and in docs, by file name; a fragment with what it assumes in front. */
async function documentedPrograms(): Promise<Record<string, string>> {
  const blocks = (await docPages()).flatMap((page) => page.blocks).filter(({ language }) => language === "ts");
  const programs = blocks.map(({ file, text }, index) => {
    const uses = (name: string) =>
      new RegExp(`\\b${name}\\b`).test(text) && !new RegExp(`(const (\\{[^}]*)?|import [^;]*)\\b${name}\\b`).test(text);
    const assumed = Object.entries(ASSUMED).filter(([name]) => uses(name));
    const imported = Object.keys(twilio).filter((name) => /^[A-Z]/.test(name) && uses(name));
    const lines = [
      'import * as all from "pulumi-twilio-conversations";',
      ...(uses("pulumi") ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
      ...imported.map((name) => `import { ${name} } from "pulumi-twilio-conversations";`),
      ...assumed.map(([name, type]) => `declare const ${name}: ${type};`),
    ];
    return [`docs-${index}-${file.replace(/\W/g, "-")}.ts`, `${lines.join("\n")}\n${text}`];
  });
  return Object.fromEntries(programs);
}

it("the program above uses every class that the package exports", () => {
  const classes = Object.entries(twilio).filter(([, value]) => typeof value === "function" && /^[A-Z]/.test(value.name));
  for (const [name] of classes) expect(EVERY_CLASS).toContain(name);
  expect(classes.length).toBeGreaterThan(5);
});

describe("the declarations, in a project without @pulumi/command", () => {
  let project: Project;
  let documented: Record<string, string>;
  beforeAll(async () => {
    project = await newProject(["pulumi-twilio-conversations", "@twilio/conversations", "testcontainers", "vitest"]);
    documented = await documentedPrograms();
    const programs = { "every-class.ts": EVERY_CLASS, "built-arguments.ts": BUILT_ARGUMENTS, "mistakes.ts": MISTAKES };
    await project.write({
      ...programs,
      ...documented,
      "imported.mjs": IMPORTED,
      "every-class.mts": EVERY_CLASS,
      "built-arguments.mts": BUILT_ARGUMENTS,
    });
  });
  afterAll(() => project.remove());

  /** Compiles programs; returns the problems in them and in this package's declarations, and these declarations. */
  function compile(ts: typeof newest, names: readonly string[], options: CompilerOptions) {
    const files = names.map((name) => join(project.folder, name));
    const program: Program = ts.createProgram(files, { noEmit: true, strict: true, types: [], ...options });
    // Other packages' declarations need a newer TypeScript than Pulumi's, and Pulumi does not check them either.
    const declarations = program.getSourceFiles().filter(({ fileName }) => /\/pulumi-twilio-conversations\//.test(fileName));
    const own = [...program.getSourceFiles().filter(({ fileName }) => files.includes(fileName)), ...declarations];
    const problems = own.flatMap((file) =>
      [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(({ start = 0, messageText }) => {
        const { line } = file.getLineAndCharacterOfPosition(start);
        return `${file.fileName.slice(project.folder.length + 1)}:${line + 1} ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
      }),
    );
    expect(declarations.length).toBeGreaterThan(10);
    return { problems, declarations };
  }

  it("compile with the TypeScript 3.8.3 that Pulumi bundles, without skipLibCheck", () => {
    const ts = createRequire(import.meta.url)(join(project.folder, "node_modules/@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js"));
    expect(ts.version).toBe("3.8.3");
    const { CommonJS: module } = ts.ModuleKind;
    const options = { target: ts.ScriptTarget.ES2020, module, moduleResolution: ts.ModuleResolutionKind.NodeJs };
    const { problems } = compile(ts, ["every-class.ts", "built-arguments.ts", "mistakes.ts"], options);
    // To this one, an output of a string is an object as any other. The program itself refuses it.
    expect(problems).toEqual(REPORTED.slice(0, -1).map((pattern) => expect.stringMatching(pattern)));
  });

  it("compile with this repository's TypeScript and exactOptionalPropertyTypes, from CommonJS and from ESM, and so do the programs in docs", () => {
    const options = { target: newest.ScriptTarget.ES2023, module: newest.ModuleKind.NodeNext, exactOptionalPropertyTypes: true };
    const names = [
      "every-class.ts",
      "built-arguments.ts",
      "every-class.mts",
      "built-arguments.mts",
      "mistakes.ts",
      ...Object.keys(documented),
    ];
    expect(Object.keys(documented).length).toBeGreaterThan(3);
    const { problems, declarations } = compile(newest, names, { ...options, skipLibCheck: true });
    expect(problems).toEqual(REPORTED.map((pattern) => expect.stringMatching(pattern)));
    expect(optionalWithoutUndefined(declarations)).toEqual([]);
  });

  it("describe what an ES module gets", async () => {
    await promisify(execFile)(process.execPath, ["imported.mjs"], { cwd: project.folder });
  });
});

/** The optional properties of arguments and options that a program cannot set to `undefined` with exactOptionalPropertyTypes. */
function optionalWithoutUndefined(declarations: readonly SourceFile[]): string[] {
  const found: string[] = [];
  let optional = 0;
  for (const file of declarations) {
    const walk = (node: Node): void => {
      if (newest.isPropertySignature(node) && node.questionToken !== undefined) {
        optional += 1;
        if (!/\bundefined$/.test(node.type?.getText(file) ?? "")) found.push(`${file.fileName}: ${node.getText(file)}`);
      }
      newest.forEachChild(node, walk);
    };
    for (const statement of file.statements) {
      if (newest.isInterfaceDeclaration(statement) && /(Args|Options|Search|Target)$/.test(statement.name.text)) walk(statement);
    }
  }
  expect(optional).toBeGreaterThan(60);
  return found;
}
