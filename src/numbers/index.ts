export * from "./address";
export * from "./address-look-ups";
export * from "./look-ups";
export * from "./phone-number";
export type { NumberSearch } from "./search-args";
