/** A request that an SDK user sends through the socket, as handlers see it. */
import { Params } from "../http/params";
import { type Reply, type Route, route } from "../http/router";
import type { ServiceRecord } from "../resources/service";
import type { Actor } from "./permissions";

export interface SdkCall extends Actor {
  service: ServiceRecord;
  /** The JSON or form body, by the names that REST has for its parameters. */
  params: Params;
  query: URLSearchParams;
  /** The body as it came, when it was JSON. */
  body: Record<string, unknown>;
  /** Where the caller reaches the emulator: `http://127.0.0.1:4010`. */
  base: string;
  /** The value of a `{name}` in the template. */
  part(name: string): string;
  /** Done once the work is kept, after the answer. */
  later(act: () => void): void;
  session: Listener;
}

/** What a handler may ask of the connection that the request came through. */
export interface Listener {
  subscribe(request: Record<string, unknown>): void;
  /** Tells the other members of a conversation that this one is typing. */
  type(conversationSid: string): void;
}

export function sdkRoute(method: Route["method"], template: string, handle: (call: SdkCall) => Reply): Route<SdkCall> {
  return route(method, `/Client/v2${template}`, handle);
}

/** The SDK says `friendly_name` and `messaging_binding: { address }` for what REST calls FriendlyName and MessagingBinding.Address. */
export function paramsOf(body: Record<string, unknown>): Params {
  return new Params(new URLSearchParams(entriesOf(body, "")).toString());
}

function entriesOf(body: Record<string, unknown>, prefix: string): [string, string][] {
  return Object.entries(body).flatMap(([name, value]): [string, string][] => {
    const key = prefix + name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (Array.isArray(value)) return value.map((one) => [key.replace(/s$/, ""), String(one)]);
    if (name === "attributes" && typeof value === "object" && value !== null) return [[key, JSON.stringify(value)]];
    if (typeof value === "object" && value !== null) return entriesOf(value as Record<string, unknown>, `${key}.`);
    return value === undefined ? [] : [[key, String(value)]];
  });
}
