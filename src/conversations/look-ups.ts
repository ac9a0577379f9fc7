import type { Output } from "@pulumi/pulumi";
import { lookUp, lookUpOutput } from "../core/look-ups/look-up";
import type { LookUpInputs, LookUpOptions, LookUpOutputOptions, LookUpResult } from "../core/look-ups/types";
import type { AddressConfigurationArgs, AddressConfigurationOutputs } from "./address-configuration";
import { addressConfiguration } from "./address-configuration";
import type { Conversation, ConversationArgs, ConversationOutputs } from "./conversation";
import { conversation } from "./conversation";
import type { ParticipantArgs, ParticipantOutputs } from "./participant";
import { participant } from "./participant";
import type { ConversationRoleArgs, ConversationRoleOutputs } from "./role";
import { conversationRole } from "./role";
import type { ConversationService, ConversationServiceArgs, ConversationServiceOutputs } from "./service";
import { conversationService } from "./service";
import type { ConversationUserArgs, ConversationUserOutputs } from "./user";
import { conversationUser } from "./user";
import type { ConversationWebhookArgs, ConversationWebhookOutputs } from "./webhook";
import { conversationWebhook } from "./webhook";

/** Where an object of a conversation service is. */
interface InService {
  /** The conversation service, by its id `IS…`. Default: the account's default service. */
  service?: string | undefined;
}

/** Where an object of a conversation is. */
interface InConversation {
  /** The conversation, by its id `IS…/CH…`. */
  conversation: string;
}

/** Which conversation service to read: `sid` or `friendlyName`. */
export interface GetConversationServiceArgs {
  /** Its SID, `IS…`. */
  sid?: string | undefined;
  /** Its name. Several services may have it, which is an error. */
  friendlyName?: string | undefined;
}

/** A conversation service as Twilio has it. */
export type GetConversationServiceResult = LookUpResult<ConversationServiceArgs, ConversationServiceOutputs>;

/**
 * Reads a conversation service.
 *
 * @example
 * const support = await getConversationService({ friendlyName: "Support" });
 */
export function getConversationService(args: GetConversationServiceArgs, options?: LookUpOptions): Promise<GetConversationServiceResult> {
  return lookUp(conversationService, args, options);
}

/** {@link getConversationService} for arguments that are outputs. */
export function getConversationServiceOutput(
  args: LookUpInputs<GetConversationServiceArgs>,
  options?: LookUpOutputOptions,
): Output<GetConversationServiceResult> {
  return lookUpOutput(conversationService, args, options);
}

/** Which conversation to read: `sid` or `uniqueName`. */
export interface GetConversationArgs extends InService {
  /** Its SID, `CH…`. */
  sid?: string | undefined;
  /** Its name for programs, which is unique in the service. */
  uniqueName?: string | undefined;
}

/** A conversation as Twilio has it, with all keys of its attributes. Twilio returns no timers. */
export type GetConversationResult = LookUpResult<ConversationArgs, ConversationOutputs, "ownerMark" | "timers">;

/**
 * Reads a conversation.
 *
 * @example
 * const desk = await getConversation({ service: support.id, uniqueName: "front-desk" });
 */
export function getConversation(args: GetConversationArgs, options?: LookUpOptions): Promise<GetConversationResult> {
  return lookUp(conversation, args, options);
}

/**
 * {@link getConversation} for arguments that are outputs.
 *
 * @example
 * const desk = getConversationOutput({ service, uniqueName: "front-desk" });
 */
export function getConversationOutput(
  args: LookUpInputs<GetConversationArgs, { service: ConversationService }>,
  options?: LookUpOutputOptions,
): Output<GetConversationResult> {
  return lookUpOutput(conversation, args, options);
}

/** Which participant to read: `sid`, `identity` or addresses. */
export interface GetParticipantArgs extends InConversation {
  /** Its SID, `MB…`. */
  sid?: string | undefined;
  /** The identity of a chat participant. */
  identity?: string | undefined;
  /** The person's number and the Twilio number. One of them is enough if only one participant has it. */
  sms?: { address?: string | undefined; proxyAddress?: string | undefined } | undefined;
  /** The person's WhatsApp address and the account's sender, each `whatsapp:` and a number. */
  whatsapp?: { address?: string | undefined; proxyAddress?: string | undefined } | undefined;
  /** The person's RCS address and the account's agent, each beginning with `rcs:`. */
  rcs?: { address?: string | undefined; proxyAddress?: string | undefined } | undefined;
  /** The person's Messenger address and the account's page, each beginning with `messenger:`. */
  messenger?: { address?: string | undefined; proxyAddress?: string | undefined } | undefined;
  /** The number of a phone in a group MMS. */
  address?: string | undefined;
  /** The Twilio number of a participant in a group MMS. */
  projectedAddress?: string | undefined;
}

/** A participant as Twilio has it. */
export type GetParticipantResult = LookUpResult<ParticipantArgs, ParticipantOutputs>;

/** Reads a participant of a conversation. */
export function getParticipant(args: GetParticipantArgs, options?: LookUpOptions): Promise<GetParticipantResult> {
  return lookUp(participant, args, options);
}

/** {@link getParticipant} for arguments that are outputs. */
export function getParticipantOutput(
  args: LookUpInputs<GetParticipantArgs, { conversation: Conversation }>,
  options?: LookUpOutputOptions,
): Output<GetParticipantResult> {
  return lookUpOutput(participant, args, options);
}

/** Which webhook of a conversation to read: `sid`, or what it does. */
export interface GetConversationWebhookArgs extends InConversation {
  /** Its SID, `WH…`. */
  sid?: string | undefined;
  /** The URL and the events of a webhook that reports events. */
  webhook?: { url?: string | undefined; filters?: string[] | undefined } | undefined;
  /** The URL and the keywords of a webhook that reports keywords. */
  trigger?: { url?: string | undefined; triggers?: string[] | undefined } | undefined;
  /** The flow that it starts, `FW…`. */
  studio?: { flowSid?: string | undefined } | undefined;
}

/** A webhook of a conversation as Twilio has it. Twilio does not return from which message on it replays. */
export type GetConversationWebhookResult = LookUpResult<ConversationWebhookArgs, ConversationWebhookOutputs>;

/** Reads a webhook of a conversation. */
export function getConversationWebhook(args: GetConversationWebhookArgs, options?: LookUpOptions): Promise<GetConversationWebhookResult> {
  return lookUp(conversationWebhook, args, options);
}

/** {@link getConversationWebhook} for arguments that are outputs. */
export function getConversationWebhookOutput(
  args: LookUpInputs<GetConversationWebhookArgs, { conversation: Conversation }>,
  options?: LookUpOutputOptions,
): Output<GetConversationWebhookResult> {
  return lookUpOutput(conversationWebhook, args, options);
}

/** Which role to read: `sid`, or `friendlyName` with or without `type`. */
export interface GetConversationRoleArgs extends InService {
  /** Its SID, `RL…`. */
  sid?: string | undefined;
  /** Its name, such as `"service admin"`. Several roles may have it, which is an error. */
  friendlyName?: string | undefined;
  /** What it is for: users of a service or participants of a conversation. */
  type?: "conversation" | "service" | undefined;
}

/** A role as Twilio has it. */
export type GetConversationRoleResult = LookUpResult<ConversationRoleArgs, ConversationRoleOutputs>;

/**
 * Reads a role.
 *
 * @example
 * const admin = await getConversationRole({ service: support.id, friendlyName: "channel admin" });
 */
export function getConversationRole(args: GetConversationRoleArgs, options?: LookUpOptions): Promise<GetConversationRoleResult> {
  return lookUp(conversationRole, args, options);
}

/** {@link getConversationRole} for arguments that are outputs. */
export function getConversationRoleOutput(
  args: LookUpInputs<GetConversationRoleArgs, { service: ConversationService }>,
  options?: LookUpOutputOptions,
): Output<GetConversationRoleResult> {
  return lookUpOutput(conversationRole, args, options);
}

/** Which user to read: `sid` or `identity`. */
export interface GetConversationUserArgs extends InService {
  /** Its SID, `US…`. */
  sid?: string | undefined;
  /** Its identity; upper and lower case differ. */
  identity?: string | undefined;
}

/** A user as Twilio has it. */
export type GetConversationUserResult = LookUpResult<ConversationUserArgs, ConversationUserOutputs>;

/** Reads a user of a conversation service. */
export function getConversationUser(args: GetConversationUserArgs, options?: LookUpOptions): Promise<GetConversationUserResult> {
  return lookUp(conversationUser, args, options);
}

/** {@link getConversationUser} for arguments that are outputs. */
export function getConversationUserOutput(
  args: LookUpInputs<GetConversationUserArgs, { service: ConversationService }>,
  options?: LookUpOutputOptions,
): Output<GetConversationUserResult> {
  return lookUpOutput(conversationUser, args, options);
}

/** Which address configuration to read: `sid` or `address`. */
export interface GetAddressConfigurationArgs {
  /** Its SID, `IG…`. */
  sid?: string | undefined;
  /** The account's address, such as a number in E.164 format. */
  address?: string | undefined;
}

/** An address configuration as Twilio has it. */
export type GetAddressConfigurationResult = LookUpResult<AddressConfigurationArgs, AddressConfigurationOutputs>;

/** Reads an address configuration. */
export function getAddressConfiguration(
  args: GetAddressConfigurationArgs,
  options?: LookUpOptions,
): Promise<GetAddressConfigurationResult> {
  return lookUp(addressConfiguration, args, options);
}

/** {@link getAddressConfiguration} for arguments that are outputs. */
export function getAddressConfigurationOutput(
  args: LookUpInputs<GetAddressConfigurationArgs>,
  options?: LookUpOutputOptions,
): Output<GetAddressConfigurationResult> {
  return lookUpOutput(addressConfiguration, args, options);
}
