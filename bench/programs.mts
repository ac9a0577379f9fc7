import * as pulumi from "@pulumi/pulumi";
import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { Conversation, ConversationService, Participant } from "pulumi-twilio-conversations";

/** What is brought up, how many resources it makes, and how: `revision` changes one property of each. */
export interface Case {
  readonly name: string;
  /** Resources of the kind that is measured, for so many conversations. */
  readonly resources: (size: number) => number;
  readonly program: (size: number, revision: number) => PulumiFn;
  /** Whether Twilio is asked at all. */
  readonly twilio: boolean;
}

// A dynamic resource that does nothing, in the form that costs the engine least: what is left is the engine itself.
const nothing =
  "module.exports={handler:()=>({check:async(o,n)=>({inputs:n}),diff:async(i,o,n)=>o.v===n.v?{changes:false}:{},create:async i=>({id:i.n,outs:i}),read:async(id,props)=>({id,props}),update:async(i,o,n)=>({outs:n}),delete:async()=>{}})}";

class Nothing extends pulumi.CustomResource {
  constructor(name: string, revision: number) {
    super("pulumi-nodejs:bench:Nothing", name, { __provider: nothing, n: name, v: `${name} ${revision}` });
  }
}

const floor: Case = {
  name: "engine's floor",
  resources: (size) => size,
  twilio: false,
  program: (size, revision) => async () => {
    for (let i = 0; i < size; i += 1) new Nothing(`c${i}`, revision);
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

/** The cases, the engine's floor first: the others are compared with it. */
export const cases: readonly Case[] = [floor, conversations, participants];
