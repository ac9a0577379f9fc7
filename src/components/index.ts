export type { ConversationsSmokeTestArgs, SmokeTestCheck } from "./conversations-smoke-test";
export { ConversationsSmokeTest } from "./conversations-smoke-test";
export type { SupportLineArgs } from "./support-line";
export { SupportLine } from "./support-line";
