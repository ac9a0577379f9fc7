export { ConversationsSmokeTest, type ConversationsSmokeTestArgs, type SmokeTestCheck } from "./conversations-smoke-test";
