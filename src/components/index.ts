export type { ConversationsSmokeTestArgs, SmokeTestCheck } from "./conversations-smoke-test";
export { ConversationsSmokeTest } from "./conversations-smoke-test";
