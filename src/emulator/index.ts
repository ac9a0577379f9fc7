/** A local Twilio: phone numbers, messages and Conversations over HTTP, with state and rules of its own. */
export type { Clock } from "./clock";
export { attachEmulator, type Emulator, type EmulatorOptions, startEmulator } from "./start";
