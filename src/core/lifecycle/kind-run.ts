import { takingTurns } from "../process/turns";
import { type RunRegistry, runRegistry } from "./identity";

/** What one process knows of the objects of one kind, whether they are resources of their own or items of sets. */
export interface KindRun {
  readonly registry: RunRegistry;
  /** Twilio refuses two writes at once under one parent of some kinds. */
  readonly turns: ReturnType<typeof takingTurns>;
}

export const kindRun = (): KindRun => ({ registry: runRegistry(), turns: takingTurns() });
