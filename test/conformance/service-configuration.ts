import { conversationServiceConfiguration } from "../../src/conversations/service-configuration";
import { conversationServiceNotification } from "../../src/conversations/service-notification";
import { ConversationServiceConfiguration, ConversationServiceNotification } from "../../src/index";
import { type EmulatorClient, fetchOrUndefined } from "../engine/twilio";
import type { Prepared } from "./fixture";
import type { Body, Subject, UpdateCase } from "./subject";

const none = `IS${"0".repeat(32)}`;
const unsent = { onDelete: { values: ["retain", "restore"] as const }, adopt: { values: [undefined, none] as const } };
const of = ({ client }: EmulatorClient, id: string) => client.conversations.v1.services(id).configuration;

const role = (type: "conversationRoles" | "serviceRoles", index: 0 | 1) => (known: Prepared) => known.settings[type][index];
const roles = (type: "conversationRoles" | "serviceRoles") => ({ values: [role(type, 0), role(type, 1)] as const });

export const serviceConfigurationSubject: Subject = {
  definition: conversationServiceConfiguration,
  type: "pulumi-nodejs:twilio/conversations:ConversationServiceConfiguration",
  id: /^IS[0-9a-f]{32}$/,
  missing: { id: none },
  create: (name, args, options) => new ConversationServiceConfiguration(name, args as never, options),
  get: (name, id, options) => ConversationServiceConfiguration.get(name, id, options),
  args: ({ settings: { service } }) => ({ service }),
  updates: {
    defaultConversationCreatorRoleSid: roles("conversationRoles"),
    defaultConversationRoleSid: roles("conversationRoles"),
    defaultChatServiceRoleSid: roles("serviceRoles"),
    reachabilityEnabled: { values: [true, true], isDefaultOtherwise: true },
  },
  replacements: {},
  unsent,
  drift: {
    property: "reachabilityEnabled",
    declared: true,
    change: (twilio, id) => of(twilio, id)().update({ reachabilityEnabled: false }),
  },
  isAbout: (path, id) => path === `/v1/Services/${id}/Configuration`,
  idBefore: ({ settings: { service } }) => service,
  // Twilio's response does not name the account.
  async fetch(twilio, id) {
    const found = (await fetchOrUndefined(of(twilio, id)().fetch()))?.toJSON() as Body | undefined;
    return found && { ...found, accountSid: twilio.accountSid };
  },
  list: async () => [none],
  kept: /^ConversationServiceConfiguration IS[0-9a-f]{32} cannot be deleted; it has its former values again: /,
};

const snake = (property: string) => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** Twilio's library converts the names of the outermost properties only. */
const read = (property: string) => (body: Body) => {
  const [first, ...rest] = property.split(".") as [string, ...string[]];
  return rest.reduce<unknown>((value, key) => (value as Body)?.[snake(key)], body[first]);
};
const flag = (property: string): [string, UpdateCase] => [
  property,
  { values: [true, true], isDefaultOtherwise: true, read: read(property) },
];
const text = (property: string): [string, UpdateCase] => [
  property,
  { values: ["$".concat("{PARTICIPANT}"), "$".concat("{CONVERSATION}")], read: read(property) },
];
const groups = ["newMessage", "addedToConversation", "removedFromConversation"];

export const serviceNotificationSubject: Subject = {
  definition: conversationServiceNotification,
  type: "pulumi-nodejs:twilio/conversations:ConversationServiceNotification",
  id: /^IS[0-9a-f]{32}$/,
  missing: { id: none },
  create: (name, args, options) => new ConversationServiceNotification(name, args as never, options),
  get: (name, id, options) => ConversationServiceNotification.get(name, id, options),
  args: ({ settings: { service } }) => ({ service }),
  updates: Object.fromEntries([
    flag("logEnabled"),
    flag("newMessage.badgeCountEnabled"),
    flag("newMessage.withMedia.enabled"),
    text("newMessage.withMedia.template"),
    ...groups.flatMap((group) => [flag(`${group}.enabled`), text(`${group}.template`), text(`${group}.sound`)]),
  ]),
  replacements: {},
  unsent,
  drift: {
    property: "newMessage.template",
    declared: "",
    change: (twilio, id) => of(twilio, id).notifications().update({ "newMessage.template": "by hand" }),
  },
  isAbout: (path, id) => path === `/v1/Services/${id}/Configuration/Notifications`,
  idBefore: ({ settings: { service } }) => service,
  fetch: async (twilio, id) => (await fetchOrUndefined(of(twilio, id).notifications().fetch()))?.toJSON(),
  list: async () => [none],
  kept: /^ConversationServiceNotification IS[0-9a-f]{32} cannot be deleted; it has its former values again: /,
};
