export { type NumberSearch, PhoneNumber, type PhoneNumberArgs, type PhoneNumberOutputs } from "./phone-number";
