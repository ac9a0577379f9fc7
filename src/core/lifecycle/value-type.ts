/**
 * How a value is written in a form, read from a response and compared.
 * - `string`: the default. `keyword`: a string whose case Twilio may change (`POST`, `post`).
 * - `list`: strings in order. `set`: strings whose order is Twilio's.
 * - `json`: an object that Twilio keeps as text; only its declared keys are managed.
 * - `duration`: ISO 8601, where `PT60M` equals `PT1H`.
 * - `empty`: `{}`, an alternative of a definition's groups without properties of its own.
 * - `secret`: a string that Twilio never returns; inputs and state hold a salted digest of it, see `sealed.ts`.
 * - `corrected`: a string that Twilio may store in other words than it was sent, see `corrected.ts`.
 */
export type ValueType =
  | ("string" | "keyword" | "boolean" | "integer" | "list" | "set" | "json" | "duration" | "empty")
  | ("secret" | "corrected");

/** How the values of one resource's property travel, where no {@link ValueType} says it. */
export interface Codec {
  /** The value as a form carries it. */
  toForm(value: unknown): string;
  /** Whether two values mean the same at Twilio. */
  equal(a: unknown, b: unknown): boolean;
}
