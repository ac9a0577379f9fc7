import { expect } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { Conversation } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import type { Prepared } from "./fixture";
import type { Body, Subject } from "./subject";

/** The object behind an id. */
function at({ client }: EmulatorClient, id: string) {
  const [service, sid] = id.split("/") as [string, string];
  return client.conversations.v1.services(service).conversations(sid);
}

interface Email {
  readonly name?: string | null;
  readonly projected_address?: string | null;
}

const email = ({ bindings }: Body): Email => (bindings as { email?: Email }).email ?? { name: null, projected_address: null };

/** Twilio returns when a timer ends, and nothing if there is no timer. */
const timer = (key: string) => ({
  expected: [expect.any(String), expect.any(String)] as const,
  read: ({ timers }: Body) => (timers as Record<string, string>)[key] ?? null,
});

export const conversationSubject: Subject = {
  definition: conversation,
  type: "pulumi-nodejs:twilio/conversations:Conversation",
  id: /^IS[0-9a-f]{32}\/CH[0-9a-f]{32}$/,
  missing: { id: `IS${"0".repeat(32)}/CH${"0".repeat(32)}` },
  create: (name, args, options) => new Conversation(name, args, options),
  get: (name, id, options) => Conversation.get(name, id, options),
  args: ({ service }) => ({ service }),
  updates: {
    friendlyName: { values: ["Hello", "Hello again"] },
    uniqueName: { values: ["hello", "hello-again"], unset: expect.stringMatching(/^conversation-update-uniqueName~[0-9a-f]{12}$/) },
    attributes: { values: [{ color: "red" }, { color: "blue" }], expected: ['{"color":"red"}', '{"color":"blue"}'], unset: "{}" },
    state: { values: ["inactive", "active"], stays: true },
    "timers.inactive": { ...timer("date_inactive"), values: ["PT5M", "PT10M"] },
    "timers.closed": { ...timer("date_closed"), values: ["PT30M", "P1D"] },
    messagingServiceSid: {
      values: [({ messagingServices: [one] }: Prepared) => one, ({ messagingServices: [, two] }: Prepared) => two],
      stays: true,
    },
    "bindings.email.name": { values: ["Front desk", "Reception"], read: (body) => email(body).name },
    "bindings.email.address": { values: ["a@example.com", "b@example.com"], read: (body) => email(body).projected_address },
  },
  replacements: {
    service: ({ service, otherService }) => [{ service }, { service: otherService }],
  },
  unsent: {
    forceDestroy: { values: [undefined, true] },
    onDelete: { values: ["delete", undefined] },
    adopt: { values: [undefined, `CH${"0".repeat(32)}`] },
  },
  equivalents: { "timers.inactive": { values: ["PT60M", "PT1H"] } },
  drift: {
    property: "friendlyName",
    declared: "As declared",
    change: (twilio, id) => at(twilio, id).update({ friendlyName: "By hand" }),
  },
  fetch: async (twilio, id) => (await fetchOrUndefined(at(twilio, id).fetch()))?.toJSON(),
  remove: (twilio, id) => at(twilio, id).remove(),
  list: async (twilio) => (await allConversations(twilio)).map(({ sid }) => sid),
};

/** The conversations of the account, except those of the service "Settings". */
export const allConversations = (twilio: EmulatorClient) => conversationsIn(twilio, ({ friendlyName }) => friendlyName !== "Settings");

/** The conversations of some services. */
export async function conversationsIn({ client }: EmulatorClient, isMeant: (service: { friendlyName: string }) => boolean) {
  const { services } = client.conversations.v1;
  const found = (await services.list()).filter(isMeant).map(({ sid }) => services(sid).conversations.list());
  return (await Promise.all(found)).flat();
}
