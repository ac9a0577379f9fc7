import type { Quickstart, TranscriptLine } from "./proof.mts";
import type { Verification } from "./verify.mts";

/** The common part of all results. */
export interface Result {
  backend: { kind: "emulator"; url: string; accountSid: string; stateDir: string; stack: string; stackUrl: string };
  /** The number of resources by kind of change: create, update, delete, same… */
  changes: Record<string, number>;
  /** The duration of each step in milliseconds. */
  durations: Record<string, number>;
}

/** The result of {@link start}. */
export interface Started extends Result, Quickstart {
  /** Whether the engine found nothing to change. */
  unchanged: boolean;
  transcript: TranscriptLine[];
  verification: Verification;
  /** The environment variables to export for work on the stack with the CLI. */
  byHand: string[];
}

/** The result of {@link destroy}. */
export interface Destroyed extends Result {
  /** The numbers that stay at Twilio, which is their default. */
  kept: { phoneNumber: string; sid: string }[];
}
