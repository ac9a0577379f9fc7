/** Provides one emulator per test file. It is reset before each test. */
import { afterAll, beforeAll, beforeEach } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../src/emulator";
import { connect } from "./client";
import { Control } from "./control";

/** Twilio's client for one account of the emulator. */
export type Connection = ReturnType<typeof connect>;

/** Twilio's client and the control plane of one emulator. */
export interface TestEmulator extends Connection {
  emulator: Emulator;
  control: Control;
}

/** Starts an emulator before the tests of this file. The returned object is empty until then. */
export function useEmulator(options: EmulatorOptions = {}): TestEmulator {
  const twilio = {} as TestEmulator;
  beforeAll(async () => {
    const emulator = await startEmulator(options);
    Object.assign(twilio, connect(emulator), { emulator, control: new Control(emulator.url) });
  });
  beforeEach(async () => {
    await twilio.emulator.reset();
    twilio.http.responses.length = 0;
  });
  afterAll(() => twilio.emulator?.close());
  return twilio;
}

/** Buys a number with SMS and MMS. */
export async function buyNumber({ api }: Pick<TestEmulator, "api">, areaCode = 415): Promise<{ sid: string; phoneNumber: string }> {
  const [found] = await api.availablePhoneNumbers("US").local.list({ areaCode, smsEnabled: true, mmsEnabled: true, limit: 1 });
  return api.incomingPhoneNumbers.create({ phoneNumber: found?.phoneNumber });
}

/** The numbers of three handsets. */
export const ALICE = "+15558675310";
export const BOB = "+15558675311";
export const CAROL = "+12125550147";
