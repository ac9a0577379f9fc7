/** Twilio phone numbers, conversations and participants as Pulumi resources. */
export { type ChatTokenOptions, chatToken } from "./chat/chat-token";
export * from "./components";
export * as components from "./components";
export * from "./conversations";
export * as conversations from "./conversations";
export { TwilioProvider, type TwilioProviderArgs } from "./core/registration/twilio-provider";
export * from "./numbers";
export * as numbers from "./numbers";
