export {
  type Call,
  type EmulatorClient,
  emulatorClient,
  fetchOrUndefined,
  fetchOrUndefined as found,
} from "../../tools/harness/emulator-client.mts";
