/** Events made anew of what is stored, for trying a receiver without a person. */
import type { Base, Domain } from "../domain";
import type { DomainEvent, DomainEvents } from "../events";
import type { Table } from "../store";
import { Refused } from "./controls";

type Given = Record<string, unknown>;

/** The events that can be told of a stored record, by the names that webhooks have for them. */
const events: Record<string, (domain: Domain, given: Given) => Pick<DomainEvent, "name" | "data"> & { of: Base }> = {
  onMessageAdded: (domain, given) => of("messageAdded", "message", messageOf(domain, given)),
  onMessageUpdated: (domain, given) => of("messageUpdated", "message", messageOf(domain, given)),
  onMessageRemoved: (domain, given) => of("messageRemoved", "message", messageOf(domain, given)),
  onConversationAdded: (domain, given) => of("conversationAdded", "conversation", conversationOf(domain, given)),
  onConversationUpdated: (domain, given) => of("conversationUpdated", "conversation", conversationOf(domain, given)),
  onConversationRemoved: (domain, given) => {
    const conversation = conversationOf(domain, given);
    const participants = domain.find.participantsIn(conversation.sid);
    const data: DomainEvents["conversationRemoved"] = { conversation, participants, webhooks: domain.find.webhooksOf(conversation.sid) };
    return { name: "conversationRemoved", data, of: conversation };
  },
  onConversationStateUpdated: (domain, given) => {
    const conversation = conversationOf(domain, given);
    const { state } = conversation;
    const data: DomainEvents["conversationStateUpdated"] = { conversation, from: state, to: state, reason: "API" };
    return { name: "conversationStateUpdated", data, of: conversation };
  },
  onParticipantAdded: (domain, given) => of("participantAdded", "participant", participantOf(domain, given)),
  onParticipantUpdated: (domain, given) => of("participantUpdated", "participant", participantOf(domain, given)),
  onParticipantRemoved: (domain, given) => of("participantRemoved", "participant", participantOf(domain, given)),
  onDeliveryUpdated: (domain, given) => {
    const message = messageOf(domain, given);
    const receipt = domain.find.receiptsOf(message.sid).at(-1);
    if (!receipt) throw new Refused(404, `message ${message.sid} went to no handset`);
    return of("receiptUpdated", "receipt", receipt);
  },
  onUserAdded: (domain, given) => of("userAdded", "user", record(domain.users, given, "userSid")),
  onUserUpdated: (domain, given) => of("userUpdated", "user", record(domain.users, given, "userSid")),
};

/**
 * The event `event` of the record that `conversationSid`, `messageSid`, `participantSid` or `userSid` names. Without
 * a message or participant, the conversation's latest is meant.
 */
export function happened(domain: Domain, given: Given): DomainEvent {
  const name = given.event;
  if (typeof name !== "string" || !Object.hasOwn(events, name))
    throw new Refused(400, `event must be one of ${Object.keys(events).join(", ")}`);
  const made = events[name]?.(domain, given);
  if (!made) throw new Error(`event ${name} is not made`);
  const { of: about, ...event } = made;
  const origin = { source: "SDK", webhooksEnabled: true } as const;
  return { ...event, accountSid: about.accountSid, at: domain.now(), origin } as DomainEvent;
}

function of(name: DomainEvent["name"], key: string, of: Base) {
  return { name, data: { [key]: of, previous: of } as unknown as DomainEvent["data"], of };
}

function record<T extends Base>(table: Table<T>, given: Given, name: string): T {
  const sid = given[name];
  const found = typeof sid === "string" ? table.get(sid) : undefined;
  if (!found)
    throw new Refused(typeof sid === "string" ? 404 : 400, typeof sid === "string" ? `there is no ${sid}` : `${name} is required`);
  return found;
}

function conversationOf(domain: Domain, given: Given) {
  return record(domain.conversations, given, "conversationSid");
}

function messageOf(domain: Domain, given: Given) {
  if (given.messageSid !== undefined) return record(domain.messages, given, "messageSid");
  return latest(domain.find.messagesIn(conversationOf(domain, given).sid), "messages");
}

function participantOf(domain: Domain, given: Given) {
  if (given.participantSid !== undefined) return record(domain.participants, given, "participantSid");
  return latest(domain.find.participantsIn(conversationOf(domain, given).sid), "participants");
}

function latest<T>(records: readonly T[], what: string): T {
  const found = records.at(-1);
  if (!found) throw new Refused(404, `the conversation has no ${what}`);
  return found;
}
