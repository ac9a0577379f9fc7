/**
 * ConversationWithParticipants: a conversation and up to ten participants in one request. All participants are checked
 * at once and added later. Until then, the conversation is `initializing`.
 */
import type { Domain, Scope } from "../domain";
import { fail, invalidParameter, TwilioError } from "../errors";
import { given, type Params } from "../http/params";
import { checkBinding } from "./binding";
import { conversationBody, createConversation, readConversation } from "./conversation";
import { changeState } from "./conversation-state";
import { type ConversationRecord, conversationTable, type ParticipantInput } from "./conversation-table";
import type { Endpoints } from "./endpoints";
import { addParticipant, checkParticipant } from "./participant";
import type { ServiceRecord } from "./service";
import { inService } from "./service-path";

const MAX_PER_REQUEST = 10;

function createWithParticipants(scope: Scope, service: ServiceRecord, params: Params): ConversationRecord {
  const texts = params.all("Participant") ?? [];
  if (texts.length > MAX_PER_REQUEST) throw fail(50426);
  const participants = texts.map(parseParticipant);
  const input = readConversation(scope, params);
  if (participants.length === 0) return createConversation(scope, service, input);
  if (input.state === "closed") throw fail(50384);
  const initializing = createConversation(scope, service, { state: "initializing", ...input }, { pendingParticipants: participants });
  checkTogether(scope, initializing, participants);
  return conversationTable.in(scope.domain).put({ ...initializing, state: "initializing", dateInactive: null, dateClosed: null });
}

/** Checks each participant by itself and against the others of the request. */
function checkTogether(scope: Scope, conversation: ConversationRecord, participants: ParticipantInput[]): void {
  const seen = new Set<string>();
  for (const input of participants) {
    checkParticipant(scope, conversation, input, 50425);
    const { identity, address, proxyAddress, projectedAddress } = checkBinding(scope, input);
    const key = identity ?? `${address ?? ""} ${proxyAddress ?? ""} ${projectedAddress ?? ""}`;
    if (seen.has(key)) throw identity === null ? fail(50425, { sid: conversation.sid }) : fail(50433);
    seen.add(key);
  }
}

/** Parses a `Participant` parameter: JSON with the property names of the participant resource. */
function parseParticipant(text: string): ParticipantInput {
  const value = parseObject(text);
  if (!value) throw fail(50424);
  const binding = value.messaging_binding ?? {};
  if (typeof binding !== "object" || Array.isArray(binding)) throw invalidParameter("Participant", text);
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
    if (part !== undefined && part !== null && typeof part !== "string") throw invalidParameter("Participant", text);
  }
  const present = Object.fromEntries(Object.entries(texts).map(([name, part]) => [name, part ?? undefined]));
  return given<ParticipantInput>(present as ParticipantInput);
}

function writeAttributes(attributes: object): string {
  try {
    return JSON.stringify(attributes);
  } catch {
    // JSON.stringify fails on values nested too deeply. Those are far too long anyway.
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

/** Adds the pending participants. If that fails, the conversation is closed without participants. */
export function addPending(domain: Domain): void {
  for (const { sid } of conversationTable.in(domain).by.pending("")) {
    try {
      domain.transact(() => activate(domain, sid));
    } catch (error) {
      if (!(error instanceof TwilioError)) throw error;
      domain.transact(() => closeFailed(domain, sid));
    }
  }
}

function activate(domain: Domain, sid: string): void {
  const conversation = conversationTable.in(domain).get(sid);
  if (!conversation) return;
  const { accountSid, pendingParticipants, pendingOrigin } = conversation;
  const scope = domain.scope(accountSid, pendingOrigin ?? undefined);
  const ready = conversationTable.in(domain).put({ ...conversation, pendingParticipants: [], pendingOrigin: null });
  for (const input of pendingParticipants) addParticipant(scope, ready, input);
  changeState(scope, ready, "active", "EVENT");
}

function closeFailed(domain: Domain, sid: string): void {
  const conversation = conversationTable.in(domain).get(sid);
  if (!conversation) return;
  const scope = domain.scope(conversation.accountSid, conversation.pendingOrigin ?? undefined);
  changeState(scope, { ...conversation, pendingParticipants: [], pendingOrigin: null }, "closed", "EVENT");
}

export const withParticipantsEndpoints: Endpoints = {
  routes: {
    conversations: inService.route("POST", "/ConversationWithParticipants", ({ scope, service, params, form }) => {
      const conversation = createWithParticipants(scope, service, params);
      const status = conversation.pendingParticipants.length > 0 ? 202 : 201;
      return { status, body: conversationBody(conversation, form, { withExport: false }) };
    }),
  },
};
