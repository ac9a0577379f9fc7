import type { Output } from "@pulumi/pulumi";
import { lookUp, lookUpOutput } from "../core/look-ups/look-up";
import type { LookUpInputs, LookUpOptions, LookUpOutputOptions, LookUpResult } from "../core/look-ups/types";
import type { Conversation } from "./conversation";
import type { ConversationMessageArgs, ConversationMessageOutputs } from "./conversation-message";
import { conversationMessage } from "./conversation-message";
import type { ConversationWithParticipantsArgs, ConversationWithParticipantsOutputs } from "./conversation-with-participants";
import { conversationWithParticipants } from "./conversation-with-participants";
import type { GetConversationArgs } from "./look-ups";
import type { ConversationService } from "./service";
import type { ConversationUser } from "./user";
import type { UserConversationArgs, UserConversationOutputs } from "./user-conversation";
import { userConversation } from "./user-conversation";

/** A conversation and its participants as Twilio has them. */
export type GetConversationWithParticipantsResult = LookUpResult<
  ConversationWithParticipantsArgs,
  ConversationWithParticipantsOutputs,
  "ownerMark" | "timers"
>;

/** Reads a conversation with its participants. */
export function getConversationWithParticipants(
  args: GetConversationArgs,
  options?: LookUpOptions,
): Promise<GetConversationWithParticipantsResult> {
  return lookUp(conversationWithParticipants, args, options);
}

/** {@link getConversationWithParticipants} for arguments that are outputs. */
export function getConversationWithParticipantsOutput(
  args: LookUpInputs<GetConversationArgs, { service: ConversationService }>,
  options?: LookUpOutputOptions,
): Output<GetConversationWithParticipantsResult> {
  return lookUpOutput(conversationWithParticipants, args, options);
}

/** Which message to read. */
export interface GetConversationMessageArgs {
  /** The conversation, by its id `IS…/CH…`. */
  conversation: string;
  /** Its SID, `IM…`. */
  sid: string;
}

/** A message as Twilio has it. */
export type GetConversationMessageResult = LookUpResult<
  ConversationMessageArgs,
  ConversationMessageOutputs,
  "ownerMark" | "mediaSid" | "contentSid" | "contentVariables"
>;

/** Reads a message of a conversation. */
export function getConversationMessage(args: GetConversationMessageArgs, options?: LookUpOptions): Promise<GetConversationMessageResult> {
  return lookUp(conversationMessage, args, options);
}

/** {@link getConversationMessage} for arguments that are outputs. */
export function getConversationMessageOutput(
  args: LookUpInputs<GetConversationMessageArgs, { conversation: Conversation }>,
  options?: LookUpOutputOptions,
): Output<GetConversationMessageResult> {
  return lookUpOutput(conversationMessage, args, options);
}

/** Whose settings in which conversation to read. */
export interface GetUserConversationArgs {
  /** The user, by its id `IS…/US…`. */
  user: string;
  /** The conversation, by its id `IS…/CH…`. */
  conversation: string;
}

/** The settings of a user in a conversation as Twilio has them. */
export type GetUserConversationResult = LookUpResult<UserConversationArgs, UserConversationOutputs, "lastReadTimestamp">;

/** Reads the settings of a user in a conversation. */
export function getUserConversation(args: GetUserConversationArgs, options?: LookUpOptions): Promise<GetUserConversationResult> {
  return lookUp(userConversation, args, options);
}

/** {@link getUserConversation} for arguments that are outputs. */
export function getUserConversationOutput(
  args: LookUpInputs<GetUserConversationArgs, { user: ConversationUser; conversation: Conversation }>,
  options?: LookUpOutputOptions,
): Output<GetUserConversationResult> {
  return lookUpOutput(userConversation, args, options);
}
