/** What the page asks its server for and what it is told: JSON, on the page's own origin. Types only, shared by both. */

/** `GET /about` */
export interface About {
  /** Which Twilio this is, in words. */
  readonly twilio: string;
  /** Whether it is the local one, which has virtual phones. */
  readonly local: boolean;
  readonly service: { readonly sid: string; readonly friendlyName: string };
  /** Who can sign in: the identities of the service's users, a hundred at most. */
  readonly identities: readonly string[];
}

/** `POST /token` with `{ identity }` */
export interface TokenAnswer {
  readonly token: string;
  /** Where the SDK's websocket is. Unset for the real Twilio, which the SDK knows. */
  readonly twilsock?: string;
  /** The account's region, where it is not `us1`. */
  readonly region?: string;
}

/** `GET /handsets`: somebody's phone, one for each non-chat participant's address. */
export interface Handset {
  /** `+15558675310`, or `whatsapp:+15558675310`. */
  readonly address: string;
  /** The numbers that it texts with, each with the conversation that this leads to. */
  readonly numbers: readonly { readonly number: string; readonly conversation: string }[];
}

/** `GET /texts?handset=+15558675310`: what a handset sent and received, oldest first. `POST /texts` with `{ from, to, body }` sends one. */
export interface Text {
  readonly sid: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly mediaUrls: readonly string[];
  /** ISO 8601 */
  readonly date: string;
}

/** Any answer that is no success. */
export interface Refused {
  /** What is wrong and what to do. */
  readonly message: string;
}
