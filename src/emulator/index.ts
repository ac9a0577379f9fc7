/** The emulator: Twilio's phone numbers, messages and Conversations over HTTP, with its own state and rules. */
export type { Clock } from "./clock";
export type { DataChange } from "./data/change";
export type { EmulatorSnapshots, Namespace, SnapshotInfo } from "./public-types";
export { attachEmulator, type Emulator, type EmulatorOptions, startEmulator } from "./start";
