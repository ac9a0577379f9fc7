export { PhoneNumber, type PhoneNumberArgs, type PhoneNumberOutputs } from "./phone-number";
export type { NumberSearch } from "./search-args";
