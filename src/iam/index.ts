export * from "./api-key";
export type { KeyPermission } from "./key-permissions";
export * from "./look-ups";
export * from "./subaccount";
export type { SubaccountStatus } from "./subaccount-status";
export * from "./twiml-app";
