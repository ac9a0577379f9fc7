export type { PhoneNumberArgs, PhoneNumberOutputs } from "./phone-number";
export { PhoneNumber } from "./phone-number";
export type { NumberSearch } from "./search-args";
