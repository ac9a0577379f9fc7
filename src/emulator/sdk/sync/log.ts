/**
 * Logs the changes of each item of each Sync object, numbered per object. The log is stored in the same transaction as
 * the change, so that a client that reconnects, even after a restart of the emulator, receives the changes it missed.
 * Each item has one row, however often it changes. Objects and items that never changed have no row; their number is 0.
 */
import type { Domain } from "../../domain";
import type { DomainEvent } from "../../events";
import type { ConversationRecord } from "../../resources/conversation";
import type { MessageRecord } from "../../resources/message";
import type { ParticipantRecord } from "../../resources/participant";
import { type UserRecord, userCalled } from "../../resources/user";
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

/** One change, as subscribers receive it. `removedObject`: the object itself was removed. */
export interface SyncChange {
  object: string;
  objectSid: string;
  event: number;
  action: "added" | "updated" | "removed" | "removedObject";
  key: string | number;
}

type ItemChange = Pick<SyncChange, "object" | "action" | "key">;

/** The log of all Sync objects' changes. */
export class SyncLog {
  private readonly domain: Domain;

  constructor(domain: Domain) {
    this.domain = domain;
  }

  /** Logs the changes that an event makes. Call it in the event's transaction. */
  record(event: DomainEvent): SyncChange[] {
    return itemChangesOf(this.domain, event).map((change) => this.add(change));
  }

  /** Returns the object's row, and creates it if necessary. */
  open(name: string): SyncObjectRow {
    const sid = sidOf(this.domain, name);
    return this.domain.syncObjects.get(sid) ?? this.domain.syncObjects.put({ sid, name, event: 0 });
  }

  itemRow(object: string, key: string | number): SyncItemRow | undefined {
    return this.domain.syncItems.get(`${object}/${key}`);
  }

  /** Returns the changes after event number `event` in order, at most one per item. */
  since(object: string, event: number): SyncChange[] {
    const objectSid = sidOf(this.domain, object);
    return this.domain.find
      .syncItemsOf(object)
      .filter(({ changed }) => changed > event)
      .sort((a, b) => a.changed - b.changed)
      .map(({ key, changed, added, isRemoved }) => {
        const action = isRemoved ? "removed" : added > event ? "added" : "updated";
        return { object, objectSid, event: changed, action, key };
      });
  }

  private add({ object, action, key }: ItemChange): SyncChange {
    const row = this.open(object);
    if (action === "removedObject") {
      for (const item of this.domain.find.syncItemsOf(object)) this.domain.syncItems.delete(item.sid);
      this.domain.syncObjects.delete(row.sid);
      return { object, objectSid: row.sid, event: row.event + 1, action, key };
    }
    const { event } = this.domain.syncObjects.put({ ...row, event: row.event + 1 });
    const added = action === "added" ? event : (this.itemRow(object, key)?.added ?? 0);
    this.domain.syncItems.put({ sid: `${object}/${key}`, object, key, added, changed: event, isRemoved: action === "removed" });
    return { object, objectSid: row.sid, event, action, key };
  }
}

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
  const message = domain.messages.get(messageSid);
  return message ? [messageChange(message, "updated")] : [];
}

/** A participant changes the conversation's roster and the list of its chat user, if it has one. */
function memberChanges(domain: Domain, participant: ParticipantRecord, action: ItemChange["action"]): ItemChange[] {
  const { conversationSid, serviceSid, accountSid, identity, sid } = participant;
  const roster: ItemChange = { object: nameOf({ sid: conversationSid }, "roster"), action, key: sid };
  const user = identity === null ? undefined : userCalled(domain.scope(accountSid), serviceSid, identity);
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
