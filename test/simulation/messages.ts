/** What the runner and its workers tell each other. */

/** Which histories are played. */
export interface Batch {
  readonly seed: number;
  readonly runs: number;
  /** Replays one history of the seed. */
  readonly path?: string | undefined;
  /** Features that the histories leave out. */
  readonly without: readonly string[];
  /** Plays on after a failure, and shrinks none. */
  readonly all: boolean;
}

/** A history that fails. */
export interface Failure {
  readonly seed: number;
  /** Where the seed has it. */
  readonly path: string;
  readonly history: unknown;
  readonly violations: readonly string[];
  /** The operations, as a person reads them. */
  readonly story: string;
}

/** How a batch ended. */
export interface Result {
  readonly runs: number;
  readonly failures: readonly Failure[];
}
