/**
 * Which item of which Sync object changed when: numbered per object, stored in the same transaction as the change, so
 * that a client that was away (or whose emulator was restarted) is told what it missed. One row an item, however
 * often it changes. Objects and items nobody ever touched have no row: their number is 0.
 */
import type { Domain } from "../../domain";
import type { DomainEvent } from "../../events";
import type { ConversationRecord } from "../../resources/conversation";
import type { MessageRecord } from "../../resources/message";
import type { ParticipantRecord } from "../../resources/participant";
import { type UserRecord, userCalled } from "../../resources/user";
import type { Row } from "../../store";
import { nameOf, sidOf } from "./objects";

/** An object that has been opened or changed; its SID leads to its name. */
export interface SyncObjectRow extends Row {
  name: string;
  /** The number of its latest change. */
  event: number;
}

export interface SyncItemRow extends Row {
  object: string;
  key: string | number;
  /** The number of the change that added the item. */
  added: number;
  /** The number of its latest change. */
  changed: number;
  isRemoved: boolean;
}

/** One change, as subscribers are told of it. `removedObject`: the object itself is gone. */
export interface SyncChange {
  object: string;
  objectSid: string;
  event: number;
  action: "added" | "updated" | "removed" | "removedObject";
  key: string | number;
}

type Touch = Pick<SyncChange, "object" | "action" | "key">;

export class SyncLog {
  private readonly domain: Domain;

  constructor(domain: Domain) {
    this.domain = domain;
  }

  /** Numbers what an event changes. To be called in the event's transaction. */
  record(event: DomainEvent): SyncChange[] {
    return touchesOf(this.domain, event).map((touch) => this.note(touch));
  }

  /** The row that leads from the object's SID to its name, made now if there is none. */
  open(name: string): SyncObjectRow {
    const sid = sidOf(this.domain, name);
    return this.domain.syncObjects.get(sid) ?? this.domain.syncObjects.put({ sid, name, event: 0 });
  }

  itemRow(object: string, key: string | number): SyncItemRow | undefined {
    return this.domain.syncItems.get(`${object}/${key}`);
  }

  /** Every change after that number, one for each item, in order. */
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

  private note({ object, action, key }: Touch): SyncChange {
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

/** What each event of the domain means for the objects. */
function touchesOf(domain: Domain, { name, data }: DomainEvent): Touch[] {
  switch (name) {
    case "participantAdded":
      return memberTouches(domain, data.participant, "added");
    case "participantUpdated":
      return memberTouches(domain, data.participant, "updated");
    case "participantRemoved":
      return memberTouches(domain, data.participant, "removed");
    case "conversationUpdated":
    case "conversationStateUpdated":
      return [documentTouch(data.conversation)];
    case "conversationRemoved":
      return removalTouches(domain, data.conversation, data.participants);
    case "messageAdded":
      return [messageTouch(data.message, "added"), documentTouch({ sid: data.message.conversationSid })];
    case "messageUpdated":
      return [messageTouch(data.message, "updated")];
    case "messageRemoved":
      return [messageTouch(data.message, "removed"), documentTouch({ sid: data.message.conversationSid })];
    case "receiptAdded":
    case "receiptUpdated":
      return receiptTouches(domain, data.receipt.messageSid);
    case "userUpdated":
      return ["friendlyName", "attributes"].map((key) => infoTouch(data.user, key));
    case "userRemoved":
      return ["user_info", "my_conversations"].map((view) => removedObject(`${data.user.sid}.${view}`));
    case "presenceUpdated":
      return [infoTouch(data.user, "reachability")];
    default:
      return [];
  }
}

function infoTouch(user: UserRecord, key: string): Touch {
  return { object: nameOf(user, "user_info"), action: "updated", key };
}

function documentTouch(conversation: { sid: string }): Touch {
  return { object: nameOf(conversation, "channel"), action: "updated", key: "" };
}

function messageTouch({ conversationSid, index }: MessageRecord, action: Touch["action"]): Touch {
  return { object: nameOf({ sid: conversationSid }, "messages"), action, key: index };
}

/** A receipt changes what its message shows; nothing, once the message is gone. */
function receiptTouches(domain: Domain, messageSid: string): Touch[] {
  const message = domain.messages.get(messageSid);
  return message ? [messageTouch(message, "updated")] : [];
}

/** In the conversation's roster, and in the list of the user behind the participant, if there is one. */
function memberTouches(domain: Domain, participant: ParticipantRecord, action: Touch["action"]): Touch[] {
  const { conversationSid, serviceSid, accountSid, identity, sid } = participant;
  const roster: Touch = { object: nameOf({ sid: conversationSid }, "roster"), action, key: sid };
  const user = identity === null ? undefined : userCalled(domain.scope(accountSid), serviceSid, identity);
  return user ? [roster, { object: nameOf(user, "my_conversations"), action, key: conversationSid }] : [roster];
}

/** The members first: to a client, an object that vanishes under it is an error. */
function removalTouches(domain: Domain, conversation: ConversationRecord, participants: ParticipantRecord[]): Touch[] {
  const views = ["channel", "messages", "roster"] as const;
  return [
    ...participants.flatMap((participant) => memberTouches(domain, participant, "removed")),
    ...views.map((view) => removedObject(nameOf(conversation, view))),
  ];
}

function removedObject(object: string): Touch {
  return { object, action: "removedObject", key: "" };
}
