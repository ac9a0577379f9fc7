/** Builds events from stored records, to test a webhook receiver without a user. */
import type { Base, Domain } from "../domain";
import type { DomainEvent, DomainEvents } from "../events";
import { conversationTable } from "../resources/conversation-table";
import { messageTable } from "../resources/message";
import { participantTable } from "../resources/participant-table";
import { receiptTable } from "../resources/receipt";
import { scopedWebhookTable } from "../resources/scoped-webhook";
import { userTable } from "../resources/user";
import type { Table } from "../store";
import { ControlError } from "./call";

type Input = Record<string, unknown>;

/** How to build each event, by its webhook name. */
const events: Record<string, (domain: Domain, input: Input) => Pick<DomainEvent, "name" | "data"> & { record: Base }> = {
  onMessageAdded: (domain, input) => eventAbout("messageAdded", "message", messageOf(domain, input)),
  onMessageUpdated: (domain, input) => eventAbout("messageUpdated", "message", messageOf(domain, input)),
  onMessageRemoved: (domain, input) => eventAbout("messageRemoved", "message", messageOf(domain, input)),
  onConversationAdded: (domain, input) => eventAbout("conversationAdded", "conversation", conversationOf(domain, input)),
  onConversationUpdated: (domain, input) => eventAbout("conversationUpdated", "conversation", conversationOf(domain, input)),
  onConversationRemoved: (domain, input) => {
    const conversation = conversationOf(domain, input);
    const participants = participantTable.in(domain).by.conversation(conversation.sid);
    const data: DomainEvents["conversationRemoved"] = {
      conversation,
      participants,
      webhooks: scopedWebhookTable.in(domain).by.conversation(conversation.sid),
    };
    return { name: "conversationRemoved", data, record: conversation };
  },
  onConversationStateUpdated: (domain, input) => {
    const conversation = conversationOf(domain, input);
    const { state } = conversation;
    const data: DomainEvents["conversationStateUpdated"] = { conversation, from: state, to: state, reason: "API" };
    return { name: "conversationStateUpdated", data, record: conversation };
  },
  onParticipantAdded: (domain, input) => eventAbout("participantAdded", "participant", participantOf(domain, input)),
  onParticipantUpdated: (domain, input) => eventAbout("participantUpdated", "participant", participantOf(domain, input)),
  onParticipantRemoved: (domain, input) => eventAbout("participantRemoved", "participant", participantOf(domain, input)),
  onDeliveryUpdated: (domain, input) => {
    const message = messageOf(domain, input);
    const receipt = receiptTable.in(domain).by.message(message.sid).at(-1);
    if (!receipt) throw new ControlError(404, `message ${message.sid} was not sent to a phone`);
    return eventAbout("receiptUpdated", "receipt", receipt);
  },
  onUserAdded: (domain, input) => eventAbout("userAdded", "user", fetchRecord(userTable.in(domain), input, "userSid")),
  onUserUpdated: (domain, input) => eventAbout("userUpdated", "user", fetchRecord(userTable.in(domain), input, "userSid")),
};

/**
 * Builds the event `event` for the record that `conversationSid`, `messageSid`, `participantSid` or `userSid` names.
 * Without `messageSid` or `participantSid`, uses the latest one of the conversation.
 */
export function sampleEvent(domain: Domain, input: Input): DomainEvent {
  const name = input.event;
  if (typeof name !== "string" || !Object.hasOwn(events, name))
    throw new ControlError(400, `event must be one of ${Object.keys(events).join(", ")}`);
  const built = events[name]?.(domain, input);
  if (!built) throw new Error(`there is no event ${name}`);
  const { record, ...event } = built;
  const origin = { source: "SDK", webhooksEnabled: true } as const;
  return { ...event, accountSid: record.accountSid, at: domain.now(), origin } as DomainEvent;
}

function eventAbout(name: DomainEvent["name"], key: string, record: Base) {
  return { name, data: { [key]: record, previous: record } as unknown as DomainEvent["data"], record };
}

function fetchRecord<T extends Base>(table: Table<T>, input: Input, name: string): T {
  const sid = input[name];
  const found = typeof sid === "string" ? table.get(sid) : undefined;
  if (!found)
    throw new ControlError(typeof sid === "string" ? 404 : 400, typeof sid === "string" ? `there is no ${sid}` : `${name} is required`);
  return found;
}

function conversationOf(domain: Domain, input: Input) {
  return fetchRecord(conversationTable.in(domain), input, "conversationSid");
}

function messageOf(domain: Domain, input: Input) {
  if (input.messageSid !== undefined) return fetchRecord(messageTable.in(domain), input, "messageSid");
  return latest(messageTable.in(domain).by.conversation(conversationOf(domain, input).sid), "messages");
}

function participantOf(domain: Domain, input: Input) {
  if (input.participantSid !== undefined) return fetchRecord(participantTable.in(domain), input, "participantSid");
  return latest(participantTable.in(domain).by.conversation(conversationOf(domain, input).sid), "participants");
}

function latest<T>(records: readonly T[], what: string): T {
  const found = records.at(-1);
  if (!found) throw new ControlError(404, `the conversation has no ${what}`);
  return found;
}
