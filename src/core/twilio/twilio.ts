/** A JSON response of Twilio, in Twilio's own names. */
export type Body = Record<string, unknown>;

/** A form as Twilio accepts it; a list repeats its key. */
export type Form = Record<string, string | string[]>;

/** Twilio's products, by the first label of their host name. */
export type Product = "api" | "conversations" | "iam" | "messaging" | "numbers" | "pricing";

/** A request to one of Twilio's products, without host and credentials. */
export interface Request {
  /** What the request is for, as the beginning of an error message: `Cannot create …`. */
  readonly attempt: string;
  /** A product, or the media content host that commands read. */
  readonly product: Product | "mcs.us1";
  readonly method: "get" | "post" | "delete";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
  /** Called each time that the request is about to be sent; not at all if the run is canceled before. */
  readonly beforeSend?: () => void;
}

/** A request for a list. */
export type ListRequest = Omit<Request, "method" | "form" | "beforeSend">;

/** A page of a list. */
export interface Page {
  readonly items: readonly Body[];
  /** The path and query of the next page, from which a list can be resumed. Unset for the last page. */
  readonly next?: string;
}

/** The connection to Twilio that resources and commands use. */
export interface Twilio {
  readonly accountSid: string;
  /** The API key that signs in, `SK…`; unset where the auth token does. */
  readonly apiKey?: string;
  /** The response's body; `undefined` if Twilio reports that the object does not exist (404). Otherwise throws a `TwilioError`. */
  send(request: Request): Promise<Body | undefined>;
  /** All pages of a list, item by item. */
  list(request: ListRequest, key: string): AsyncGenerator<Body>;
  /** How far Twilio's clock is ahead of this machine's, in milliseconds, according to its last response; `undefined` before the first. */
  skewMs(): number | undefined;
  /** Waits; returns `false` once the run is canceled or the operation's time is up. */
  pause(milliseconds: number): Promise<boolean>;
}
