import type { Output } from "@pulumi/pulumi";
import type { Question } from "../core/look-ups/ask";
import { ask, askOutput } from "../core/look-ups/ask";
import { listFields, listObjects } from "../core/look-ups/list";
import { lookUp, lookUpOutput } from "../core/look-ups/look-up";
import type { ListArgs, LookUpInputs, LookUpOptions, LookUpOutputOptions, LookUpResult } from "../core/look-ups/types";
import type { PhoneNumber } from "../numbers";
import type { MessagingService, MessagingServiceArgs, MessagingServiceOutputs } from "./messaging-service";
import { messagingService } from "./messaging-service";
import type { MessagingServiceSenderArgs, MessagingServiceSenderOutputs } from "./messaging-service-sender";
import { messagingServiceSender } from "./messaging-service-sender";

/** Which messaging service to read: `sid` or `friendlyName`. */
export interface GetMessagingServiceArgs {
  /** Its SID, `MG…`. */
  sid?: string | undefined;
  /** Its name. Several messaging services may have it, which is an error. */
  friendlyName?: string | undefined;
}

/** A messaging service as Twilio has it. */
export type GetMessagingServiceResult = LookUpResult<MessagingServiceArgs, MessagingServiceOutputs>;

/**
 * Reads a messaging service.
 *
 * @example
 * const notices = await getMessagingService({ friendlyName: "Notices" });
 */
export function getMessagingService(args: GetMessagingServiceArgs, options?: LookUpOptions): Promise<GetMessagingServiceResult> {
  return lookUp(messagingService, args, options);
}

/** {@link getMessagingService} for arguments that are outputs. */
export function getMessagingServiceOutput(
  args: LookUpInputs<GetMessagingServiceArgs>,
  options?: LookUpOutputOptions,
): Output<GetMessagingServiceResult> {
  return lookUpOutput(messagingService, args, options);
}

/** Which sender of a messaging service to read: `sid`, or what the resource names. */
export interface GetMessagingServiceSenderArgs {
  /** The messaging service, by its SID `MG…`. */
  messagingService: string;
  /** The SID of the number `PN…`, short code `SC…`, sender ID `AI…` or channel sender `XE…`. */
  sid?: string | undefined;
  /** A number, by its SID `PN…`. */
  phoneNumber?: string | undefined;
  /** A short code, by its SID `SC…`. */
  shortCode?: string | undefined;
  /** An alphanumeric sender ID. */
  alphaSender?: string | undefined;
  /** A channel sender, by its SID `XE…`. */
  channelSender?: string | undefined;
}

/** A sender of a messaging service as Twilio has it. */
export type GetMessagingServiceSenderResult = LookUpResult<MessagingServiceSenderArgs, MessagingServiceSenderOutputs>;

/** Reads a sender of a messaging service. */
export function getMessagingServiceSender(
  args: GetMessagingServiceSenderArgs,
  options?: LookUpOptions,
): Promise<GetMessagingServiceSenderResult> {
  return lookUp(messagingServiceSender, args, options);
}

/** {@link getMessagingServiceSender} for arguments that are outputs. */
export function getMessagingServiceSenderOutput(
  args: LookUpInputs<GetMessagingServiceSenderArgs, { messagingService: MessagingService; phoneNumber: PhoneNumber }>,
  options?: LookUpOutputOptions,
): Output<GetMessagingServiceSenderResult> {
  return lookUpOutput(messagingServiceSender, args, options);
}

/** Which messaging services to list. */
export interface GetMessagingServicesArgs extends ListArgs {}

const services: Question = {
  name: "getMessagingServices",
  fields: listFields,
  answer: (args, session) => listObjects(messagingService, args, session),
};

/** Lists the account's messaging services, among them the two that Twilio creates. */
export function getMessagingServices(args: GetMessagingServicesArgs = {}, options?: LookUpOptions): Promise<GetMessagingServiceResult[]> {
  return ask(services, args, options);
}

/** {@link getMessagingServices} for arguments that are outputs. */
export function getMessagingServicesOutput(
  args: LookUpInputs<GetMessagingServicesArgs> = {},
  options?: LookUpOutputOptions,
): Output<GetMessagingServiceResult[]> {
  return askOutput(services, args, options);
}
