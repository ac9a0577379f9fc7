/** How certain a fact is before anybody asks Twilio. */
export type Certainty =
  /** In Twilio's OpenAPI. */
  | "specified"
  /** In Twilio's documentation or its dictionary of errors. */
  | "documented"
  /** Reported by others who use Twilio. */
  | "observed"
  /** None of these: the emulator's choice. */
  | "inferred";

/** What a fact does to the account. */
export type Need =
  /** Nothing: it only reads, or sends what Twilio must refuse. */
  | "read"
  /** It creates objects that cost nothing, and deletes them. */
  | "write"
  /** It needs a phone number, which the run buys and releases. */
  | "purchase";

/** What is sent in a form. A list repeats its key. */
export type Form = Readonly<Record<string, string | readonly string[]>>;

/** A fact is wrong: the response was another one. */
export class Refuted extends Error {
  constructor(
    readonly expected: string,
    readonly received: string,
  ) {
    super(`expected ${expected}; received ${received}`);
  }
}

/** A fact could not be tested, so nothing is known. */
export class NotRun extends Error {}

/** A SID of this kind that no object has. */
export const absent = (prefix: string): string => prefix + "0".repeat(32);
