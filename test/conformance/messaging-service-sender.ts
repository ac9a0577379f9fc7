import { MessagingServiceSender } from "../../src/index";
import { messagingServiceSender } from "../../src/messaging/messaging-service-sender";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import type { Fixture } from "./fixture";
import type { Subject } from "./subject";

/** What the four collections of Twilio's library have in common. */
interface Senders {
  (sid: string): { fetch(): Promise<{ toJSON(): unknown }>; remove(): Promise<boolean> };
  list(): Promise<{ sid: string }[]>;
}

/** The senders of the kind of a SID, in a messaging service. */
function collectionOf({ client }: EmulatorClient, service: string, sid: string): Senders {
  const { phoneNumbers, shortCodes, alphaSenders, channelSenders } = client.messaging.v1.services(service);
  return { PN: phoneNumbers, SC: shortCodes, AI: alphaSenders, XE: channelSenders }[sid.slice(0, 2)] ?? phoneNumbers;
}

/** The object behind an id. */
function at(twilio: EmulatorClient, id: string) {
  const [service, sid] = id.split("/") as [string, string];
  return collectionOf(twilio, service, sid)(sid);
}

const missing = `PN${"0".repeat(32)}`;
const alpha = (name: string) => name.slice(-11);

export const messagingServiceSenderSubject: Subject = {
  definition: messagingServiceSender,
  type: "pulumi-nodejs:twilio/messaging:MessagingServiceSender",
  id: /^MG[0-9a-f]{32}\/(PN|SC|AI|XE)[0-9a-f]{32}$/,
  deletesFirst: true,
  missing: { id: `MG${"0".repeat(32)}/${missing}` },
  create: (name, args, options) => new MessagingServiceSender(name, args as never, options),
  get: (name, id, options) => MessagingServiceSender.get(name, id, options),
  args: ({ messagingServices: [one] }, name) => ({ messagingService: one, alphaSender: alpha(name) }),
  updates: {},
  replacements: {
    messagingService: ({ messagingServices: [one, two], shortCodes: [, shortCode] }) => [
      { messagingService: one, shortCode },
      { messagingService: two, shortCode },
    ],
    phoneNumber: ({ messagingServices: [one], number, otherNumber }: Fixture) => [
      { messagingService: one, phoneNumber: number },
      { messagingService: one, phoneNumber: otherNumber },
    ],
    shortCode: ({ messagingServices: [one], shortCodes: [shortCode], channelSenders: [, channelSender] }) => [
      { messagingService: one, shortCode },
      { messagingService: one, channelSender },
    ],
    alphaSender: ({ messagingServices: [one] }) => [
      { messagingService: one, alphaSender: "Before" },
      { messagingService: one, alphaSender: "After" },
    ],
    channelSender: ({ messagingServices: [one], channelSenders: [channelSender] }) => [
      { messagingService: one, channelSender },
      { messagingService: one, alphaSender: "No channel" },
    ],
  },
  unsent: {
    onDelete: { values: ["retain", "delete"] },
    adopt: { values: [undefined, missing] },
  },
  // The path of a number itself also ends with its SID.
  isAbout: (path, id) => path.includes(`/Services/${id.split("/")[0]}/`) && path.endsWith(`/${id.split("/")[1]}`),
  fetch: async (twilio, id) => (await fetchOrUndefined(at(twilio, id).fetch()))?.toJSON() as Record<string, unknown> | undefined,
  remove: (twilio, id) => at(twilio, id).remove(),
  async list(twilio) {
    const services = await twilio.client.messaging.v1.services.list();
    const found = services.flatMap(({ sid }) => ["PN", "SC", "AI", "XE"].map((kind) => collectionOf(twilio, sid, kind).list()));
    return (await Promise.all(found)).flat().map(({ sid }) => sid);
  },
};
