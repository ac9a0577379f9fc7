export * from "./api-key";
export type { KeyPermission, KnownKeyPermission } from "./key-permissions";
