/** Participants (MB) of a conversation. Who may be one, and in which form, is decided in binding.ts. */
import { isoDate, isoDateOrNull, parseDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { given, type Params } from "../http/params";
import { type Binding, checkBinding, checkProjected, checkRoom } from "./binding";
import { changed, checkAttributes, checkIdentity, invalid, SMALL_ATTRIBUTES } from "./checks";
import { BY_REST, type ConversationRecord, readDates } from "./conversation";
import { noteActivity } from "./conversation-state";
import { type Place, scopedPart } from "./place";
import { checkRole } from "./role";
import { ensureUser } from "./user";

export interface ParticipantRecord extends Base, Binding {
  serviceSid: string;
  conversationSid: string;
  attributes: string;
  /** Null for a handset in a group text, which nobody signs in with. */
  roleSid: string | null;
  lastReadIndex: number | null;
  lastReadAt: number | null;
  /** How the participant's user wants to hear of this conversation. */
  notificationLevel: "default" | "muted";
}

/** What a caller says about a new participant; undefined means not said. */
export interface ParticipantInput {
  identity?: string;
  address?: string;
  proxyAddress?: string;
  projectedAddress?: string;
  attributes?: string;
  roleSid?: string;
  dateCreated?: number;
  dateUpdated?: number;
}

const UPDATE_PARAMETERS = [
  ...["Attributes", "RoleSid", "Identity", "MessagingBinding.ProxyAddress", "MessagingBinding.ProjectedAddress"],
  ...["LastReadMessageIndex", "LastReadTimestamp", "DateCreated", "DateUpdated"],
];

export function readParticipant(params: Params): ParticipantInput {
  return given<ParticipantInput>({
    identity: params.text("Identity"),
    address: params.text("MessagingBinding.Address"),
    proxyAddress: params.text("MessagingBinding.ProxyAddress"),
    projectedAddress: params.text("MessagingBinding.ProjectedAddress"),
    attributes: params.text("Attributes"),
    roleSid: params.text("RoleSid"),
    ...readDates(params),
  });
}

/** Checks a newcomer against all rules without adding anything; `pairTaken` is the error for a bound pair. */
export function checkParticipant(at: Scope, conversation: ConversationRecord, input: ParticipantInput, pairTaken?: number) {
  if (conversation.state === "closed") throw fail(50377);
  const binding = checkBinding(at, input);
  const attributes = checkAttributes(input.attributes ?? "", SMALL_ATTRIBUTES);
  const roleSid = input.roleSid
    ? checkRole(at, conversation.serviceSid, input.roleSid, "conversation")
    : defaultRole(at, conversation, binding);
  if (binding.bindingType !== null && conversation.messagingServiceSid === null) throw fail(50373);
  checkRoom(at, conversation, binding, pairTaken);
  return { ...binding, attributes, roleSid };
}

function defaultRole(at: Scope, conversation: ConversationRecord, binding: Binding): string | null {
  if (binding.address !== null && binding.proxyAddress === null) return null;
  const service = at.domain.services.get(conversation.serviceSid);
  const isCreator = conversation.createdBy !== BY_REST && binding.identity === conversation.createdBy;
  return (isCreator ? service?.creatorRoleSid : service?.conversationRoleSid) ?? null;
}

/** Adds a participant; a chat participant of an unknown identity makes the user too. Nothing is sent to anyone. */
export function addParticipant(at: Scope, conversation: ConversationRecord, input: ParticipantInput): ParticipantRecord {
  const values = checkParticipant(at, conversation, input);
  if (values.identity !== null) ensureUser(at, conversation.serviceSid, values.identity);
  const participant = at.domain.participants.put({
    ...at.domain.base(at.accountSid, "MB"),
    ...given<ParticipantInput>({ dateCreated: input.dateCreated, dateUpdated: input.dateUpdated }),
    serviceSid: conversation.serviceSid,
    conversationSid: conversation.sid,
    ...values,
    lastReadIndex: null,
    lastReadAt: null,
    notificationLevel: "default",
  });
  noteActivity(at, conversation.sid);
  at.domain.announce(at, "participantAdded", { participant });
  return participant;
}

export function updateParticipant(
  at: Scope,
  conversation: ConversationRecord,
  participant: ParticipantRecord,
  params: Params,
): ParticipantRecord {
  if (conversation.state === "closed") throw fail(50377);
  if (!params.hasAny(UPDATE_PARAMETERS)) throw fail(20161);
  const attributes = params.text("Attributes");
  const roleSid = params.text("RoleSid");
  const changes = given<ParticipantRecord>({
    attributes: attributes === undefined ? undefined : checkAttributes(attributes, SMALL_ATTRIBUTES),
    roleSid: roleSid ? checkRole(at, conversation.serviceSid, roleSid, "conversation") : undefined,
    ...readTransition(at, conversation, participant, params),
    ...readHorizon(at, conversation, params),
    ...readDates(params),
  });
  const updated = at.domain.participants.put(changed(participant, changes, at.domain.now()));
  at.domain.announce(at, "participantUpdated", { participant: updated, previous: participant });
  return updated;
}

/**
 * Identity, proxy and projected address of an existing participant only change within group texting.
 * An ordinary SMS participant refuses even the proxy it has.
 */
function readTransition(at: Scope, conversation: ConversationRecord, participant: ParticipantRecord, params: Params): Partial<Binding> {
  const proxy = params.text("MessagingBinding.ProxyAddress");
  const projected = params.text("MessagingBinding.ProjectedAddress");
  const identity = params.text("Identity");
  const changes: Partial<Binding> = {};
  if (proxy !== undefined) {
    if (isNone(proxy)) throw fail(50440);
    if (participant.address === null || participant.proxyAddress !== null) throw fail(50441);
    const binding = checkBinding(at, { address: participant.address, proxyAddress: proxy });
    checkRoom(at, { ...conversation, sid: "" }, binding);
    changes.proxyAddress = proxy;
  }
  if (projected !== undefined) {
    if (isNone(projected)) {
      if (participant.projectedAddress === null || participant.identity === null) throw fail(50442);
      Object.assign(changes, { projectedAddress: null, bindingType: null });
    } else {
      if (participant.address !== null) throw fail(50443);
      Object.assign(changes, { projectedAddress: checkProjected(at, projected), bindingType: "sms" });
    }
  }
  if (identity !== undefined && identity !== participant.identity) {
    // Only a projected number without a person behind it can get one.
    if (participant.identity !== null || participant.projectedAddress === null) throw fail(50444);
    ensureUser(at, conversation.serviceSid, checkIdentity(identity));
    checkRoom(at, conversation, { identity, bindingType: null, address: null, proxyAddress: null, projectedAddress: null });
    changes.identity = identity;
  }
  return changes;
}

/** The API takes the word `null` (or nothing) to remove an address. */
function isNone(text: string): boolean {
  return text === "" || text === "null";
}

/** The read horizon: how far the participant has read. */
export function readHorizon(
  at: Scope,
  conversation: ConversationRecord,
  params: Params,
): Partial<Pick<ParticipantRecord, "lastReadIndex" | "lastReadAt">> {
  const text = params.text("LastReadMessageIndex");
  const timestamp = params.text("LastReadTimestamp");
  const index = text === undefined ? undefined : readIndex(conversation, text);
  const readAt = timestamp ? parseDate(timestamp) : undefined;
  if (timestamp && readAt === undefined) throw invalid("LastReadTimestamp", timestamp);
  return given<ParticipantRecord>({
    lastReadIndex: index,
    lastReadAt: readAt ?? (index === undefined ? undefined : index === null ? null : at.domain.now()),
  });
}

function readIndex(conversation: ConversationRecord, text: string): number | null {
  if (isNone(text)) return null;
  if (!/^\d{1,9}$/.test(text) || Number(text) >= conversation.nextIndex) throw fail(50421);
  return Number(text);
}

/** By SID or by identity. */
export function fetchParticipant(at: Scope, conversation: ConversationRecord, sidOrIdentity: string): ParticipantRecord {
  const bySid = at.domain.participants.get(sidOrIdentity);
  if (bySid?.conversationSid === conversation.sid) return bySid;
  const participant = participantCalled(at, conversation, sidOrIdentity);
  if (!participant) throw new NotFound();
  return participant;
}

export function participantCalled(at: Scope, conversation: ConversationRecord, identity: string): ParticipantRecord | undefined {
  return at.domain.find
    .participantsCalled(`${conversation.serviceSid} ${identity}`)
    .find(({ conversationSid }) => conversationSid === conversation.sid);
}

/** Removes the participant; what it wrote stays, and so does its user. */
export function removeParticipant(at: Scope, participant: ParticipantRecord): void {
  at.domain.participants.delete(participant.sid);
  at.domain.announce(at, "participantRemoved", { participant });
}

/** `messaging_binding`: only the addresses there are; null for pure chat. */
function bindingBody({ bindingType, address, proxyAddress, projectedAddress }: Binding) {
  if (bindingType === null) return null;
  return {
    type: bindingType,
    ...(address === null ? {} : { address }),
    ...(proxyAddress === null ? {} : { proxy_address: proxyAddress }),
    ...(projectedAddress === null ? {} : { projected_address: projectedAddress }),
  };
}

export function participantBody(participant: ParticipantRecord, place: Place) {
  return {
    sid: participant.sid,
    account_sid: participant.accountSid,
    ...scopedPart(place, participant.serviceSid),
    conversation_sid: participant.conversationSid,
    identity: participant.identity,
    attributes: participant.attributes,
    messaging_binding: bindingBody(participant),
    role_sid: participant.roleSid,
    last_read_message_index: participant.lastReadIndex,
    last_read_timestamp: isoDateOrNull(participant.lastReadAt),
    date_created: isoDate(participant.dateCreated),
    date_updated: isoDate(participant.dateUpdated),
    url: `${place.root}/Conversations/${participant.conversationSid}/Participants/${participant.sid}`,
  };
}
