export * from "./api-key";
export type { KeyPermission } from "./key-permissions";
export * from "./twiml-app";
