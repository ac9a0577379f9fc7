import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { Conversation, ConversationService, Participant } from "pulumi-twilio-conversations";

/** The name of the case that measures the engine alone. */
export const baselineName = "engine baseline";

/** A program to measure. `revision` changes one property of each conversation. */
export interface Case {
  readonly name: string;
  /** The number of measured resources for this number of conversations. */
  readonly resources: (size: number) => number;
  readonly program: (size: number, revision: number) => PulumiFn;
  /** Whether the program sends requests to Twilio. */
  readonly usesTwilio: boolean;
}

// A minimal resource: a short provider, three properties and no stack trace, which would be most of its state.
class NoopResource extends pulumi.CustomResource {
  constructor(name: string, revision: number) {
    super("pulumi-nodejs:bench:Noop", name, {
      __provider: "module.exports=require('./bench/noop-provider.cjs')",
      n: name,
      v: `${name} ${revision}`,
    });
  }
}

function withoutStackTrace(task: () => void): void {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (error) => String(error);
  task();
  Error.prepareStackTrace = prepare;
}

const baseline: Case = {
  name: baselineName,
  resources: (size) => size,
  usesTwilio: false,
  program: (size, revision) => async () => {
    for (let i = 0; i < size; i += 1) withoutStackTrace(() => new NoopResource(`c${i}`, revision));
  },
};

const conversations: Case = {
  name: "conversations",
  resources: (size) => size,
  usesTwilio: true,
  program: (size, revision) => async () => {
    const service = new ConversationService("s", { friendlyName: "Bench" });
    for (let i = 0; i < size; i += 1) new Conversation(`c${i}`, { service, friendlyName: `c${i} ${revision}` });
  },
};

const participants: Case = {
  name: "conversations with a participant",
  resources: (size) => 2 * size,
  usesTwilio: true,
  program: (size, revision) => async () => {
    const service = new ConversationService("s", { friendlyName: "Bench" });
    for (let i = 0; i < size; i += 1) {
      const conversation = new Conversation(`c${i}`, { service, friendlyName: `c${i} ${revision}` });
      new Participant(`p${i}`, { conversation, identity: `person-${i}` });
    }
  },
};

/** The engine's own cost for the resource counts of {@link cases}. */
export const baselines: readonly Case[] = [
  baseline,
  { ...baseline, resources: (size) => 2 * size, program: (size, revision) => baseline.program(2 * size, revision) },
];

/** The programs to measure. */
export const cases: readonly Case[] = [conversations, participants];
