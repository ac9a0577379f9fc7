export * from "./configuration";
export * from "./conversation";
export type { JsonObject } from "./json-object";
export * from "./participant";
export * from "./role";
export * from "./service";
export * from "./user";
export * from "./webhook";
export type { ConversationEvent } from "./webhook-target";
