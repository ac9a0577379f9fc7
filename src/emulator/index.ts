/** The emulator: Twilio's phone numbers, messages and Conversations over HTTP, with its own state and rules. */
export type { Clock } from "./clock";
export type { DataChange } from "./data/data";
export type { EmulatorSnapshots, Namespace } from "./handle";
export type { SnapshotInfo } from "./snapshots/storage";
export { attachEmulator, type Emulator, type EmulatorOptions, startEmulator } from "./start";
