/** The name of the case that measures the engine alone. */
export const baselineName = "engine baseline";

/** The name of the case whose program declares nothing. */
export const emptyName = "empty program";

/** The name of the case that is Twilio's quickstart. */
export const quickstartName = "quickstart";

/** A program to measure. `revision` changes one property of each conversation. */
export interface Case {
  readonly name: string;
  /** The number of measured resources for this number of conversations. */
  readonly resources: (size: number) => number;
  /** The text of the program, a CommonJS module. */
  readonly program: (size: number, revision: number) => string;
  /** Whether the program sends requests to Twilio. */
  readonly usesTwilio: boolean;
}

/** The program that declares nothing, but loads the SDK. */
export const empty: Case = {
  name: emptyName,
  resources: () => 0,
  usesTwilio: false,
  program: () => `require("@pulumi/pulumi");`,
};

// A minimal resource: a short provider, three properties and no stack trace, which would be most of its state.
const baseline: Case = {
  name: baselineName,
  resources: (size) => size,
  usesTwilio: false,
  program: (size, revision) => `
const pulumi = require("@pulumi/pulumi");
class NoopResource extends pulumi.CustomResource {
  constructor(name) {
    super("pulumi-nodejs:bench:Noop", name, { __provider: "module.exports=require('./noop-provider.cjs')", n: name, v: name + " ${revision}" });
  }
}
const prepare = Error.prepareStackTrace;
Error.prepareStackTrace = (error) => String(error);
for (let i = 0; i < ${size}; i += 1) new NoopResource("c" + i);
Error.prepareStackTrace = prepare;
`,
};

const conversations: Case = {
  name: "conversations",
  resources: (size) => size,
  usesTwilio: true,
  program: (size, revision) => `
const { Conversation, ConversationService } = require("pulumi-twilio-conversations");
const service = new ConversationService("s", { friendlyName: "Bench" });
for (let i = 0; i < ${size}; i += 1) new Conversation("c" + i, { service, friendlyName: "c" + i + " ${revision}" });
`,
};

const participants: Case = {
  name: "conversations with a participant",
  resources: (size) => 2 * size,
  usesTwilio: true,
  program: (size, revision) => `
const { Conversation, ConversationService, Participant } = require("pulumi-twilio-conversations");
const service = new ConversationService("s", { friendlyName: "Bench" });
for (let i = 0; i < ${size}; i += 1) {
  const conversation = new Conversation("c" + i, { service, friendlyName: "c" + i + " ${revision}" });
  new Participant("p" + i, { conversation, identity: "person-" + i });
}
`,
};

/** The name of the case whose conversations are items of one resource. */
export const setName = "conversation set";

/** As many conversations as {@link simplest} has, as one resource. */
export const conversationSet: Case = {
  name: setName,
  resources: (size) => size,
  usesTwilio: true,
  program: (size, revision) => `
const { ConversationService, ConversationSet } = require("pulumi-twilio-conversations");
const service = new ConversationService("s", { friendlyName: "Bench" });
const items = {};
for (let i = 0; i < ${size}; i += 1) items["store-" + i] = { friendlyName: "Store " + i + " ${revision}" };
new ConversationSet("stores", { service, items });
`,
};

/** Twilio's quickstart, as in `src/program.ts`. */
export const quickstart: Case = {
  name: quickstartName,
  resources: () => 5,
  usesTwilio: true,
  program: () => `
const { Conversation, ConversationService, Participant, PhoneNumber } = require("pulumi-twilio-conversations");
const number = new PhoneNumber("front-desk", { search: { country: "US", type: "local", smsEnabled: true }, onDelete: "release" });
const service = new ConversationService("support", { friendlyName: "Support" });
const conversation = new Conversation("hello", { service, friendlyName: "My First Conversation" });
new Participant("mobile", { conversation, sms: { address: "+15558675310", proxyAddress: number.phoneNumber } });
new Participant("pineapple", { conversation, identity: "testPineapple" });
`,
};

/** The engine's own cost for as many resources as the quickstart has. */
export const quickstartBaseline: Case = { ...baseline, program: (_size, revision) => baseline.program(5, revision), resources: () => 5 };

/** The engine's own cost for the resource counts of {@link cases}. */
export const baselines: readonly Case[] = [
  baseline,
  { ...baseline, resources: (size) => 2 * size, program: (size, revision) => baseline.program(2 * size, revision) },
];

/** The case that the others with a limit or without checkpoints repeat. */
export const simplest = conversations;

/** The programs to measure. */
export const cases: readonly Case[] = [conversations, participants];
