import type { Output } from "@pulumi/pulumi";
import type { Field } from "../core/lifecycle/definition";
import { oneOf, text } from "../core/lifecycle/formats";
import type { Question } from "../core/look-ups/ask";
import { ask, askOutput } from "../core/look-ups/ask";
import { listFields, listObjects, queryOf, upTo } from "../core/look-ups/list";
import type { ListArgs, LookUpInputs, LookUpOptions, LookUpOutputOptions } from "../core/look-ups/types";
import { UsageError } from "../core/twilio/errors";
import { verifyNames } from "../core/twilio/response";
import type { Body } from "../core/twilio/twilio";
import { conversation } from "./conversation";
import type { GetConversationResult, GetConversationRoleResult } from "./look-ups";
import { conversationRole } from "./role";
import type { ConversationService } from "./service";

/** A list of objects of a service. */
interface ListInService extends ListArgs {
  /** The conversation service, by its id `IS…`. Default: the account's default service. */
  service?: string | undefined;
}

type ServiceInputs<Args> = LookUpInputs<Args, { service: ConversationService }>;

const service = conversation.fields.service as Field;

/** Which conversations to list. */
export interface GetConversationsArgs extends ListInService {
  /** Their state. */
  state?: "active" | "inactive" | "closed" | undefined;
  /** The first day or moment of their creation, `2026-01-31` or `2026-01-31T08:00:00Z`. */
  startDate?: string | undefined;
  /** The last day or moment of their creation. */
  endDate?: string | undefined;
  /** Their exact name. Twilio does not compare it, so that all conversations are read. */
  friendlyName?: string | undefined;
}

const conversations: Question = {
  name: "getConversations",
  definition: conversation,
  fields: {
    ...listFields,
    service,
    state: { format: oneOf("active", "inactive", "closed") },
    startDate: { format: text({ min: 10, max: 32 }) },
    endDate: { format: text({ min: 10, max: 32 }) },
    friendlyName: { format: text({ min: 1, max: 256 }) },
  },
  answer({ state: State, startDate: StartDate, endDate: EndDate, friendlyName, ...args }, session) {
    const isMatch = (body: Body) => friendlyName === undefined || body.friendly_name === friendlyName;
    return listObjects(conversation, args, session, { query: { State, StartDate, EndDate }, isMatch });
  },
};

/**
 * Lists the conversations of a service, the newest first.
 *
 * @example
 * const open = await getConversations({ service: support.id, state: "active", limit: 100 });
 */
export function getConversations(args: GetConversationsArgs = {}, options?: LookUpOptions): Promise<GetConversationResult[]> {
  return ask(conversations, args, options);
}

/** {@link getConversations} for arguments that are outputs. */
export function getConversationsOutput(
  args: ServiceInputs<GetConversationsArgs> = {},
  options?: LookUpOutputOptions,
): Output<GetConversationResult[]> {
  return askOutput(conversations, args, options);
}

/** Which roles to list. */
export interface GetConversationRolesArgs extends ListInService {
  /** What they are for. Default: both. */
  type?: "conversation" | "service" | undefined;
}

const roles: Question = {
  name: "getConversationRoles",
  definition: conversationRole,
  fields: { ...listFields, service, type: { format: oneOf("conversation", "service") } },
  answer: ({ type, ...args }, session) =>
    listObjects(conversationRole, args, session, { isMatch: (body) => type === undefined || body.type === type }),
};

/** Lists the roles of a service, among them those that Twilio creates. */
export function getConversationRoles(args: GetConversationRolesArgs = {}, options?: LookUpOptions): Promise<GetConversationRoleResult[]> {
  return ask(roles, args, options);
}

/** {@link getConversationRoles} for arguments that are outputs. */
export function getConversationRolesOutput(
  args: ServiceInputs<GetConversationRolesArgs> = {},
  options?: LookUpOutputOptions,
): Output<GetConversationRoleResult[]> {
  return askOutput(roles, args, options);
}

/** Whose conversations to list: exactly one of `identity` and `address`. */
export interface GetParticipantConversationsArgs extends ListInService {
  /** The identity of a chat participant. */
  identity?: string | undefined;
  /** The person's address: a number in E.164 format, or `whatsapp:` and a number. */
  address?: string | undefined;
}

/** A conversation of a participant. */
export interface ParticipantConversation {
  /** The conversation's id `IS…/CH…`, as `conversation` of other look-ups and resources takes it. */
  readonly conversation: string;
  /** The conversation, `CH…`. */
  readonly conversationSid: string;
  /** Its service, `IS…`. */
  readonly chatServiceSid: string;
  /** Its name for people. */
  readonly conversationFriendlyName: string | undefined;
  /** Its name for programs. */
  readonly conversationUniqueName: string | undefined;
  /** Its state. */
  readonly conversationState: "active" | "inactive" | "closed";
  /** The participant, `MB…`. */
  readonly participantSid: string;
  /** The participant's identity, if it has one. */
  readonly participantIdentity: string | undefined;
  /** The participant's addresses, if it has any. */
  readonly participantMessagingBinding:
    | { readonly type: string; readonly address: string | undefined; readonly proxyAddress: string | undefined }
    | undefined;
}

const ofParticipant: Question = {
  name: "getParticipantConversations",
  definition: conversation,
  fields: { ...listFields, service, identity: { format: text({ min: 1, max: 256 }) }, address: { format: text({ min: 1, max: 256 }) } },
  async answer({ service: within, identity: Identity, address: Address, limit }, { twilio }) {
    if ((Identity === undefined) === (Address === undefined))
      throw new UsageError(
        `exactly one of \`identity\` and \`address\` must be given; received ${Identity === undefined ? "none" : "both"}.`,
      );
    const path = `${within === undefined ? "/v1" : `/v1/Services/${within}`}/ParticipantConversations`;
    const attempt = "Cannot list the conversations of a participant";
    const query = queryOf({ Identity, Address, PageSize: 50 });
    const found = await upTo(limit, twilio.list({ attempt, product: "conversations", path, query }, "conversations"));
    for (const body of found) verifyNames(body, { account_sid: twilio.accountSid }, attempt);
    return found.map(participantConversation);
  },
};

function participantConversation(body: Body): ParticipantConversation {
  const of = (key: string) => (body[key] ?? undefined) as string | undefined;
  const binding = body.participant_messaging_binding as Body | null | undefined;
  return {
    conversation: `${body.chat_service_sid}/${body.conversation_sid}`,
    conversationSid: String(body.conversation_sid),
    chatServiceSid: String(body.chat_service_sid),
    conversationFriendlyName: of("conversation_friendly_name"),
    conversationUniqueName: of("conversation_unique_name"),
    conversationState: body.conversation_state as ParticipantConversation["conversationState"],
    participantSid: String(body.participant_sid),
    participantIdentity: of("participant_identity"),
    participantMessagingBinding: binding
      ? {
          type: String(binding.type),
          address: (binding.address ?? undefined) as string | undefined,
          proxyAddress: (binding.proxy_address ?? undefined) as string | undefined,
        }
      : undefined,
  };
}

/**
 * Lists the conversations that an identity or an address takes part in.
 *
 * @example
 * const theirs = await getParticipantConversations({ service: support.id, address: "+15558675310" });
 */
export function getParticipantConversations(
  args: GetParticipantConversationsArgs,
  options?: LookUpOptions,
): Promise<ParticipantConversation[]> {
  return ask(ofParticipant, args, options);
}

/** {@link getParticipantConversations} for arguments that are outputs. */
export function getParticipantConversationsOutput(
  args: ServiceInputs<GetParticipantConversationsArgs>,
  options?: LookUpOutputOptions,
): Output<ParticipantConversation[]> {
  return askOutput(ofParticipant, args, options);
}
