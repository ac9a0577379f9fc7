/**
 * The five kinds of Sync objects that the SDK reads, as views of the domain's records. Nothing here is stored; log.ts
 * stores the changes.
 */
import { isoDate } from "../../dates";
import type { Base, Domain } from "../../domain";
import { type ConversationRecord, conversationTable } from "../../resources/conversation-table";
import type { Media } from "../../resources/media";
import { type MessageRecord, messageTable } from "../../resources/message";
import { type ParticipantRecord, participantTable } from "../../resources/participant-table";
import { isNotifiable } from "../../resources/push-binding-table";
import { deliverySummary, receiptTable } from "../../resources/receipt";
import { findUser, type UserRecord, userTable } from "../../resources/user";
import { hex32 } from "../../sid";

/** Sync's object types. */
export type SyncType = "document" | "list" | "map";

/** One item of a list or map. A document has a single item with an empty key. */
export interface SyncItem {
  key: string | number;
  data: Record<string, unknown>;
  dateCreated: number;
  dateUpdated: number;
}

/** A Sync object with its current content. */
export interface SyncObject {
  sid: string;
  name: string;
  type: SyncType;
  /** The user or conversation that the object belongs to. */
  owner: UserRecord | ConversationRecord;
  items(): SyncItem[];
  /** Returns one item without building the others. */
  item(key: string | number): SyncItem | undefined;
}

type View = "user_info" | "my_conversations" | "channel" | "messages" | "roster";

const TYPES: Record<View, SyncType> = {
  user_info: "map",
  my_conversations: "map",
  channel: "document",
  messages: "list",
  roster: "map",
};
const PREFIXES: Record<SyncType, string> = { document: "ET", list: "ES", map: "MP" };

/** The name of a user's or conversation's object. */
export function nameOf(owner: { sid: string }, view: View): string {
  return `${owner.sid}.${view}`;
}

/** The type of the object with this name. */
export function typeOf(name: string): SyncType | undefined {
  return TYPES[name.split(".")[1] as View];
}

/** The SID of the object with this name. */
export function sidOf(domain: Domain, name: string): string {
  return PREFIXES[typeOf(name) ?? "map"] + hex32(domain.credentials.seed, "sync", name);
}

/** Returns the object with this name if its user or conversation exists. */
export function syncObject(domain: Domain, name: string): SyncObject | undefined {
  const [ownerSid = "", view = "", ...more] = name.split(".");
  // Access is checked by the name, so only the exact name may match.
  if (more.length > 0) return undefined;
  const type = typeOf(name);
  const conversation = conversationTable.in(domain).get(ownerSid);
  const user = userTable.in(domain).get(ownerSid);
  const content = conversation ? conversationView(domain, conversation, view) : user ? userView(domain, user, view) : undefined;
  const owner = conversation ?? user;
  if (!type || !content || !owner) return undefined;
  return { sid: sidOf(domain, name), name, type, owner, ...content };
}

type Content = Pick<SyncObject, "items" | "item">;

function conversationView(domain: Domain, conversation: ConversationRecord, view: string): Content | undefined {
  if (view === "channel") return fixedItems([conversationItem(domain, conversation)]);
  if (view === "roster") {
    return {
      items: () =>
        participantTable
          .in(domain)
          .by.conversation(conversation.sid)
          .map((participant) => participantItem(domain, participant)),
      item: (key) => ofConversation(participantTable.in(domain).get(String(key)), (participant) => participantItem(domain, participant)),
    };
  }
  if (view !== "messages") return undefined;
  const at = (index: number) => messageTable.in(domain).by.index(`${conversation.sid} ${index}`)[0];
  return {
    items: () =>
      messageTable
        .in(domain)
        .by.conversation(conversation.sid)
        .map((message) => messageItem(domain, message)),
    item: (key) => ofConversation(at(Number(key)), (message) => messageItem(domain, message)),
  };

  function ofConversation<T extends { conversationSid: string }>(record: T | undefined, show: (record: T) => SyncItem) {
    return record?.conversationSid === conversation.sid ? show(record) : undefined;
  }
}

function userView(domain: Domain, user: UserRecord, view: string): Content | undefined {
  if (view === "user_info") return fixedItems(userInfo(domain, user));
  if (view !== "my_conversations") return undefined;
  const memberships = () => participantTable.in(domain).by.identity(`${user.serviceSid} ${user.identity}`);
  return {
    items: () => memberships().map(membershipItem),
    item: (key) =>
      memberships()
        .filter(({ conversationSid }) => conversationSid === key)
        .map(membershipItem)[0],
  };
}

function fixedItems(items: SyncItem[]): Content {
  return { items: () => items, item: (key) => items.find((item) => item.key === key) };
}

const dates = ({ dateCreated, dateUpdated }: Base) => ({ dateCreated, dateUpdated });

function userInfo(domain: Domain, user: UserRecord): SyncItem[] {
  const values = {
    friendlyName: { value: user.friendlyName ?? user.identity },
    attributes: { value: user.attributes },
    reachability: { online: domain.presence.isOnline(user), notifiable: isNotifiable(domain, user) },
  };
  return Object.entries(values).map(([key, data]) => ({ key, data, ...dates(user) }));
}

function membershipItem(participant: ParticipantRecord): SyncItem {
  const conversation = { sid: participant.conversationSid };
  const data = {
    channel: nameOf(conversation, "channel"),
    messages: nameOf(conversation, "messages"),
    roster: nameOf(conversation, "roster"),
    status: "joined",
    lastConsumedMessageIndex: participant.lastReadIndex,
    notificationLevel: participant.notificationLevel,
  };
  return { key: conversation.sid, data, ...dates(participant) };
}

function conversationItem(domain: Domain, conversation: ConversationRecord): SyncItem {
  const last = messageTable.in(domain).by.conversation(conversation.sid).at(-1);
  const data = {
    messages: nameOf(conversation, "messages"),
    roster: nameOf(conversation, "roster"),
    friendlyName: conversation.friendlyName,
    uniqueName: conversation.uniqueName,
    attributes: conversation.attributes,
    createdBy: conversation.createdBy,
    dateCreated: isoDate(conversation.dateCreated),
    dateUpdated: isoDate(conversation.dateUpdated),
    state: { current: conversation.state, dateUpdated: isoDate(conversation.dateUpdated) },
    bindings: {},
    ...(last === undefined ? {} : { lastMessage: { index: last.index, timestamp: isoDate(last.dateCreated) } }),
  };
  return { key: "", data, ...dates(conversation) };
}

function participantItem(domain: Domain, participant: ParticipantRecord): SyncItem {
  const { identity, bindingType, address, proxyAddress, projectedAddress, serviceSid } = participant;
  const user = identity === null ? undefined : findUser(domain.scope(participant.accountSid), serviceSid, identity);
  const bindings =
    bindingType === null
      ? {}
      : {
          [bindingType]: {
            address: address ?? undefined,
            proxy_address: proxyAddress ?? undefined,
            projected_address: projectedAddress ?? undefined,
          },
        };
  const data = {
    ...(identity === null ? {} : { identity }),
    type: identity === null ? (bindingType ?? "sms") : "chat",
    attributes: participant.attributes,
    roleSid: participant.roleSid,
    dateCreated: isoDate(participant.dateCreated),
    dateUpdated: isoDate(participant.dateUpdated),
    lastConsumedMessageIndex: participant.lastReadIndex,
    lastConsumptionTimestamp: participant.lastReadAt === null ? null : isoDate(participant.lastReadAt),
    bindings,
    ...(user === undefined ? {} : { userInfo: nameOf(user, "user_info") }),
  };
  return { key: participant.sid, data, ...dates(participant) };
}

function messageItem(domain: Domain, message: MessageRecord): SyncItem {
  const delivery = deliverySummary(receiptTable.in(domain).by.message(message.sid));
  const data = {
    sid: message.sid,
    author: message.author,
    text: message.body,
    subject: message.subject,
    type: message.media.length > 0 ? "media" : "text",
    attributes: message.attributes,
    timestamp: isoDate(message.dateCreated),
    dateUpdated: isoDate(message.dateUpdated),
    lastUpdatedBy: null,
    memberSid: message.participantSid,
    contentSid: message.contentSid,
    medias: message.media.map(mediaData),
    channelMetadata: false,
    ...(delivery === null ? {} : { delivery }),
  };
  return { key: message.index, data, ...dates(message) };
}

function mediaData({ sid, content_type, filename, size }: Media) {
  return { sid, category: "media", filename, contentType: content_type, size };
}
