import type { Conversation, Entry, Participant } from "./api.ts";

/** An event, described in a sentence. */
export interface Description {
  readonly kind: "change" | "request" | "webhook" | "client";
  readonly text: string;
  /** What else helps to understand it, such as what to do. */
  readonly notes?: readonly string[];
  /** The resulting error, with Twilio's code if it has one. */
  readonly error?: { readonly code: number | null; readonly text: string };
  readonly conversationSid?: string;
}

type Data = Entry["data"];

/** Remembers the names of resources by SID, including deleted ones. */
export class Names {
  private readonly names = new Map<string, string>();

  private add(sid: string, name: string | null): void {
    if (name) this.names.set(sid, name);
  }

  /** The quoted name, or the SID if there is no name. */
  quoted(sid: string): string {
    const name = this.names.get(sid);
    return name === undefined ? sid : `“${name}”`;
  }

  /** The name without quotes, or the SID if there is no name. */
  plain(sid: string): string {
    return this.names.get(sid) ?? sid;
  }

  addFrom({ data }: Entry): void {
    const { conversation, participant, service } = data;
    if (conversation) this.add(conversation.sid, conversation.friendlyName || conversation.uniqueName);
    if (participant) this.add(participant.sid, nameOfParticipant(participant));
    if (service) this.add(service.sid, service.friendlyName);
  }

  addConversations(conversations: readonly Conversation[]): void {
    for (const { sid, friendlyName, uniqueName, participants } of conversations) {
      this.add(sid, friendlyName || uniqueName);
      for (const participant of participants) this.add(participant.sid, nameOfParticipant(participant));
    }
  }
}

/** A participant's identity or number. */
export const nameOfParticipant = ({ identity, address, projectedAddress }: Omit<Participant, "sid" | "proxyAddress">): string =>
  identity ?? address ?? projectedAddress ?? "unknown participant";

const quotedBody = (text: string | null): string =>
  text ? `“${text.length > 160 ? `${text.slice(0, 160)}…` : text}”` : "a message without text";

/** Describes each event. The page subscribes to these events; a test checks that none is missing. */
export const eventDescriptions = {
  serviceAdded: ({ service }, names) => `Service ${names.quoted(service.sid)} was created`,
  serviceRemoved: ({ service }, names) => `Service ${names.quoted(service.sid)} was deleted`,
  conversationAdded: ({ conversation }, names) => `Conversation ${names.quoted(conversation.sid)} was created`,
  conversationUpdated: ({ conversation, previous }, names) =>
    `Conversation ${names.quoted(conversation.sid)} was updated: ${differences(previous, conversation)}`,
  conversationStateUpdated: ({ conversation, from, to }, names) =>
    from === to
      ? `Conversation ${names.quoted(conversation.sid)} is ${to}`
      : `Conversation ${names.quoted(conversation.sid)} changed from ${from} to ${to}`,
  conversationRemoved: ({ conversation }, names) => `Conversation ${names.quoted(conversation.sid)} was deleted`,
  participantAdded: ({ participant }, names) => {
    const channel = participant.proxyAddress ? `, texting via ${participant.proxyAddress}` : "";
    return `${nameOfParticipant(participant)} was added to ${names.quoted(participant.conversationSid)}${channel}`;
  },
  participantUpdated: ({ participant, previous }, names) =>
    participant.lastReadIndex !== previous.lastReadIndex && participant.lastReadIndex !== null
      ? `${nameOfParticipant(participant)} has read ${names.quoted(participant.conversationSid)} up to message ${participant.lastReadIndex}`
      : `${nameOfParticipant(participant)} was updated in ${names.quoted(participant.conversationSid)}: ${differences(previous, participant)}`,
  participantRemoved: ({ participant }, names) =>
    `${nameOfParticipant(participant)} was removed from ${names.quoted(participant.conversationSid)}`,
  messageAdded: ({ message }, names) => `${message.author} wrote in ${names.quoted(message.conversationSid)}: ${quotedBody(message.body)}`,
  messageUpdated: ({ message, previous }, names) =>
    `Message ${message.index} in ${names.quoted(message.conversationSid)} was updated: ${differences(previous, message)}`,
  messageRemoved: ({ message }, names) => `Message ${message.index} in ${names.quoted(message.conversationSid)} was deleted`,
  receiptAdded: ({ receipt }, names) =>
    `Delivery of a message in ${names.quoted(receipt.conversationSid)} to ${names.plain(receipt.participantSid)}: ${receipt.status}`,
  receiptUpdated: ({ receipt }, names) =>
    `Delivery of a message in ${names.quoted(receipt.conversationSid)} to ${names.plain(receipt.participantSid)}: ${receipt.status}`,
  userAdded: ({ user }) => `User ${user.identity} was created`,
  userUpdated: ({ user, previous }) => `User ${user.identity} was updated: ${differences(previous, user)}`,
  userRemoved: ({ user }) => `User ${user.identity} was deleted`,
  roleAdded: ({ role }) => `Role “${role.friendlyName}” was created`,
  roleUpdated: ({ role }) => `Role “${role.friendlyName}” was updated`,
  roleRemoved: ({ role }) => `Role “${role.friendlyName}” was deleted`,
  smsReceived: ({ sms }) => `${sms.from} texted ${sms.to}: ${quotedBody(sms.body)}`,
  smsSent: ({ sms }) =>
    sms.status === "scheduled"
      ? `A text to ${sms.to} is scheduled: ${quotedBody(sms.body)}`
      : `${sms.from} texts ${sms.to}: ${quotedBody(sms.body)}`,
  smsUpdated: ({ sms }) => `The text from ${sms.from} to ${sms.to} is ${sms.status}`,
  textRouted: ({ route }) => `${route.from} → ${route.to}: ${route.sentence}`,
  presenceUpdated: ({ user }) => `${user.identity} went online or offline, or can be notified or not`,
  mediaRemoved: () => "A message's media file was deleted",
  scopedWebhookAdded: ({ webhook }, names) => `A webhook was added to ${names.quoted(webhook.conversationSid)}`,
  webhookSkipped: ({ skipped: { event, webhooks } }) =>
    `${event} was not sent to ${webhooks === 1 ? "the webhook" : `the ${webhooks} webhooks`} that subscribed to it: the REST request has no header X-Twilio-Webhook-Enabled: true`,
  reset: () => "The emulator was reset",
  restored: ({ snapshot }, _names) => `The snapshot ${snapshot} was restored`,
} satisfies Record<string, (data: Data, names: Names) => string>;

/** Describes an event. */
export function describe({ event, data }: Entry, names: Names): Description {
  if (event === "requestAnswered") return describeRequest(data.request);
  if (event === "webhookDelivered") return describeWebhook(data.delivery);
  if (event === "textRouted") return describeRoute(data.route, names);
  if (Object.hasOwn(clientDescriptions, event)) return describeClient(event as keyof typeof clientDescriptions, data, names);
  const eventDescription = (eventDescriptions as Record<string, (data: Data, names: Names) => string>)[event];
  const conversationSid = Object.values(data as Record<string, Record<string, string> | undefined>)
    .map((record) => (record?.sid?.startsWith("CH") ? record.sid : record?.conversationSid))
    .find((sid) => typeof sid === "string");
  const code: number | null = data.receipt?.errorCode || data.sms?.errorCode || null;
  return {
    kind: event === "webhookSkipped" ? "webhook" : "change",
    text: eventDescription ? eventDescription(data, names) : event.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    ...(conversationSid && { conversationSid }),
    ...(code && { error: { code, text: "not delivered" } }),
  };
}

/** Why a text went where it went, and what to do. */
function describeRoute({ from, to, sentence, advice, url, failed, conversationSid }: Data, names: Names): Description {
  const named = conversationSid ? sentence.replaceAll(conversationSid, names.quoted(conversationSid)) : sentence;
  return {
    kind: "change",
    text: `${from} → ${to}: ${named}`,
    notes: [...(url ? [`The webhook is ${url}`] : []), ...(advice && !failed ? [advice] : [])],
    ...(failed && { error: { code: null, text: advice } }),
    ...(conversationSid && { conversationSid }),
  };
}

/** Describes what happens to the connections of the chat SDK. The page subscribes to these events, too. */
export const clientDescriptions = {
  clientConnected: ({ client }) => `${client.identity} connected with a chat client`,
  clientDisconnected: ({ client, reason }) => `${client.identity}’s chat client disconnected: ${reason}`,
  clientRefused: () => "A chat client was refused",
  clientNotified: ({ notification: { view, action, key, conversationSid, identities, count, absent } }, names) => {
    const what = `${view}${key === "" || view === "my_conversations" ? "" : ` ${key}`}${conversationSid ? ` of ${names.quoted(conversationSid)}` : ""}`;
    const more = count > identities.length ? ` and ${count - identities.length} more` : "";
    const sent = count > 0 ? `Sent to ${identities.join(", ")}${more}: ${what} ${action}` : `Sent to no chat client: ${what} ${action}`;
    return absent.length > 0 ? `${sent}. No client of ${absent.join(", ")} is subscribed` : sent;
  },
} satisfies Record<string, (data: Data, names: Names) => string>;

function describeClient(event: keyof typeof clientDescriptions, data: Data, names: Names): Description {
  const { refusal, notification } = data;
  return {
    kind: "client",
    text: clientDescriptions[event](data, names),
    ...(refusal && { error: { code: refusal.code, text: refusal.message } }),
    ...(notification?.conversationSid && { conversationSid: notification.conversationSid }),
  };
}

function describeRequest({ method, path, status, durationMs, code, message, isFault }: Data): Description {
  const result = status === null ? "no response, the connection was closed" : `${status}`;
  const failed = status === null || status >= 400;
  const conversationSid = /\/(CH[0-9a-f]{32})\b/.exec(path)?.[1];
  return {
    kind: "request",
    text: `${method} ${path} → ${result}, ${durationMs} ms`,
    ...(failed && { error: { code, text: `${message ?? result}${isFault ? " (from a fault rule)" : ""}` } }),
    ...(conversationSid && { conversationSid }),
  };
}

function describeWebhook({ event, method, url, target, attempts, outcome, conversationSid }: Data): Description {
  const last = attempts.at(-1);
  const result = last ? `${last.status ?? last.error}${attempts.length > 1 ? `, after ${attempts.length} attempts` : ""}` : "not sent";
  const isFailed = outcome === "failed" || outcome === "unanswered" || outcome === "rejected";
  return {
    kind: "webhook",
    ...(last?.response && { notes: [`Response: ${last.response}`] }),
    text: `${event} → ${url ? `${method} ${url}` : target}: ${outcome} (${result})`,
    ...(isFailed && {
      error: { code: null, text: outcome === "rejected" ? "the webhook rejected the change" : `${url} did not accept the request` },
    }),
    ...(conversationSid && { conversationSid }),
  };
}

/** The cause of an event, if it is known. */
export function causeOf({ source, clientIdentity, event }: Entry): string {
  if (event === "requestAnswered" || Object.hasOwn(clientDescriptions, event)) return "";
  if (source === "SDK") return clientIdentity ? `by ${clientIdentity}, with the SDK` : "by an SDK user";
  if (source === "SMS") return "caused by a text from a handset";
  if (source === "TIMER") return "caused by a timer";
  if (source === "EVENT") return "caused by another event";
  return "";
}

/** Lists the changed fields of a record with their new values. */
function differences(before: Data, after: Data): string {
  const hidden = new Set(["dateUpdated", "seq", "nextIndex", "lastReadAt"]);
  const changed = Object.keys(after).filter((key) => !hidden.has(key) && JSON.stringify(before?.[key]) !== JSON.stringify(after[key]));
  return changed.map((key) => `${key} is ${JSON.stringify(after[key])}`).join(", ") || "no visible change";
}
