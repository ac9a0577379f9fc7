/**
 * Conflicts between participants. A pair (address, proxy address) is in one open conversation of the account at a time.
 * Removing the participant, and deleting or closing the conversation, releases the pair.
 */
import type { Scope } from "../domain";
import { fail } from "../errors";
import type { Binding } from "./binding";
import { type ConversationRecord, conversationTable } from "./conversation-table";
import { type ParticipantRecord, participantTable } from "./participant-table";

const MAX_PARTICIPANTS = 1000;
const MAX_NON_CHAT = 50;
const MAX_GROUP = 10;
/** The maximum number of open conversations of one identity. */
const MAX_CONVERSATIONS = 1000;

/** The open conversation in which a pair is bound, in any service. */
function boundConversation(scope: Scope, address: string, proxyAddress: string): ConversationRecord | undefined {
  return boundParticipant(scope, address, proxyAddress)?.conversation;
}

/** The participant with this pair of addresses, and its open conversation. */
export function boundParticipant(scope: Scope, address: string, proxyAddress: string) {
  for (const participant of participantTable.in(scope.domain).by.address(`${scope.accountSid} ${address}`)) {
    const conversation = conversationTable.in(scope.domain).get(participant.conversationSid);
    if (!conversation || conversation.state === "closed") continue;
    if (participant.proxyAddress === proxyAddress) return { participant, conversation };
  }
  return undefined;
}

/** The participant with this address in an open group conversation that has the projected address. */
export function boundGroup(scope: Scope, address: string, projectedAddress: string) {
  for (const participant of participantTable.in(scope.domain).by.address(`${scope.accountSid} ${address}`)) {
    const conversation = conversationTable.in(scope.domain).get(participant.conversationSid);
    if (!conversation || conversation.state === "closed" || participant.proxyAddress !== null) continue;
    const members = participantTable.in(scope.domain).by.conversation(conversation.sid);
    if (members.some((member) => member.projectedAddress === projectedAddress)) return { participant, conversation };
  }
  return undefined;
}

/** Fails if a new participant cannot join: it is already in the conversation, bound elsewhere, or one too many. */
export function checkConflicts(scope: Scope, conversation: ConversationRecord, newcomer: Binding, pairError = 50416): void {
  const members = participantTable.in(scope.domain).by.conversation(conversation.sid);
  if (newcomer.identity !== null) checkIdentityIsFree(scope, conversation, newcomer.identity);
  if (newcomer.address !== null && newcomer.proxyAddress !== null) {
    const holder = boundConversation(scope, newcomer.address, newcomer.proxyAddress);
    if (holder) throw fail(pairError, { sid: holder.sid });
  }
  if (isGroupMember(newcomer)) checkGroup(scope, conversation, members, newcomer);
  if (members.length >= MAX_PARTICIPANTS) throw fail(50417);
  if (newcomer.bindingType !== null && members.filter((member) => member.bindingType !== null).length >= MAX_NON_CHAT) throw fail(50418);
}

function checkIdentityIsFree(scope: Scope, conversation: ConversationRecord, identity: string): void {
  const elsewhere = participantTable.in(scope.domain).by.identity(`${conversation.serviceSid} ${identity}`);
  if (elsewhere.some((participant) => participant.conversationSid === conversation.sid)) throw fail(50433);
  if (elsewhere.length < MAX_CONVERSATIONS) return;
  // Closed conversations do not count. Looking at each is necessary only near the limit.
  const open = elsewhere.filter(({ conversationSid }) => conversationTable.in(scope.domain).get(conversationSid)?.state !== "closed");
  if (open.length >= MAX_CONVERSATIONS) throw fail(50214);
}

function isGroupMember(binding: Binding): boolean {
  return binding.projectedAddress !== null || (binding.address !== null && binding.proxyAddress === null);
}

/** The numbers of a group text. To every phone, equal sets are the same group. */
function groupOf(members: readonly Binding[]): Set<string> {
  return new Set(members.filter(isGroupMember).map((member) => member.projectedAddress ?? member.address ?? ""));
}

function checkGroup(scope: Scope, conversation: ConversationRecord, members: readonly ParticipantRecord[], newcomer: Binding): void {
  const group = groupOf(members);
  const number = newcomer.projectedAddress ?? newcomer.address ?? "";
  if (group.has(number)) throw fail(50437);
  if (members.filter(isGroupMember).length >= MAX_GROUP) throw fail(50436);
  group.add(number);
  const SMALLEST_GROUP = 3;
  if (group.size < SMALLEST_GROUP) return;
  const sameGroup = findGroup(scope, group, conversation.sid);
  if (sameGroup) throw fail(50438, { sid: sameGroup });
}

function findGroup(scope: Scope, group: Set<string>, exceptSid: string): string | undefined {
  const others = [...group].flatMap((number) => participantTable.in(scope.domain).by.address(`${scope.accountSid} ${number}`));
  for (const { conversationSid } of others) {
    if (conversationSid === exceptSid || conversationTable.in(scope.domain).get(conversationSid)?.state === "closed") continue;
    const theirs = groupOf(participantTable.in(scope.domain).by.conversation(conversationSid));
    if (theirs.size === group.size && [...theirs].every((number) => group.has(number))) return conversationSid;
  }
  return undefined;
}
