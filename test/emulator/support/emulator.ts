/** An emulator for one test file: started once, empty before each test. */
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../src/emulator";
import { connect } from "./client";
import { Control } from "./control";

export type Connection = ReturnType<typeof connect>;

/** What a test needs: Twilio's client, and the control plane. Filled before the first test. */
export interface Local extends Connection {
  emulator: Emulator;
  control: Control;
}

/** Starts the emulator before the tests of this file; the returned object is filled by then. */
export function useEmulator(options: EmulatorOptions = {}): Local {
  const local = {} as Local;
  beforeAll(async () => {
    const emulator = await startEmulator(options);
    Object.assign(local, connect(emulator), { emulator, control: new Control(emulator.url) });
  });
  beforeEach(async () => {
    await twilio.emulator.reset();
    twilio.wire.answers.length = 0;
  });
  afterAll(() => twilio.emulator?.close());
  return local;
}

/** Buys a number that can text. */
export async function buyNumber({ api }: Pick<Local, "api">, areaCode = 415): Promise<{ sid: string; phoneNumber: string }> {
  const [found] = await api.availablePhoneNumbers("US").local.list({ areaCode, smsEnabled: true, mmsEnabled: true, limit: 1 });
  return api.incomingPhoneNumbers.create({ phoneNumber: found?.phoneNumber });
}

/** Handsets. */
export const ALICE = "+15558675310";
export const BOB = "+15558675311";
export const CAROL = "+12125550147";
