/**
 * Logs the changes of each item of each Sync object, numbered per object. The log is stored in the same transaction as
 * the change, so that a client that reconnects, even after a restart of the emulator, receives the changes it missed.
 * Each item has one row, however often it changes. Objects and items that never changed have no row; their number is 0.
 */
import { type Domain, defineTable } from "../../domain";
import type { DomainEvent } from "../../events";
import type { ConversationRecord } from "../../resources/conversation-table";
import type { Endpoints } from "../../resources/endpoints";
import { type MessageRecord, messageTable } from "../../resources/message";
import type { ParticipantRecord } from "../../resources/participant-table";
import { findUser, type UserRecord } from "../../resources/user";
import type { Row } from "../../store";
import { nameOf, sidOf } from "./objects";

/** An object that was opened or changed. Maps the object's SID to its name. */
export interface SyncObjectRow extends Row {
  name: string;
  /** The number of its latest change. */
  event: number;
}

/** The log entry of one item. */
export interface SyncItemRow extends Row {
  object: string;
  key: string | number;
  /** The number of the change that added the item. */
  added: number;
  /** The number of its latest change. */
  changed: number;
  isRemoved: boolean;
}

declare module "../../events" {
  interface DomainEvents {
    /** The state of a snapshot has replaced the one before. */
    restored: {
      snapshot: string;
      /** How far the clock was moved, in milliseconds. */
      clockShift: number;
      /** A function, because the event stream must not contain them. */
      changes(): readonly SyncChange[];
    };
  }
}

/** One change, as subscribers receive it. `removedObject`: the object itself was removed. */
export interface SyncChange {
  object: string;
  objectSid: string;
  event: number;
  action: "added" | "updated" | "removed" | "removedObject";
  key: string | number;
}

export type ItemChange = Pick<SyncChange, "object" | "action" | "key">;

export const syncObjectTable = defineTable<SyncObjectRow>()({ name: "syncObjects" });

export const syncItemTable = defineTable<SyncItemRow>()({ name: "syncItems", indexes: { object: (item) => item.object } });

export const syncEndpoints: Endpoints = { tables: [syncObjectTable, syncItemTable] };

const changesByEvent = new WeakMap<DomainEvent, readonly SyncChange[]>();

/** The setting with the highest number of a removed object. */
const REMOVED = "sync-removed";
/** The setting with the number that every number after a restored snapshot must exceed. */
const FLOOR = "sync-floor";

/** A number that no client has seen a higher one of. */
export function highestEvent(domain: Domain): number {
  const events = syncObjectTable.in(domain).all();
  return events.reduce((highest, { event }) => Math.max(highest, event), Math.max(domain.setting(REMOVED), domain.setting(FLOOR)));
}

/** Gives all later changes higher numbers than this one. */
export function raiseEvents(domain: Domain, above: number): void {
  domain.set(FLOOR, above);
}

/** Logs the changes that an event makes. Call it in the event's transaction. */
export function recordChanges(domain: Domain, event: DomainEvent): void {
  const changes =
    event.name === "restored" ? event.data.changes() : itemChangesOf(domain, event).map((change) => addChange(domain, change));
  changesByEvent.set(event, changes);
}

/** The changes that were logged for an event. */
export function changesOf(event: DomainEvent): readonly SyncChange[] {
  return changesByEvent.get(event) ?? [];
}

/** The name of the object with this SID. Undefined if it was never opened or changed. */
export function syncObjectName(domain: Domain, sid: string): string | undefined {
  return syncObjectTable.in(domain).get(sid)?.name;
}

/** Returns the object's row, and creates it if necessary. */
export function openSyncObject(domain: Domain, name: string): SyncObjectRow {
  const table = syncObjectTable.in(domain);
  const sid = sidOf(domain, name);
  return table.get(sid) ?? table.put({ sid, name, event: 0 });
}

export function syncItemRow(domain: Domain, object: string, key: string | number): SyncItemRow | undefined {
  return syncItemTable.in(domain).get(`${object}/${key}`);
}

/** Returns the changes after event number `event` in order, at most one per item. */
export function changesSince(domain: Domain, object: string, event: number): SyncChange[] {
  const objectSid = sidOf(domain, object);
  return syncItemTable
    .in(domain)
    .by.object(object)
    .filter(({ changed }) => changed > event)
    .sort((a, b) => a.changed - b.changed)
    .map(({ key, changed, added, isRemoved }) => {
      const action = isRemoved ? "removed" : added > event ? "added" : "updated";
      return { object, objectSid, event: changed, action, key };
    });
}

/** Numbers a change and logs it. */
export function addChange(domain: Domain, { object, action, key }: ItemChange): SyncChange {
  const [objects, items] = [syncObjectTable.in(domain), syncItemTable.in(domain)];
  const row = openSyncObject(domain, object);
  if (action === "removedObject") {
    for (const item of items.by.object(object)) items.delete(item.sid);
    objects.delete(row.sid);
    if (row.event >= domain.setting(REMOVED)) domain.set(REMOVED, row.event + 1);
    return { object, objectSid: row.sid, event: nextEvent(domain, row), action, key };
  }
  const { event } = objects.put({ ...row, event: nextEvent(domain, row) });
  const added = action === "added" ? event : (syncItemRow(domain, object, key)?.added ?? 0);
  items.put({ sid: `${object}/${key}`, object, key, added, changed: event, isRemoved: action === "removed" });
  return { object, objectSid: row.sid, event, action, key };
}

const nextEvent = (domain: Domain, { event }: SyncObjectRow) => Math.max(event, domain.setting(FLOOR)) + 1;

/** Maps a domain event to the items it changes. */
function itemChangesOf(domain: Domain, { name, data }: DomainEvent): ItemChange[] {
  switch (name) {
    case "participantAdded":
      return memberChanges(domain, data.participant, "added");
    case "participantUpdated":
      return memberChanges(domain, data.participant, "updated");
    case "participantRemoved":
      return memberChanges(domain, data.participant, "removed");
    case "conversationUpdated":
    case "conversationStateUpdated":
      return [documentChange(data.conversation)];
    case "conversationRemoved":
      return removalChanges(domain, data.conversation, data.participants);
    case "messageAdded":
      return [messageChange(data.message, "added"), documentChange({ sid: data.message.conversationSid })];
    case "messageUpdated":
      return [messageChange(data.message, "updated")];
    case "messageRemoved":
      return [messageChange(data.message, "removed"), documentChange({ sid: data.message.conversationSid })];
    case "receiptAdded":
    case "receiptUpdated":
      return receiptChanges(domain, data.receipt.messageSid);
    case "userUpdated":
      return ["friendlyName", "attributes"].map((key) => userInfoChange(data.user, key));
    case "userRemoved":
      return ["user_info", "my_conversations"].map((view) => removedObject(`${data.user.sid}.${view}`));
    case "presenceUpdated":
      return [userInfoChange(data.user, "reachability")];
    default:
      return [];
  }
}

function userInfoChange(user: UserRecord, key: string): ItemChange {
  return { object: nameOf(user, "user_info"), action: "updated", key };
}

function documentChange(conversation: { sid: string }): ItemChange {
  return { object: nameOf(conversation, "channel"), action: "updated", key: "" };
}

function messageChange({ conversationSid, index }: MessageRecord, action: ItemChange["action"]): ItemChange {
  return { object: nameOf({ sid: conversationSid }, "messages"), action, key: index };
}

/** A receipt changes the item of its message, unless the message was removed. */
function receiptChanges(domain: Domain, messageSid: string): ItemChange[] {
  const message = messageTable.in(domain).get(messageSid);
  return message ? [messageChange(message, "updated")] : [];
}

/** A participant changes the conversation's roster and the list of its chat user, if it has one. */
function memberChanges(domain: Domain, participant: ParticipantRecord, action: ItemChange["action"]): ItemChange[] {
  const { conversationSid, serviceSid, accountSid, identity, sid } = participant;
  const roster: ItemChange = { object: nameOf({ sid: conversationSid }, "roster"), action, key: sid };
  const user = identity === null ? undefined : findUser(domain.scope(accountSid), serviceSid, identity);
  return user ? [roster, { object: nameOf(user, "my_conversations"), action, key: conversationSid }] : [roster];
}

/** Removes the members first, because the SDK reports an error if an object that it uses disappears. */
function removalChanges(domain: Domain, conversation: ConversationRecord, participants: ParticipantRecord[]): ItemChange[] {
  const views = ["channel", "messages", "roster"] as const;
  return [
    ...participants.flatMap((participant) => memberChanges(domain, participant, "removed")),
    ...views.map((view) => removedObject(nameOf(conversation, view))),
  ];
}

function removedObject(object: string): ItemChange {
  return { object, action: "removedObject", key: "" };
}
