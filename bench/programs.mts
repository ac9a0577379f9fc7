import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { Conversation, ConversationService, Participant } from "pulumi-twilio-conversations";

/** What is brought up, how many resources it makes, and how: `revision` changes one property of each conversation. */
export interface Case {
  readonly name: string;
  /** Resources of the kind that is measured, for so many conversations. */
  readonly resources: (size: number) => number;
  readonly program: (size: number, revision: number) => PulumiFn;
  /** Whether Twilio is asked at all. */
  readonly twilio: boolean;
}

// The least that a resource can be: a short provider, three properties and no stack trace, which is most of what others keep in state.
class Nothing extends pulumi.CustomResource {
  constructor(name: string, revision: number) {
    super("pulumi-nodejs:bench:Nothing", name, {
      __provider: "module.exports=require('./bench/nothing.cjs')",
      n: name,
      v: `${name} ${revision}`,
    });
  }
}

function withoutTrace(task: () => void): void {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (error) => String(error);
  task();
  Error.prepareStackTrace = prepare;
}

const floor: Case = {
  name: "engine's floor",
  resources: (size) => size,
  twilio: false,
  program: (size, revision) => async () => {
    for (let i = 0; i < size; i += 1) withoutTrace(() => new Nothing(`c${i}`, revision));
  },
};

const conversations: Case = {
  name: "conversations",
  resources: (size) => size,
  twilio: true,
  program: (size, revision) => async () => {
    const service = new ConversationService("s", { friendlyName: "Bench" });
    for (let i = 0; i < size; i += 1) new Conversation(`c${i}`, { service, friendlyName: `c${i} ${revision}` });
  },
};

const participants: Case = {
  name: "conversations with a participant",
  resources: (size) => 2 * size,
  twilio: true,
  program: (size, revision) => async () => {
    const service = new ConversationService("s", { friendlyName: "Bench" });
    for (let i = 0; i < size; i += 1) {
      const conversation = new Conversation(`c${i}`, { service, friendlyName: `c${i} ${revision}` });
      new Participant(`p${i}`, { conversation, identity: `person-${i}` });
    }
  },
};

/** The same number of resources as the others have, for each of them to be compared with. */
export const floors: readonly Case[] = [
  floor,
  { ...floor, resources: (size) => 2 * size, program: (size, revision) => floor.program(2 * size, revision) },
];

/** What is measured. */
export const cases: readonly Case[] = [conversations, participants];
