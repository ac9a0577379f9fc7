export * from "./look-ups";
export * from "./phone-number";
export type { NumberSearch } from "./search-args";
