/**
 * ConversationWithParticipants: a conversation and up to ten participants in one request. All are checked
 * at once; they are added a moment later, and the conversation is `initializing` until then.
 */
import type { Domain, Scope } from "../domain";
import { fail, TwilioError } from "../errors";
import { given, type Params } from "../http/params";
import { checkBinding } from "./binding";
import { invalid } from "./checks";
import { type ConversationRecord, createConversation, readConversation } from "./conversation";
import { changeState } from "./conversation-state";
import { addParticipant, checkParticipant, type ParticipantInput } from "./participant";
import type { ServiceRecord } from "./service";

const MOST_PER_REQUEST = 10;

export function createWithParticipants(at: Scope, service: ServiceRecord, params: Params): ConversationRecord {
  const texts = params.all("Participant") ?? [];
  if (texts.length > MOST_PER_REQUEST) throw fail(50426);
  const participants = texts.map(parseParticipant);
  const input = readConversation(at, params);
  if (participants.length === 0) return createConversation(at, service, input);
  if (input.state === "closed") throw fail(50384);
  const initializing = createConversation(at, service, { state: "initializing", ...input }, { pendingParticipants: participants });
  checkTogether(at, initializing, participants);
  return at.domain.conversations.put({ ...initializing, state: "initializing", dateInactive: null, dateClosed: null });
}

/** Checks each newcomer by itself and against the others of the request. */
function checkTogether(at: Scope, conversation: ConversationRecord, participants: ParticipantInput[]): void {
  const seen = new Set<string>();
  for (const input of participants) {
    checkParticipant(at, conversation, input, 50425);
    const { identity, address, proxyAddress, projectedAddress } = checkBinding(at, input);
    const key = identity ?? `${address ?? ""} ${proxyAddress ?? ""} ${projectedAddress ?? ""}`;
    if (seen.has(key)) throw identity === null ? fail(50425, { sid: conversation.sid }) : fail(50433);
    seen.add(key);
  }
}

/** One `Participant` parameter: JSON with the names of the participant resource. */
function parseParticipant(text: string): ParticipantInput {
  const value = parseObject(text);
  if (!value) throw invalid("Participant", text);
  const binding = value.messaging_binding ?? {};
  if (typeof binding !== "object" || Array.isArray(binding)) throw invalid("Participant", text);
  const { address, proxy_address, projected_address } = binding as Record<string, unknown>;
  const attributes =
    typeof value.attributes === "object" && value.attributes !== null ? writeAttributes(value.attributes) : value.attributes;
  const texts = {
    identity: value.identity,
    address,
    proxyAddress: proxy_address,
    projectedAddress: projected_address,
    attributes,
    roleSid: value.role_sid,
  };
  for (const part of Object.values(texts)) {
    if (part !== undefined && part !== null && typeof part !== "string") throw invalid("Participant", text);
  }
  const present = Object.fromEntries(Object.entries(texts).map(([name, part]) => [name, part ?? undefined]));
  return given<ParticipantInput>(present as ParticipantInput);
}

function writeAttributes(attributes: object): string {
  try {
    return JSON.stringify(attributes);
  } catch {
    // Reading knows no depth, writing does: what is nested that deep is far too long as well.
    throw fail(50303);
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Adds what was accepted. When that fails after all, the conversation closes and holds nothing. */
export function addPending(domain: Domain): void {
  for (const { sid } of domain.find.conversationsPending("")) {
    try {
      domain.transact(() => activate(domain, sid));
    } catch (error) {
      if (!(error instanceof TwilioError)) throw error;
      domain.transact(() => giveUp(domain, sid));
    }
  }
}

function activate(domain: Domain, sid: string): void {
  const conversation = domain.conversations.get(sid);
  if (!conversation) return;
  const { accountSid, pendingParticipants, pendingOrigin } = conversation;
  const at = domain.scope(accountSid, pendingOrigin ?? undefined);
  const ready = domain.conversations.put({ ...conversation, pendingParticipants: [], pendingOrigin: null });
  for (const input of pendingParticipants) addParticipant(at, ready, input);
  changeState(at, ready, "active", "EVENT");
}

function giveUp(domain: Domain, sid: string): void {
  const conversation = domain.conversations.get(sid);
  if (!conversation) return;
  const at = domain.scope(conversation.accountSid, conversation.pendingOrigin ?? undefined);
  changeState(at, { ...conversation, pendingParticipants: [], pendingOrigin: null }, "closed", "EVENT");
}
