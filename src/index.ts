/** Twilio phone numbers, conversations and participants as Pulumi resources. */
export type { ChatTokenOptions } from "./chat/chat-token";
export { chatToken } from "./chat/chat-token";
export * from "./components";
export * as components from "./components";
export * from "./conversations";
export * as conversations from "./conversations";
export type { ListArgs, LookUpInputs, LookUpOptions, LookUpOutputOptions, LookUpResult } from "./core/look-ups/types";
export type { TwilioProviderArgs } from "./core/registration/twilio-provider";
export { TwilioProvider } from "./core/registration/twilio-provider";
export * from "./iam";
export * as iam from "./iam";
export * from "./messaging";
export * as messaging from "./messaging";
export * from "./numbers";
export * as numbers from "./numbers";
