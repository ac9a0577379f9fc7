export type { ConversationsSmokeTestArgs, SmokeTestCheck } from "./conversations-smoke-test";
export { ConversationsSmokeTest } from "./conversations-smoke-test";
export type { MaskedConversationArgs, MaskedPerson } from "./masked-conversation";
export { MaskedConversation } from "./masked-conversation";
export type { SupportLineArgs } from "./support-line";
export { SupportLine } from "./support-line";
