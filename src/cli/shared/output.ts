import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";

/** How much a command tells beside its results and errors; global options set it before the command begins. */
export interface Verbosity {
  /** No progress, no notes. */
  readonly quiet?: true;
  /** Each request and each run of the `pulumi` CLI, on stderr. */
  readonly debug?: true;
}

let verbosity: Verbosity = {};

/** Sets how much is told from here on. */
export function setVerbosity(wanted: Verbosity): void {
  verbosity = wanted;
  if (wanted.debug) showRequests();
}

export const isQuiet = (): boolean => verbosity.quiet === true;
const isDebugging = (): boolean => verbosity.debug === true;

/** Tells on stderr what people should know beside the result: `note: …`, `warning: …`. */
export function note(text: string): void {
  if (!isQuiet()) process.stderr.write(`${text}\n`);
}

/** Tells on stderr what only `--debug` shows. */
export function debug(text: string): void {
  if (isDebugging()) process.stderr.write(`debug: ${text}\n`);
}

/**
 * Shows every request that this process sends, whoever sends it, as Node's own HTTP clients report them. Of each only method, host, path, status
 * and time: neither query, headers nor body, where secrets are.
 */
function showRequests(): void {
  const began = new WeakMap<object, number>();
  const tell = (request: object, what: string, end: string) =>
    debug(`${what.replace(/\?.*$/, "")}: ${end}, ${Math.round(performance.now() - (began.get(request) ?? performance.now()))} ms`);

  type Sent = { request: ClientRequest; response: IncomingMessage; error: Error };
  const sent = ({ request }: Sent) => `${request.method} ${request.protocol}//${request.getHeader("host") ?? request.host}${request.path}`;
  const on = <M>(channel: string, listener: (message: M) => void) => subscribe(channel, (message) => listener(message as M));
  on<Sent>("http.client.request.start", ({ request }) => void began.set(request, performance.now()));
  on<Sent>("http.client.response.finish", (message) => tell(message.request, sent(message), `HTTP ${message.response.statusCode}`));
  on<Sent>("http.client.request.error", (message) => tell(message.request, sent(message), reason(message.error)));

  type Fetched = { request: { method: string; origin: string; path: string }; response: { statusCode: number }; error: Error };
  const fetched = ({ request }: Fetched) => `${request.method} ${request.origin}${request.path}`;
  on<Fetched>("undici:request:create", ({ request }) => void began.set(request, performance.now()));
  on<Fetched>("undici:request:headers", (message) => tell(message.request, fetched(message), `HTTP ${message.response.statusCode}`));
  on<Fetched>("undici:request:error", (message) => tell(message.request, fetched(message), reason(message.error)));
}

const reason = (error: Error & { code?: string }): string => `no answer (${error.code ?? error.name})`;
