/** A request that an SDK user sends through the socket, as handlers receive it. */
import { Params } from "../http/params";
import { type Reply, type Route, route } from "../http/router";
import type { ServiceRecord } from "../resources/service";
import { asText } from "./frame";
import type { Actor } from "./permissions";

/** One SDK request: authenticated and parsed, but not validated. */
export interface SdkCall extends Actor {
  service: ServiceRecord;
  /** The push credential that the token names. */
  pushCredentialSid: string | null;
  /** The JSON or form body, under REST's parameter names. */
  params: Params;
  query: URLSearchParams;
  /** The body as received, if it was JSON. */
  body: Record<string, unknown>;
  /** The URL under which the caller reaches the emulator: `http://127.0.0.1:4010`. */
  base: string;
  /** The value of `{name}` in the path template. */
  part(name: string): string;
  /** Runs `action` after the transaction is committed and the reply is sent. */
  afterReply(action: () => void): void;
  connection: SdkConnection;
}

/** The connection that carries the request, as far as handlers use it. */
export interface SdkConnection {
  subscribe(request: Record<string, unknown>): void;
  /** Notifies the other members of a conversation that this user is typing. */
  sendTyping(conversationSid: string): void;
}

/** Declares a route of the SDK's API. */
export function sdkRoute(method: Route["method"], template: string, handle: (call: SdkCall) => Reply): Route<SdkCall> {
  return route(method, `/Client/v2${template}`, handle);
}

/** Converts the SDK's parameters to REST's: `friendly_name` to FriendlyName, `messaging_binding: { address }` to MessagingBinding.Address. */
export function paramsOf(body: Record<string, unknown>): Params {
  return new Params(new URLSearchParams(entriesOf(body, "")).toString());
}

/** No parameter has more names than `messaging_binding: { proxy_address }`. A client could nest them without end. */
const MAX_NAMES = 2;

function entriesOf(body: Record<string, unknown>, prefix: string, names = 1): [string, string][] {
  if (names > MAX_NAMES) return [];
  return Object.entries(body).flatMap(([name, value]): [string, string][] => {
    const key = prefix + name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (Array.isArray(value)) return value.map((one) => [key.replace(/s$/, ""), asText(one)]);
    if (name === "attributes" && typeof value === "object" && value !== null) return [[key, JSON.stringify(value)]];
    if (typeof value === "object" && value !== null) return entriesOf(value as Record<string, unknown>, `${key}.`, names + 1);
    return value === undefined ? [] : [[key, String(value)]];
  });
}
