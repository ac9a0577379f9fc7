/** Participants (MB) of a conversation. binding.ts decides which combinations of addresses are valid. */
import { isoDate, isoDateOrNull, parseDate } from "../dates";
import type { Scope } from "../domain";
import { fail, invalidParameter, NotFound } from "../errors";
import { crudRoutes } from "../http/crud";
import { given, type Params } from "../http/params";
import { type Binding, checkBinding, checkProjected } from "./binding";
import { checkAttributes, checkIdentity, SMALL_ATTRIBUTES } from "./checks";
import { CREATED_BY_REST, inConversation, readDates } from "./conversation";
import { recordActivity } from "./conversation-state";
import type { ConversationRecord, ParticipantInput } from "./conversation-table";
import type { Endpoints } from "./endpoints";
import { checkConflicts } from "./participant-conflicts";
import { findParticipant, type ParticipantRecord, participantTable, removeParticipant } from "./participant-table";
import { checkRole } from "./role";
import { serviceTable } from "./service";
import { chatServiceSid, type PathForm } from "./service-path";
import { ensureUser } from "./user";

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

/** Checks a new participant against all rules. `pairError` is the error code for a pair that is bound elsewhere. */
export function checkParticipant(scope: Scope, conversation: ConversationRecord, input: ParticipantInput, pairError?: number) {
  if (conversation.state === "closed") throw fail(50377);
  const binding = checkBinding(scope, input);
  const attributes = checkAttributes(input.attributes ?? "", SMALL_ATTRIBUTES);
  const roleSid = input.roleSid
    ? checkRole(scope, conversation.serviceSid, input.roleSid, "conversation")
    : defaultRole(scope, conversation, binding);
  if (binding.bindingType !== null && conversation.messagingServiceSid === null) throw fail(50373);
  checkConflicts(scope, conversation, binding, pairError);
  return { ...binding, attributes, roleSid };
}

function defaultRole(scope: Scope, conversation: ConversationRecord, binding: Binding): string | null {
  if (binding.address !== null && binding.proxyAddress === null) return null;
  const service = serviceTable.in(scope.domain).get(conversation.serviceSid);
  const isCreator = conversation.createdBy !== CREATED_BY_REST && binding.identity === conversation.createdBy;
  return (isCreator ? service?.creatorRoleSid : service?.conversationRoleSid) ?? null;
}

/** Adds a participant. For a chat participant with an unknown identity, also creates the user. Sends no messages. */
export function addParticipant(scope: Scope, conversation: ConversationRecord, input: ParticipantInput): ParticipantRecord {
  const values = checkParticipant(scope, conversation, input);
  if (values.identity !== null) ensureUser(scope, conversation.serviceSid, values.identity);
  const participant = participantTable.insert(scope, {
    ...given<ParticipantInput>({ dateCreated: input.dateCreated, dateUpdated: input.dateUpdated }),
    serviceSid: conversation.serviceSid,
    conversationSid: conversation.sid,
    ...values,
    lastReadIndex: null,
    lastReadAt: null,
    notificationLevel: "default",
  });
  recordActivity(scope, conversation.sid);
  scope.domain.announce(scope, "participantAdded", { participant });
  return participant;
}

export function updateParticipant(
  scope: Scope,
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
    roleSid: roleSid ? checkRole(scope, conversation.serviceSid, roleSid, "conversation") : undefined,
    ...readTransition(scope, conversation, participant, params),
    ...readHorizon(scope, conversation, params),
    ...readDates(params),
  });
  const updated = participantTable.update(scope, participant, changes);
  scope.domain.announce(scope, "participantUpdated", { participant: updated, previous: participant });
  return updated;
}

/**
 * The identity, proxy address and projected address of a participant can change only within group texting.
 * For an ordinary SMS participant, even sending its current proxy address is an error.
 */
function readTransition(scope: Scope, conversation: ConversationRecord, participant: ParticipantRecord, params: Params): Partial<Binding> {
  const proxy = params.text("MessagingBinding.ProxyAddress");
  const projected = params.text("MessagingBinding.ProjectedAddress");
  const identity = params.text("Identity");
  const changes: Partial<Binding> = {};
  if (proxy !== undefined) {
    if (isNone(proxy)) throw fail(50440);
    if (participant.address === null || participant.proxyAddress !== null) throw fail(50441);
    const binding = checkBinding(scope, { address: participant.address, proxyAddress: proxy });
    checkConflicts(scope, { ...conversation, sid: "" }, binding);
    changes.proxyAddress = proxy;
  }
  if (projected !== undefined) {
    if (isNone(projected)) {
      if (participant.projectedAddress === null || participant.identity === null) throw fail(50442);
      Object.assign(changes, { projectedAddress: null, bindingType: null });
    } else {
      if (participant.address !== null) throw fail(50443);
      Object.assign(changes, { projectedAddress: checkProjected(scope, projected), bindingType: "sms" });
    }
  }
  if (identity !== undefined && identity !== participant.identity) {
    // Only a projected address without an identity can get one.
    if (participant.identity !== null || participant.projectedAddress === null) throw fail(50444);
    ensureUser(scope, conversation.serviceSid, checkIdentity(identity));
    checkConflicts(scope, conversation, { identity, bindingType: null, address: null, proxyAddress: null, projectedAddress: null });
    changes.identity = identity;
  }
  return changes;
}

/** To remove an address, the API accepts the word `null` or an empty value. */
function isNone(text: string): boolean {
  return text === "" || text === "null";
}

/** The read horizon: how far the participant has read. */
export function readHorizon(
  scope: Scope,
  conversation: ConversationRecord,
  params: Params,
): Partial<Pick<ParticipantRecord, "lastReadIndex" | "lastReadAt">> {
  const text = params.text("LastReadMessageIndex");
  const timestamp = params.text("LastReadTimestamp");
  const index = text === undefined ? undefined : readIndex(conversation, text);
  const readAt = timestamp ? parseDate(timestamp) : undefined;
  if (timestamp && readAt === undefined) throw invalidParameter("LastReadTimestamp", timestamp);
  return given<ParticipantRecord>({
    lastReadIndex: index,
    lastReadAt: readAt ?? (index === undefined ? undefined : index === null ? null : scope.domain.now()),
  });
}

function readIndex(conversation: ConversationRecord, text: string): number | null {
  if (isNone(text)) return null;
  if (!/^\d{1,9}$/.test(text) || Number(text) >= conversation.nextIndex) throw fail(50421);
  return Number(text);
}

/** Finds it by SID or by identity. */
export function fetchParticipant(scope: Scope, conversation: ConversationRecord, sidOrIdentity: string): ParticipantRecord {
  const bySid = participantTable.in(scope.domain).get(sidOrIdentity);
  if (bySid?.conversationSid === conversation.sid) return bySid;
  const participant = findParticipant(scope, conversation, sidOrIdentity);
  if (!participant) throw new NotFound();
  return participant;
}

/** `messaging_binding`: only the addresses that exist. Null for a chat participant. */
function bindingBody({ bindingType, address, proxyAddress, projectedAddress }: Binding) {
  if (bindingType === null) return null;
  return {
    type: bindingType,
    ...(address === null ? {} : { address }),
    ...(proxyAddress === null ? {} : { proxy_address: proxyAddress }),
    ...(projectedAddress === null ? {} : { projected_address: projectedAddress }),
  };
}

export function participantBody(participant: ParticipantRecord, form: PathForm) {
  return {
    sid: participant.sid,
    account_sid: participant.accountSid,
    ...chatServiceSid(form, participant.serviceSid),
    conversation_sid: participant.conversationSid,
    identity: participant.identity,
    attributes: participant.attributes,
    messaging_binding: bindingBody(participant),
    role_sid: participant.roleSid,
    last_read_message_index: participant.lastReadIndex,
    last_read_timestamp: isoDateOrNull(participant.lastReadAt),
    date_created: isoDate(participant.dateCreated),
    date_updated: isoDate(participant.dateUpdated),
    url: `${form.root}/Conversations/${participant.conversationSid}/Participants/${participant.sid}`,
  };
}

export const participantEndpoints: Endpoints = {
  tables: [participantTable],
  routes: {
    conversations: crudRoutes(inConversation, {
      path: "/Participants",
      id: "ParticipantSid",
      key: "participants",
      maxPageSize: 100,
      list: ({ scope, conversation }) => participantTable.in(scope.domain).by.conversation(conversation.sid),
      body: (participant, { form }) => participantBody(participant, form),
      create: ({ scope, conversation, params }) => addParticipant(scope, conversation, readParticipant(params)),
      fetch: ({ scope, conversation }, sid) => fetchParticipant(scope, conversation, sid),
      update: (participant, { scope, conversation, params }) => updateParticipant(scope, conversation, participant, params),
      remove: (participant, { scope }) => removeParticipant(scope, participant),
    }),
  },
};
