/** Conversations (CH). Their states and timers are in conversation-state.ts, what they hold in participant.ts and message.ts. */
import { isoDate, parseDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail, NotFound } from "../errors";
import type { Origin } from "../events";
import { given, type Params } from "../http/params";
import { isSid } from "../sid";
import { CONVERSATION_ATTRIBUTES, changed, checkAttributes, checkLength } from "./checks";
import { fetchConfiguration } from "./configuration";
import { announceState, withTimers } from "./conversation-state";
import type { FirstText } from "./inbound";
import { removeMessageRecord } from "./message";
import { checkMessagingService } from "./messaging-service";
import type { ParticipantInput } from "./participant";
import type { Place } from "./place";
import type { ServiceRecord } from "./service";
import { parseTimer } from "./timers";

const STATES = ["initializing", "inactive", "active", "closed"] as const;
export type ConversationState = (typeof STATES)[number];

interface ConversationSettings {
  friendlyName: string | null;
  uniqueName: string | null;
  attributes: string;
  messagingServiceSid: string | null;
  state: ConversationState;
  /** Durations in milliseconds; the API takes them but answers dates only. */
  inactiveTimer: number | null;
  closedTimer: number | null;
  emailAddress: string | null;
  emailName: string | null;
}

export interface ConversationRecord extends Base, ConversationSettings {
  serviceSid: string;
  dateInactive: number | null;
  dateClosed: number | null;
  nextIndex: number;
  createdBy: string;
  /** Accepted by ConversationWithParticipants, not yet added; while there are some the state is `initializing`. */
  pendingParticipants: ParticipantInput[];
  /** Who asked for those; null when there are none. */
  pendingOrigin: Origin | null;
}

type ConversationInput = Partial<ConversationSettings> & { dateCreated?: number; dateUpdated?: number };

/** Who made a conversation that no SDK user made. */
export const BY_REST = "system";

/** The parameters an update may carry. */
const PARAMETERS = [
  ...["FriendlyName", "UniqueName", "Attributes", "MessagingServiceSid", "State", "Timers.Inactive", "Timers.Closed"],
  ...["DateCreated", "DateUpdated", "Bindings.Email.Address", "Bindings.Email.Name"],
];

/** Checks everything that can be said of a parameter by itself. */
export function readConversation(at: Scope, params: Params): ConversationInput {
  const friendlyName = params.nullable("FriendlyName");
  const uniqueName = params.nullable("UniqueName");
  const attributes = params.text("Attributes");
  const messagingServiceSid = params.text("MessagingServiceSid");
  const inactiveTimer = params.text("Timers.Inactive");
  const closedTimer = params.text("Timers.Closed");
  if (friendlyName) checkLength(friendlyName, 256, 50003);
  if (uniqueName) checkUniqueName(uniqueName);
  return given<ConversationSettings & { dateCreated: number; dateUpdated: number }>({
    friendlyName,
    uniqueName,
    attributes: attributes === undefined ? undefined : checkAttributes(attributes, CONVERSATION_ATTRIBUTES),
    messagingServiceSid: messagingServiceSid === undefined ? undefined : checkMessagingService(at, messagingServiceSid),
    state: readState(params.text("State")),
    inactiveTimer: inactiveTimer === undefined ? undefined : parseTimer(inactiveTimer, "inactive"),
    closedTimer: closedTimer === undefined ? undefined : parseTimer(closedTimer, "closed"),
    emailAddress: params.nullable("Bindings.Email.Address"),
    emailName: params.nullable("Bindings.Email.Name"),
    ...readDates(params),
  });
}

/** DateCreated and DateUpdated: Twilio takes them for the import of old conversations. */
export function readDates(params: Params): { dateCreated?: number; dateUpdated?: number } {
  const created = params.text("DateCreated");
  const updated = params.text("DateUpdated");
  const dateCreated = created ? parseDate(created) : undefined;
  const dateUpdated = updated ? parseDate(updated) : undefined;
  if (created && dateCreated === undefined) throw fail(50308);
  if (updated && dateUpdated === undefined) throw fail(50309);
  return given<{ dateCreated: number; dateUpdated: number }>({ dateCreated, dateUpdated });
}

function checkUniqueName(name: string): void {
  checkLength(name, 256, 50004);
  if (isSid("CH", name)) throw fail(50390);
}

function readState(text: string | undefined): ConversationState | undefined {
  if (text === undefined) return undefined;
  if (text === "") throw fail(50374);
  const state = STATES.find((candidate) => candidate === text);
  if (!state) throw fail(50378);
  return state;
}

/** Makes a conversation: with participants that will be added a moment later, or because of a text. */
export function createConversation(
  at: Scope,
  service: ServiceRecord,
  input: ConversationInput,
  { pendingParticipants = [], text }: { pendingParticipants?: ParticipantInput[]; text?: FirstText } = {},
): ConversationRecord {
  if (input.state === "closed") throw fail(50384);
  if (input.state === undefined && (input.inactiveTimer != null || input.closedTimer != null)) throw fail(50382);
  if (input.uniqueName) checkNameIsFree(at, service.sid, input.uniqueName);
  const defaults = fetchConfiguration(at);
  const base = at.domain.base(at.accountSid, "CH");
  const conversation = at.domain.conversations.put(
    withTimers(
      {
        ...base,
        serviceSid: service.sid,
        friendlyName: null,
        uniqueName: null,
        attributes: "{}",
        messagingServiceSid: defaults.defaultMessagingServiceSid,
        state: "active",
        inactiveTimer: defaults.defaultInactiveTimer === null ? null : parseTimer(defaults.defaultInactiveTimer, "inactive"),
        closedTimer: defaults.defaultClosedTimer === null ? null : parseTimer(defaults.defaultClosedTimer, "closed"),
        emailAddress: null,
        emailName: null,
        dateInactive: null,
        dateClosed: null,
        nextIndex: 0,
        createdBy: at.origin.clientIdentity ?? BY_REST,
        pendingParticipants,
        pendingOrigin: pendingParticipants.length > 0 ? at.origin : null,
        ...input,
        ...amendmentsOf(at),
      },
      base.dateCreated,
    ),
  );
  at.domain.announce(at, "conversationAdded", { conversation, ...(text ? { text } : {}) });
  return conversation;
}

function amendmentsOf({ amendments }: Scope): Partial<ConversationSettings> {
  const { friendlyName } = amendments?.conversation ?? {};
  return friendlyName === undefined ? {} : { friendlyName: checkLength(friendlyName, 256, 50003) };
}

function checkNameIsFree(at: Scope, serviceSid: string, uniqueName: string): void {
  // A closed conversation still owns its name.
  if (at.domain.find.conversationNamed(`${serviceSid} ${uniqueName}`).length > 0) throw fail(50353);
}

export function updateConversation(at: Scope, conversation: ConversationRecord, params: Params): ConversationRecord {
  if (conversation.state === "closed") throw fail(50377);
  const input = readConversation(at, params);
  // Someone who created it as `initializing` must be able to end that; Twilio's own initializing ends by itself.
  const isActivation = input.state === "active" && conversation.pendingParticipants.length === 0;
  if (conversation.state === "initializing" && !isActivation) throw fail(50386);
  if (!params.hasAny(PARAMETERS)) throw fail(20161);
  if (input.state === "initializing") throw fail(50378);
  if (input.uniqueName && input.uniqueName !== conversation.uniqueName) checkNameIsFree(at, conversation.serviceSid, input.uniqueName);

  const now = at.domain.now();
  const hasTimers = input.inactiveTimer !== undefined || input.closedTimer !== undefined;
  const next = changed(conversation, { ...input, ...amendmentsOf(at) }, now);
  const updated = at.domain.conversations.put(hasTimers || next.state !== conversation.state ? withTimers(next, now) : next);
  at.domain.announce(at, "conversationUpdated", { conversation: updated, previous: conversation });
  announceState(at, conversation, updated, "API");
  return updated;
}

/** By SID or by unique name. */
export function fetchConversation(at: Scope, serviceSid: string, sidOrName: string): ConversationRecord {
  const bySid = at.domain.conversations.get(sidOrName);
  const conversation = bySid?.serviceSid === serviceSid ? bySid : at.domain.find.conversationNamed(`${serviceSid} ${sidOrName}`)[0];
  if (!conversation) throw new NotFound();
  return conversation;
}

export function listConversations(at: Scope, serviceSid: string, params: Params): ConversationRecord[] {
  const state = readState(params.text("State") || undefined);
  const start = readFilterDate(params.text("StartDate"));
  const end = readFilterDate(params.text("EndDate"), true);
  return at.domain.find
    .conversationsIn(serviceSid)
    .filter((conversation) => state === undefined || conversation.state === state)
    .filter(({ dateCreated }) => dateCreated >= (start ?? -Infinity) && dateCreated < (end ?? Infinity));
}

/** A date without a time means the whole day. */
function readFilterDate(text: string | undefined, isEnd = false): number | undefined {
  if (!text) return undefined;
  const ms = parseDate(text);
  if (ms === undefined) throw fail(50308);
  if (!isEnd) return ms;
  return ms + (text.length === 10 ? 86_400_000 : 1000);
}

/** Deletes the conversation with its participants, messages and webhooks. */
export function removeConversation(at: Scope, conversation: ConversationRecord): void {
  const participants = at.domain.find.participantsIn(conversation.sid);
  for (const participant of participants) at.domain.participants.delete(participant.sid);
  for (const message of at.domain.find.messagesIn(conversation.sid)) removeMessageRecord(at, message);
  const webhooks = at.domain.find.webhooksOf(conversation.sid);
  for (const webhook of webhooks) at.domain.scopedWebhooks.delete(webhook.sid);
  at.domain.conversations.delete(conversation.sid);
  at.domain.announce(at, "conversationRemoved", { conversation, participants, webhooks });
}

/** `timers` as every conversation body shows them. */
export function timersBody({ dateInactive, dateClosed }: ConversationRecord) {
  return {
    ...(dateInactive === null ? {} : { date_inactive: isoDate(dateInactive) }),
    ...(dateClosed === null ? {} : { date_closed: isoDate(dateClosed) }),
  };
}

/** The export link is missing on what ConversationWithParticipants answers. */
export function conversationBody(conversation: ConversationRecord, place: Place, { withExport = true } = {}) {
  const url = `${place.root}/Conversations/${conversation.sid}`;
  const { emailAddress, emailName } = conversation;
  return {
    sid: conversation.sid,
    account_sid: conversation.accountSid,
    chat_service_sid: conversation.serviceSid,
    messaging_service_sid: conversation.messagingServiceSid,
    friendly_name: conversation.friendlyName,
    unique_name: conversation.uniqueName,
    attributes: conversation.attributes,
    state: conversation.state,
    timers: timersBody(conversation),
    bindings: emailAddress === null && emailName === null ? {} : { email: { projected_address: emailAddress, name: emailName } },
    date_created: isoDate(conversation.dateCreated),
    date_updated: isoDate(conversation.dateUpdated),
    url,
    links: {
      participants: `${url}/Participants`,
      messages: `${url}/Messages`,
      webhooks: `${url}/Webhooks`,
      ...(withExport ? { export: `${url}/Export` } : {}),
    },
  };
}
