export * from "./address";
export * from "./phone-number";
export type { NumberSearch } from "./search-args";
