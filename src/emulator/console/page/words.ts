import type { Conversation, Entry, Participant } from "./api.ts";

/** What happened, in words. */
export interface Told {
  readonly kind: "change" | "request" | "webhook";
  readonly text: string;
  /** The error that came of it: Twilio's code, if it has one, and what it says. */
  readonly error?: { readonly code: number | null; readonly text: string };
  readonly conversationSid?: string;
}

type Data = Entry["data"];

/** Remembers what things are called, also those that are gone by now. */
export class Names {
  private readonly names = new Map<string, string>();

  learn(sid: string, name: string | null): void {
    if (name) this.names.set(sid, name);
  }

  /** `“hello”`, or the SID of what has no name. */
  of(sid: string): string {
    const name = this.names.get(sid);
    return name === undefined ? sid : `“${name}”`;
  }

  who(sid: string): string {
    return this.names.get(sid) ?? sid;
  }

  learnFrom({ data }: Entry): void {
    const { conversation, participant, service } = data;
    if (conversation) this.learn(conversation.sid, conversation.friendlyName || conversation.uniqueName);
    if (participant) this.learn(participant.sid, whoIs(participant));
    if (service) this.learn(service.sid, service.friendlyName);
  }

  learnAll(conversations: readonly Conversation[]): void {
    for (const { sid, friendlyName, uniqueName, participants } of conversations) {
      this.learn(sid, friendlyName || uniqueName);
      for (const participant of participants) this.learn(participant.sid, whoIs(participant));
    }
  }
}

/** A participant by what people know: an identity, or a number. */
export const whoIs = ({ identity, address, projectedAddress }: Omit<Participant, "sid" | "proxyAddress">): string =>
  identity ?? address ?? projectedAddress ?? "somebody";

const quoted = (text: string | null): string =>
  text ? `“${text.length > 160 ? `${text.slice(0, 160)}…` : text}”` : "a message without text";

/** What each event means. The stream is asked for these; a test makes sure that none is missing. */
export const sayings = {
  serviceAdded: ({ service }, names) => `Service ${names.of(service.sid)} was made`,
  serviceRemoved: ({ service }, names) => `Service ${names.of(service.sid)} was removed`,
  conversationAdded: ({ conversation }, names) => `Conversation ${names.of(conversation.sid)} was made`,
  conversationUpdated: ({ conversation, previous }, names) =>
    `Conversation ${names.of(conversation.sid)} was changed: ${differences(previous, conversation)}`,
  conversationStateUpdated: ({ conversation, from, to }, names) =>
    from === to
      ? `Conversation ${names.of(conversation.sid)} is ${to}`
      : `Conversation ${names.of(conversation.sid)} went from ${from} to ${to}`,
  conversationRemoved: ({ conversation }, names) => `Conversation ${names.of(conversation.sid)} was removed`,
  participantAdded: ({ participant }, names) => {
    const way = participant.proxyAddress ? `, who texts with ${participant.proxyAddress}` : "";
    return `${whoIs(participant)} was added to ${names.of(participant.conversationSid)}${way}`;
  },
  participantUpdated: ({ participant, previous }, names) =>
    participant.lastReadIndex !== previous.lastReadIndex && participant.lastReadIndex !== null
      ? `${whoIs(participant)} has read ${names.of(participant.conversationSid)} up to message ${participant.lastReadIndex}`
      : `${whoIs(participant)} was changed in ${names.of(participant.conversationSid)}: ${differences(previous, participant)}`,
  participantRemoved: ({ participant }, names) => `${whoIs(participant)} was removed from ${names.of(participant.conversationSid)}`,
  messageAdded: ({ message }, names) => `${message.author} wrote in ${names.of(message.conversationSid)}: ${quoted(message.body)}`,
  messageUpdated: ({ message, previous }, names) =>
    `Message ${message.index} in ${names.of(message.conversationSid)} was changed: ${differences(previous, message)}`,
  messageRemoved: ({ message }, names) => `Message ${message.index} in ${names.of(message.conversationSid)} was removed`,
  receiptAdded: ({ receipt }, names) =>
    `A message in ${names.of(receipt.conversationSid)} is ${receipt.status} to ${names.who(receipt.participantSid)}`,
  receiptUpdated: ({ receipt }, names) =>
    `A message in ${names.of(receipt.conversationSid)} is ${receipt.status} to ${names.who(receipt.participantSid)}`,
  userAdded: ({ user }) => `User ${user.identity} was made`,
  userUpdated: ({ user, previous }) => `User ${user.identity} was changed: ${differences(previous, user)}`,
  userRemoved: ({ user }) => `User ${user.identity} was removed`,
  roleAdded: ({ role }) => `Role “${role.friendlyName}” was made`,
  roleUpdated: ({ role }) => `Role “${role.friendlyName}” was changed`,
  roleRemoved: ({ role }) => `Role “${role.friendlyName}” was removed`,
  smsReceived: ({ sms }) => `${sms.from} texted ${sms.to}: ${quoted(sms.body)}`,
  smsSent: ({ sms }) => `${sms.from} texts ${sms.to}: ${quoted(sms.body)}`,
  smsUpdated: ({ sms }) => `The text from ${sms.from} to ${sms.to} is ${sms.status}`,
  presenceUpdated: ({ user }) => `${user.identity} came online, or left`,
  mediaRemoved: () => "A file that belonged to a message was removed",
  scopedWebhookAdded: ({ webhook }, names) => `A webhook was added to ${names.of(webhook.conversationSid)}`,
  reset: () => "Everything was forgotten",
} satisfies Record<string, (data: Data, names: Names) => string>;

/** What happened, in words. */
export function tell({ event, data }: Entry, names: Names): Told {
  if (event === "requestAnswered") return request(data.request);
  if (event === "webhookDelivered") return webhook(data.delivery);
  const saying = (sayings as Record<string, (data: Data, names: Names) => string>)[event];
  const conversationSid = Object.values(data as Record<string, Record<string, string> | undefined>)
    .map((record) => (record?.sid?.startsWith("CH") ? record.sid : record?.conversationSid))
    .find((sid) => typeof sid === "string");
  const code: number | null = data.receipt?.errorCode || data.sms?.errorCode || null;
  return {
    kind: "change",
    text: saying ? saying(data, names) : event.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    ...(conversationSid && { conversationSid }),
    ...(code && { error: { code, text: "it was not delivered" } }),
  };
}

function request({ method, path, status, durationMs, code, message, isFault }: Data): Told {
  const end = status === null ? "no answer, the connection was cut" : `${status}`;
  const failed = status === null || status >= 400;
  const conversationSid = /\/(CH[0-9a-f]{32})\b/.exec(path)?.[1];
  return {
    kind: "request",
    text: `${method} ${path} → ${end}, ${durationMs} ms`,
    ...(failed && { error: { code, text: `${message ?? end}${isFault ? " (as a fault rule wants it)" : ""}` } }),
    ...(conversationSid && { conversationSid }),
  };
}

function webhook({ event, method, url, target, attempts, outcome, conversationSid }: Data): Told {
  const last = attempts.at(-1);
  const end = last ? `${last.status ?? last.error}${attempts.length > 1 ? `, after ${attempts.length} attempts` : ""}` : "not sent";
  const isFailed = outcome === "failed" || outcome === "unanswered" || outcome === "rejected";
  return {
    kind: "webhook",
    text: `${event} → ${url ? `${method} ${url}` : target}: ${outcome} (${end})`,
    ...(isFailed && {
      error: { code: null, text: outcome === "rejected" ? "the change was refused by the webhook" : `${url} did not take it` },
    }),
    ...(conversationSid && { conversationSid }),
  };
}

/** Why it happened. */
export function why({ source, clientIdentity, event }: Entry): string {
  if (event === "requestAnswered") return "";
  if (source === "SDK") return clientIdentity ? `by ${clientIdentity}, in the SDK` : "by somebody in the SDK";
  if (source === "SMS") return "because a handset texted";
  if (source === "TIMER") return "because its time had come";
  if (source === "EVENT") return "because of what was said";
  return "";
}

/** The fields of a record that changed, with their new values. */
function differences(before: Data, after: Data): string {
  const hidden = new Set(["dateUpdated", "seq", "nextIndex", "lastReadAt"]);
  const changed = Object.keys(after).filter((key) => !hidden.has(key) && JSON.stringify(before?.[key]) !== JSON.stringify(after[key]));
  return changed.map((key) => `${key} is ${JSON.stringify(after[key])}`).join(", ") || "nothing that shows";
}
