export {
  type Call,
  type EmulatorClient,
  // The former names, until every test uses the new ones.
  type EmulatorClient as Outside,
  emulatorClient,
  emulatorClient as outside,
  fetchOrUndefined,
  fetchOrUndefined as found,
} from "../../tools/harness/emulator-client.mts";
