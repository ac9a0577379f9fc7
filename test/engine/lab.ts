import { expect } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type Account, type Outcome, openStack, type StackOptions, type TestStack } from "../support/engine";
import { type EmulatorClient, emulatorClient } from "./twilio";

/** A stack on the real engine, and the Twilio account that it uses. */
export interface Lab {
  readonly stack: TestStack;
  readonly twilio: EmulatorClient;
  close(): Promise<void>;
}

/** Opens a stack on a new emulator, or on the account that `twilio` names. */
export async function openLab({ twilio, ...options }: Partial<StackOptions> & { twilio?: Account } = {}): Promise<Lab> {
  const emulator: Emulator | undefined = twilio ? undefined : await startEmulator();
  const account = twilio ?? (emulator as Emulator);
  const stack = await openStack({ ...options, twilio: account });
  return {
    stack,
    twilio: emulatorClient(account),
    async close() {
      await stack.close();
      await emulator?.close();
    },
  };
}

/** Expects that the operation succeeded. A failure shows what the engine printed. */
export function expectOk(outcome: Outcome): void {
  expect(outcome.ok, outcome.text).toBe(true);
}

/** Expects that the operation succeeded and changed nothing. */
export function expectNothing(outcome: Outcome): void {
  expectOk(outcome);
  expect(outcome.changes).toEqual({});
}
