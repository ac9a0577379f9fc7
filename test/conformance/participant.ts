import { expect } from "vitest";
import { participant } from "../../src/conversations/participant";
import { Participant, type ParticipantArgs, type PhoneNumber } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import { allConversations } from "./conversation";
import type { Fixture } from "./fixture";
import type { Subject } from "./subject";

/** The object behind an id. */
function at({ client }: EmulatorClient, id: string) {
  const [service, conversation, sid] = id.split("/") as [string, string, string];
  return client.conversations.v1.services(service).conversations(conversation).participants(sid);
}

const sms = (address: string, { phoneNumber }: PhoneNumber) => ({ sms: { address, proxyAddress: phoneNumber } });
const whatsapp = (address: string, { phoneNumber }: PhoneNumber) => ({
  whatsapp: { address: `whatsapp:${address}`, proxyAddress: phoneNumber.apply((number) => `whatsapp:${number}`) },
});
const byName = (channel: "rcs" | "messenger", address: string, agent: string) => ({
  [channel]: { address: `${channel}:${address}`, proxyAddress: `${channel}:${agent}` },
});
const role =
  (name: "defaultConversationCreatorRoleSid" | "defaultConversationRoleSid") =>
  ({ service }: Fixture) =>
    service.configuration.apply((configuration) => configuration[name]);
const anyRole = expect.stringMatching(/^RL/);

export const participantSubject: Subject = {
  definition: participant,
  type: "pulumi-nodejs:twilio/conversations:Participant",
  id: /^IS[0-9a-f]{32}\/CH[0-9a-f]{32}\/MB[0-9a-f]{32}$/,
  missing: { id: `IS${"0".repeat(32)}/CH${"0".repeat(32)}/MB${"0".repeat(32)}` },
  create: (name, args, options) => new Participant(name, args as unknown as ParticipantArgs, options),
  get: (name, id, options) => Participant.get(name, id, options),
  args: ({ conversation }, name) => ({ conversation, identity: name }),
  updates: {
    attributes: { values: [{ plan: "gold" }, { plan: "silver" }], expected: ['{"plan":"gold"}', '{"plan":"silver"}'], unset: "{}" },
    roleSid: {
      values: [role("defaultConversationCreatorRoleSid"), role("defaultConversationRoleSid")],
      expected: [anyRole, anyRole],
      stays: true,
    },
  },
  replacements: {
    conversation: ({ conversation, otherConversation }, identity) => [
      { conversation, identity },
      { conversation: otherConversation, identity },
    ],
    identity: ({ conversation }) => [
      { conversation, identity: "before" },
      { conversation, identity: "after" },
    ],
    "sms.address": ({ conversation, number }) => [
      { conversation, ...sms("+15558675310", number) },
      { conversation, ...sms("+15558675311", number) },
    ],
    "sms.proxyAddress": ({ conversation, number, otherNumber }) => [
      { conversation, ...sms("+15558675312", number) },
      { conversation, ...sms("+15558675312", otherNumber) },
    ],
    "whatsapp.address": ({ conversation, number }) => [
      { conversation, ...whatsapp("+15558675313", number) },
      { conversation, ...whatsapp("+15558675314", number) },
    ],
    "whatsapp.proxyAddress": ({ conversation, number, otherNumber }) => [
      { conversation, ...whatsapp("+15558675315", number) },
      { conversation, ...whatsapp("+15558675315", otherNumber) },
    ],
    "rcs.address": ({ conversation }) => [
      { conversation, ...byName("rcs", "+15558675320", "agent") },
      { conversation, ...byName("rcs", "+15558675321", "agent") },
    ],
    "rcs.proxyAddress": ({ conversation }) => [
      { conversation, ...byName("rcs", "+15558675322", "agent") },
      { conversation, ...byName("rcs", "+15558675322", "other") },
    ],
    "messenger.address": ({ conversation }) => [
      { conversation, ...byName("messenger", "1", "page") },
      { conversation, ...byName("messenger", "2", "page") },
    ],
    "messenger.proxyAddress": ({ conversation }) => [
      { conversation, ...byName("messenger", "3", "page") },
      { conversation, ...byName("messenger", "3", "other") },
    ],
    address: ({ conversation }) => [
      { conversation, address: "+15558675316" },
      { conversation, address: "+15558675317" },
    ],
    projectedAddress: ({ conversation, number, otherNumber }) => [
      { conversation, identity: "projected", projectedAddress: number.phoneNumber },
      { conversation, identity: "projected", projectedAddress: otherNumber.phoneNumber },
    ],
  },
  deletesFirst: true,
  unsent: { onDelete: { values: ["retain", "delete"] }, adopt: { values: [undefined, `MB${"0".repeat(32)}`] } },
  drift: {
    property: "attributes",
    declared: { plan: "gold" },
    change: (twilio, id) => at(twilio, id).update({ attributes: '{"plan":"none"}' }),
  },
  fetch: async (twilio, id) => (await fetchOrUndefined(at(twilio, id).fetch()))?.toJSON(),
  remove: (twilio, id) => at(twilio, id).remove(),
  list: async (twilio) => (await allParticipants(twilio)).map(({ sid }) => sid),
};

/** All participants of the account. */
export async function allParticipants(twilio: EmulatorClient) {
  const { services } = twilio.client.conversations.v1;
  const conversations = await allConversations(twilio);
  const found = conversations.map(({ sid, chatServiceSid }) => services(chatServiceSid).conversations(sid).participants.list());
  return (await Promise.all(found)).flat();
}
