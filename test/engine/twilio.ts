export {
  type Call,
  type EmulatorClient,
  emulatorClient,
  fetchOrUndefined,
} from "../../tools/harness/emulator-client.mts";
