import { expect } from "vitest";
import { conversationWithParticipants } from "../../src/conversations/conversation-with-participants";
import { ConversationWithParticipants } from "../../src/index";
import { conversationSubject, conversationsIn } from "./conversation";
import type { Body, Subject } from "./subject";

const people = (...identities: string[]) => identities.map((identity) => ({ identity }));

/** Its conversations are in a service of their own, so that those of other subjects can be counted. */
export const conversationWithParticipantsSubject: Subject = {
  ...conversationSubject,
  definition: conversationWithParticipants,
  type: "pulumi-nodejs:twilio/conversations:ConversationWithParticipants",
  create: (name, args, options) => new ConversationWithParticipants(name, args as never, options),
  get: (name, id, options) => ConversationWithParticipants.get(name, id, options),
  args: ({ settings: { service } }) => ({ service, participants: people("ada") }),
  updates: {
    ...conversationSubject.updates,
    uniqueName: {
      values: ["crew", "crew-again"],
      unset: expect.stringMatching(/^conversation-with-participants-update-uniqueName~[0-9a-f]{12}$/),
    },
    participants: {
      values: [people("ada", "bob"), people("eve", "ada")],
      args: ({ settings: { service } }) => ({ service }),
      required: true,
      read: ({ identities }) => identities,
      expected: [
        ["ada", "bob"],
        ["ada", "eve"],
      ],
      sends: 0,
    },
  },
  replacements: {
    service: ({ settings, service }) => [
      { service: settings.service, participants: people("ada") },
      { service, participants: people("ada") },
    ],
  },
  deletesFirst: true,
  async fetch(twilio, id) {
    const found = await conversationSubject.fetch(twilio, id);
    if (!found) return undefined;
    const [service, sid] = id.split("/") as [string, string];
    const participants = await twilio.client.conversations.v1.services(service).conversations(sid).participants.list();
    return { ...found, identities: participants.map(({ identity }) => identity).sort() } satisfies Body;
  },
  list: async (twilio) => (await conversationsIn(twilio, ({ friendlyName }) => friendlyName === "Settings")).map(({ sid }) => sid),
};
