import type { Body } from "../../core/lifecycle/definition";

/** What a program can be made of. */
export const kinds = ["numbers", "services", "conversations", "participants"] as const;
export type Kind = (typeof kinds)[number];

/** Something at Twilio, however it was come by. */
export interface Found {
  readonly sid: string;
  /** As Twilio answers it. Unset for what the program is only to name. */
  readonly body?: Body;
  /** What it is called elsewhere, as in another program. */
  readonly name?: string;
}

/** A conversation service with what it holds. */
export interface FoundService extends Omit<Found, "sid"> {
  /** Unset for the account's default service where nothing more is known of it. */
  readonly sid?: string;
  readonly isDefault?: boolean;
  /** The role that participants have unless told otherwise, `RL…`. */
  readonly defaultRoleSid?: unknown;
  readonly conversations: readonly FoundConversation[];
}

/** A conversation and who takes part in it. */
export interface FoundConversation extends Found {
  /** What Twilio does not tell, and another program's state does. */
  readonly timers?: { readonly inactive?: string; readonly closed?: string };
  readonly participants: readonly Found[];
}

/** Something at Twilio that the program does not hold. */
export interface LeftOut {
  /** What it is, in the plural. */
  readonly what: string;
  /** Unset where Twilio did not tell. */
  readonly count?: number;
  readonly why: string;
}

/** An account, as far as a program is to be made of it. */
export interface Account {
  /** `AC…`; unset where it is not known. */
  readonly accountSid?: string;
  readonly defaultMessagingServiceSid?: unknown;
  readonly numbers: readonly Found[];
  readonly services: readonly FoundService[];
  readonly leftOut: readonly LeftOut[];
}
