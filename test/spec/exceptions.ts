import type { Definition } from "../../src/core/lifecycle/definition";

/** Known differences between a definition and Twilio's specification, each with its reason. A difference that no longer exists fails the test. */
export interface Exceptions {
  /** Twilio's parameters that the definition does not have. */
  readonly missing: Record<string, string>;
  /** Parameters that the specification allows in an update, but that the definition replaces for. */
  readonly replacesAnyway: Record<string, string>;
  /** Enum values that the definition does not accept. */
  readonly notAccepted: Record<string, string>;
  /** Properties that no published response contains. */
  readonly notInResponse: Record<string, string>;
  /** Properties that Twilio takes in updates only. */
  readonly onlyInUpdates?: Record<string, string>;
  /** Why Twilio has no delete. */
  readonly noDelete?: string;
}

/** A definition and its exceptions. */
export type Compared = [Definition, Exceptions];

/** No differences. */
export const exact: Exceptions = { missing: {}, replacesAnyway: {}, notAccepted: {}, notInResponse: {} };
