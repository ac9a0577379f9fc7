/** The JSON API between the chat page and its server, both of the same origin. Only types: both sides import them. */

/** `GET /about` */
export interface About {
  /** The Twilio backend and account, for people. */
  readonly twilio: string;
  /** Whether Twilio is the emulator, which has virtual phones. */
  readonly isEmulator: boolean;
  readonly service: { readonly sid: string; readonly friendlyName: string };
  /** The identities of the service's users, at most 100. */
  readonly identities: readonly string[];
}

/** `POST /token` with `{ identity }` */
export interface TokenResponse {
  readonly token: string;
  /** The URL of the SDK's WebSocket. Unset for the real Twilio: the SDK knows it. */
  readonly twilsock?: string;
  /** The account's region, if it is not `us1`. */
  readonly region?: string;
}

/** `GET /handsets`: one virtual phone for each address of a participant that is not a chat participant. */
export interface Handset {
  /** `+15558675310`, or `whatsapp:+15558675310`. */
  readonly address: string;
  /** The numbers that it can text, each with the conversation that receives the text. */
  readonly numbers: readonly { readonly number: string; readonly conversation: string }[];
}

/** `GET /texts?handset=+15558675310`: the texts that a handset sent and received, in order. `POST /texts` with `{ from, to, body }` sends one. */
export interface Text {
  readonly sid: string;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly mediaUrls: readonly string[];
  /** ISO 8601 */
  readonly date: string;
}

/** The body of every error response. */
export interface ErrorResponse {
  /** The problem and its remedy. */
  readonly message: string;
}
