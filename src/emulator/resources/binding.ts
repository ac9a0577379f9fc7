/**
 * The participant matrix: which of identity, address, proxy and projected address make a participant
 * together, of which kind, and which pairs are taken. A pair (address, proxy) is in one conversation of
 * the account at a time; removing the participant, deleting or closing the conversation releases it.
 */
import type { Scope } from "../domain";
import { fail } from "../errors";
import { checkIdentity } from "./checks";
import type { ConversationRecord } from "./conversation";
import type { ParticipantInput, ParticipantRecord } from "./participant";

type BindingType = "sms" | "whatsapp" | "messenger" | "rcs";

/** Who a participant is. Pure chat: identity only; SMS: address and proxy; the rest is group texting. */
export interface Binding {
  identity: string | null;
  bindingType: BindingType | null;
  address: string | null;
  proxyAddress: string | null;
  projectedAddress: string | null;
}

/** Anyone may try WhatsApp from the sandbox number, without owning it. */
const WHATSAPP_SANDBOX = "+14155238886";
const E164 = /^\+[1-9]\d{6,14}$/;
// Group texting knows ordinary North American numbers only, no toll-free ones.
const GROUP_NUMBER = /^\+1(?!8(?:00|33|44|55|66|77|88))[2-9]\d{9}$/;
const MOST_PARTICIPANTS = 1000;
const MOST_NON_CHAT = 50;
const MOST_GROUP = 10;
const MOST_CONVERSATIONS = 1000;

interface Endpoint {
  type: BindingType;
  value: string;
}

/** Reads an address such as `+1555…`, `whatsapp:+1555…` or `messenger:1234`. */
function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:(whatsapp|messenger|rcs):)?(\S{1,256})$/.exec(text);
  if (!match?.[2]) return undefined;
  const type = (match[1] ?? "sms") as BindingType;
  const isNumber = type === "sms" || type === "whatsapp";
  return isNumber && !E164.test(match[2]) ? undefined : { type, value: match[2] };
}

/** What the parameters make, or the error they deserve: everything but conflicts with others. */
export function checkBinding(at: Scope, input: ParticipantInput): Binding {
  const { address, proxyAddress, projectedAddress } = input;
  const identity = input.identity === "" ? undefined : input.identity;
  const none: Binding = { identity: null, bindingType: null, address: null, proxyAddress: null, projectedAddress: null };
  if (identity !== undefined) {
    if (address !== undefined || proxyAddress !== undefined) throw fail(50211);
    checkIdentity(identity);
    if (projectedAddress === undefined) return { ...none, identity };
    return { ...none, identity, bindingType: "sms", projectedAddress: checkProjected(at, projectedAddress) };
  }
  if (address === undefined && proxyAddress === undefined && projectedAddress === undefined) throw fail(50204);
  if (projectedAddress !== undefined) {
    if (address !== undefined) throw fail(50407);
    if (proxyAddress !== undefined) throw fail(50420);
    return { ...none, bindingType: "sms", projectedAddress: checkProjected(at, projectedAddress) };
  }
  if (!address) throw fail(50411);
  const endpoint = parseEndpoint(address);
  if (!endpoint) throw fail(50407);
  if (proxyAddress === undefined && GROUP_NUMBER.test(address)) return { ...none, bindingType: "sms", address };
  if (!proxyAddress) throw fail(50412);
  return { ...none, bindingType: endpoint.type, address, proxyAddress: checkProxy(at, endpoint, proxyAddress) };
}

function checkProxy(at: Scope, address: Endpoint, text: string): string {
  const proxy = parseEndpoint(text);
  if (!proxy) throw fail(50408);
  if (proxy.type !== address.type) throw fail(50414);
  if (proxy.value === address.value) throw fail(50409);
  if (!ownsEndpoint(at, proxy)) throw proxy.type === "sms" ? fail(50413, { address: text }) : fail(50415);
  return text;
}

/** Whether the account may be texted at this address. */
export function ownsAddress(at: Scope, text: string): boolean {
  const endpoint = parseEndpoint(text);
  return endpoint !== undefined && ownsEndpoint(at, endpoint);
}

/** The emulator takes any number of the account for a WhatsApp sender, and any name for a sender of another channel. */
function ownsEndpoint(at: Scope, { type, value }: Endpoint): boolean {
  if (type === "sms") return ownsSmsNumber(at, value);
  return type !== "whatsapp" || value === WHATSAPP_SANDBOX || ownsSmsNumber(at, value);
}

/** A projected address is a number of the account that may take part in group texts. */
export function checkProjected(at: Scope, text: string): string {
  if (!E164.test(text)) throw fail(50407);
  if (!GROUP_NUMBER.test(text) || !ownsSmsNumber(at, text)) throw fail(50439, { address: text });
  return text;
}

function ownsSmsNumber(at: Scope, phoneNumber: string): boolean {
  const number = at.domain.find.numberCalled(phoneNumber)[0];
  return number?.accountSid === at.accountSid && number.capabilities.sms;
}

/** The open conversation a pair is bound in, whatever the service. */
function boundConversation(at: Scope, address: string, proxyAddress: string): ConversationRecord | undefined {
  return boundParticipant(at, address, proxyAddress)?.conversation;
}

/** The participant behind a pair: of an ordinary binding, else of a group that the proxy is projected into. */
export function boundParticipant(at: Scope, address: string, proxyAddress: string) {
  for (const participant of at.domain.find.participantsAt(`${at.accountSid} ${address}`)) {
    const conversation = at.domain.conversations.get(participant.conversationSid);
    if (!conversation || conversation.state === "closed") continue;
    if (participant.proxyAddress === proxyAddress) return { participant, conversation };
  }
  return undefined;
}

/** The open group conversation in which the handset takes part together with the projected number. */
export function boundGroup(at: Scope, address: string, projectedAddress: string) {
  for (const participant of at.domain.find.participantsAt(`${at.accountSid} ${address}`)) {
    const conversation = at.domain.conversations.get(participant.conversationSid);
    if (!conversation || conversation.state === "closed" || participant.proxyAddress !== null) continue;
    const members = at.domain.find.participantsIn(conversation.sid);
    if (members.some((member) => member.projectedAddress === projectedAddress)) return { participant, conversation };
  }
  return undefined;
}

/** Answers when the newcomer cannot join this conversation: already in it, bound elsewhere, or too many. */
export function checkRoom(at: Scope, conversation: ConversationRecord, newcomer: Binding, pairTaken = 50416): void {
  const members = at.domain.find.participantsIn(conversation.sid);
  if (newcomer.identity !== null) checkIdentityIsFree(at, conversation, newcomer.identity);
  if (newcomer.address !== null && newcomer.proxyAddress !== null) {
    const holder = boundConversation(at, newcomer.address, newcomer.proxyAddress);
    if (holder) throw fail(pairTaken, { sid: holder.sid });
  }
  if (isGroupMember(newcomer)) checkGroup(at, conversation, members, newcomer);
  if (members.length >= MOST_PARTICIPANTS) throw fail(50417);
  if (newcomer.bindingType !== null && members.filter((member) => member.bindingType !== null).length >= MOST_NON_CHAT) throw fail(50418);
}

function checkIdentityIsFree(at: Scope, conversation: ConversationRecord, identity: string): void {
  const elsewhere = at.domain.find.participantsCalled(`${conversation.serviceSid} ${identity}`);
  if (elsewhere.some((participant) => participant.conversationSid === conversation.sid)) throw fail(50433);
  if (elsewhere.length < MOST_CONVERSATIONS) return;
  // Closed conversations do not count, and to look at each is needed only near the limit.
  const open = elsewhere.filter(({ conversationSid }) => at.domain.conversations.get(conversationSid)?.state !== "closed");
  if (open.length >= MOST_CONVERSATIONS) throw fail(50214);
}

function isGroupMember(binding: Binding): boolean {
  return binding.projectedAddress !== null || (binding.address !== null && binding.proxyAddress === null);
}

/** The numbers of a group text: equal sets are the same group to every handset. */
function groupOf(members: readonly Binding[]): Set<string> {
  return new Set(members.filter(isGroupMember).map((member) => member.projectedAddress ?? member.address ?? ""));
}

function checkGroup(at: Scope, conversation: ConversationRecord, members: readonly ParticipantRecord[], newcomer: Binding): void {
  const group = groupOf(members);
  const number = newcomer.projectedAddress ?? newcomer.address ?? "";
  if (group.has(number)) throw fail(50437);
  if (members.filter(isGroupMember).length >= MOST_GROUP) throw fail(50436);
  group.add(number);
  const SMALLEST_GROUP = 3;
  if (group.size < SMALLEST_GROUP) return;
  const twin = findGroup(at, group, conversation.sid);
  if (twin) throw fail(50438, { sid: twin });
}

function findGroup(at: Scope, group: Set<string>, except: string): string | undefined {
  const others = [...group].flatMap((number) => at.domain.find.participantsAt(`${at.accountSid} ${number}`));
  for (const { conversationSid } of others) {
    if (conversationSid === except || at.domain.conversations.get(conversationSid)?.state === "closed") continue;
    const theirs = groupOf(at.domain.find.participantsIn(conversationSid));
    if (theirs.size === group.size && [...theirs].every((number) => group.has(number))) return conversationSid;
  }
  return undefined;
}
