import type { Output } from "@pulumi/pulumi";
import { lookUp, lookUpOutput } from "../core/look-ups/look-up";
import type { LookUpInputs, LookUpOptions, LookUpOutputOptions, LookUpResult } from "../core/look-ups/types";
import type { ConversationConfigurationArgs, ConversationConfigurationOutputs } from "./configuration";
import { conversationConfiguration } from "./configuration";
import type { PushCredentialArgs, PushCredentialOutputs } from "./push-credential";
import { pushCredential } from "./push-credential";
import type { ConversationService } from "./service";
import type { ConversationServiceConfigurationArgs, ConversationServiceConfigurationOutputs } from "./service-configuration";
import { conversationServiceConfiguration } from "./service-configuration";
import type { ConversationServiceNotificationArgs, ConversationServiceNotificationOutputs } from "./service-notification";
import { conversationServiceNotification } from "./service-notification";
import type {
  ConversationServiceWebhookConfigurationArgs,
  ConversationServiceWebhookConfigurationOutputs,
} from "./service-webhook-configuration";
import { conversationServiceWebhookConfiguration } from "./service-webhook-configuration";
import type { ConversationWebhookConfigurationArgs, ConversationWebhookConfigurationOutputs } from "./webhook-configuration";
import { conversationWebhookConfiguration } from "./webhook-configuration";

/** Whose settings to read. */
export interface GetConversationServiceSettingsArgs {
  /** The conversation service, by its id `IS…`. */
  service: string;
}

type ServiceInputs = LookUpInputs<GetConversationServiceSettingsArgs, { service: ConversationService }>;

/** The account's settings for all conversations, as Twilio has them. */
export type GetConversationConfigurationResult = LookUpResult<ConversationConfigurationArgs, ConversationConfigurationOutputs>;

/** Reads the account's settings for all conversations. */
export function getConversationConfiguration(options?: LookUpOptions): Promise<GetConversationConfigurationResult> {
  return lookUp(conversationConfiguration, {}, options);
}

/** {@link getConversationConfiguration} as an output, which can wait for resources. */
export function getConversationConfigurationOutput(options?: LookUpOutputOptions): Output<GetConversationConfigurationResult> {
  return lookUpOutput(conversationConfiguration, {}, options);
}

/** Where Twilio reports the events of all conversations of the account, as Twilio has it. */
export type GetConversationWebhookConfigurationResult = LookUpResult<
  ConversationWebhookConfigurationArgs,
  ConversationWebhookConfigurationOutputs
>;

/** Reads where Twilio reports the events of all conversations of the account. */
export function getConversationWebhookConfiguration(options?: LookUpOptions): Promise<GetConversationWebhookConfigurationResult> {
  return lookUp(conversationWebhookConfiguration, {}, options);
}

/** {@link getConversationWebhookConfiguration} as an output, which can wait for resources. */
export function getConversationWebhookConfigurationOutput(
  options?: LookUpOutputOptions,
): Output<GetConversationWebhookConfigurationResult> {
  return lookUpOutput(conversationWebhookConfiguration, {}, options);
}

/** A service's default roles and reachability, as Twilio has them. */
export type GetConversationServiceConfigurationResult = LookUpResult<
  ConversationServiceConfigurationArgs,
  ConversationServiceConfigurationOutputs
>;

/** Reads a service's default roles and reachability. */
export function getConversationServiceConfiguration(
  args: GetConversationServiceSettingsArgs,
  options?: LookUpOptions,
): Promise<GetConversationServiceConfigurationResult> {
  return lookUp(conversationServiceConfiguration, args, options);
}

/** {@link getConversationServiceConfiguration} for arguments that are outputs. */
export function getConversationServiceConfigurationOutput(
  args: ServiceInputs,
  options?: LookUpOutputOptions,
): Output<GetConversationServiceConfigurationResult> {
  return lookUpOutput(conversationServiceConfiguration, args, options);
}

/** Where Twilio reports the events of a service, as Twilio has it. */
export type GetConversationServiceWebhookConfigurationResult = LookUpResult<
  ConversationServiceWebhookConfigurationArgs,
  ConversationServiceWebhookConfigurationOutputs
>;

/** Reads where Twilio reports the events of a service. */
export function getConversationServiceWebhookConfiguration(
  args: GetConversationServiceSettingsArgs,
  options?: LookUpOptions,
): Promise<GetConversationServiceWebhookConfigurationResult> {
  return lookUp(conversationServiceWebhookConfiguration, args, options);
}

/** {@link getConversationServiceWebhookConfiguration} for arguments that are outputs. */
export function getConversationServiceWebhookConfigurationOutput(
  args: ServiceInputs,
  options?: LookUpOutputOptions,
): Output<GetConversationServiceWebhookConfigurationResult> {
  return lookUpOutput(conversationServiceWebhookConfiguration, args, options);
}

/** A service's push notifications, as Twilio has them. */
export type GetConversationServiceNotificationResult = LookUpResult<
  ConversationServiceNotificationArgs,
  ConversationServiceNotificationOutputs
>;

/** Reads a service's push notifications. */
export function getConversationServiceNotification(
  args: GetConversationServiceSettingsArgs,
  options?: LookUpOptions,
): Promise<GetConversationServiceNotificationResult> {
  return lookUp(conversationServiceNotification, args, options);
}

/** {@link getConversationServiceNotification} for arguments that are outputs. */
export function getConversationServiceNotificationOutput(
  args: ServiceInputs,
  options?: LookUpOutputOptions,
): Output<GetConversationServiceNotificationResult> {
  return lookUpOutput(conversationServiceNotification, args, options);
}

/** Which push credential to read: `sid` or `friendlyName`. */
export interface GetPushCredentialArgs {
  /** Its SID, `CR…`. */
  sid?: string | undefined;
  /** Its exact name in the Console. */
  friendlyName?: string | undefined;
}

/** A push credential as Twilio has it: its name and kind, never its secrets. */
export type GetPushCredentialResult = LookUpResult<PushCredentialArgs, PushCredentialOutputs>;

/** Reads a push credential of the account. */
export function getPushCredential(args: GetPushCredentialArgs, options?: LookUpOptions): Promise<GetPushCredentialResult> {
  return lookUp(pushCredential, args, options);
}

/** {@link getPushCredential} for arguments that are outputs. */
export function getPushCredentialOutput(
  args: LookUpInputs<GetPushCredentialArgs>,
  options?: LookUpOutputOptions,
): Output<GetPushCredentialResult> {
  return lookUpOutput(pushCredential, args, options);
}
