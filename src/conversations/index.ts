export * from "./configuration";
export * from "./conversation";
export type { JsonObject } from "./json-object";
export * from "./participant";
export * from "./service";
export * from "./webhook";
export type { ConversationEvent } from "./webhook-target";
