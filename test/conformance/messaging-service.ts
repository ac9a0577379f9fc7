import { MessagingService } from "../../src/index";
import { messagingService } from "../../src/messaging/messaging-service";
import { fetchOrUndefined } from "../engine/twilio";
import type { Subject, UpdateCase } from "./subject";

const missing = `MG${"0".repeat(32)}`;
const url = (path: string) => `https://example.com/${path}`;
const link = { values: [url("one"), url("two")] } as const;
const method = { values: ["GET", "POST"], unset: "POST" } as const;
/** Twilio's default is not known, so what the program no longer declares stays. */
const flag = (unset: boolean): UpdateCase => ({ values: [!unset, unset], unset, stays: true });

export const messagingServiceSubject: Subject = {
  definition: messagingService,
  type: "pulumi-nodejs:twilio/messaging:MessagingService",
  id: /^MG[0-9a-f]{32}$/,
  missing: { id: missing },
  create: (name, args, options) => new MessagingService(name, args as never, options),
  get: (name, id, options) => MessagingService.get(name, id, options),
  args: (_fixture, name) => ({ friendlyName: name }),
  updates: {
    friendlyName: { values: ["Notices", "Reminders"], required: true },
    inboundRequestUrl: link,
    inboundMethod: method,
    fallbackUrl: link,
    fallbackMethod: method,
    statusCallback: link,
    stickySender: flag(true),
    mmsConverter: flag(true),
    smartEncoding: flag(true),
    scanMessageContent: { values: ["enable", "disable"], unset: "inherit", stays: true },
    fallbackToLongCode: flag(true),
    areaCodeGeomatch: flag(true),
    validityPeriod: { values: [600, 14_400], unset: 36_000, stays: true },
    synchronousValidation: flag(false),
    usecase: { values: ["notifications", "verification"], unset: "undeclared", stays: true },
    useInboundWebhookOnNumber: flag(false),
  },
  replacements: {},
  unsent: { onDelete: { values: ["delete", undefined] }, adopt: { values: [undefined, missing] } },
  drift: {
    property: "inboundRequestUrl",
    declared: url("declared"),
    change: ({ client }, id) => client.messaging.v1.services(id).update({ inboundRequestUrl: url("by-hand") }),
  },
  fetch: async ({ client }, id) => (await fetchOrUndefined(client.messaging.v1.services(id).fetch()))?.toJSON(),
  remove: ({ client }, id) => client.messaging.v1.services(id).remove(),
  list: async ({ client }) => (await client.messaging.v1.services.list()).map(({ sid }) => sid),
};
