import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest, IncomingMessage } from "node:http";
import { printable } from "../../core/process/printable";

/** What a command prints besides its results and errors; global options set it before the command starts. */
export interface Verbosity {
  /** No progress, no notes. */
  readonly quiet?: true;
  /** Each request and each run of the `pulumi` CLI, on stderr. */
  readonly debug?: true;
}

let verbosity: Verbosity = {};

/** Sets the verbosity of this process. */
export function setVerbosity(wanted: Verbosity): void {
  verbosity = wanted;
  if (wanted.debug) showRequests();
}

export const isQuiet = (): boolean => verbosity.quiet === true;
const isDebugging = (): boolean => verbosity.debug === true;

/** The styles of `styled`: no others, because a text could hide itself with them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is how a style begins
const STYLES = /(\u001b\[(?:[0-2]|22|39|3[0-7]|9[0-7])m)/;

/** The text as terminals and CI logs show it: nothing in a name or a message from elsewhere is obeyed. Styles stay. */
export const shown = (text: string): string =>
  text
    .split(STYLES)
    .map((part, index) => (index % 2 === 1 ? part : printable(part)))
    .join("");

/** Prints a result to stdout. Everything that a command prints goes through this module. */
export function print(text: string): void {
  process.stdout.write(shown(text));
}

/** Prints to stderr, regardless of the verbosity. */
export function printError(text: string): void {
  process.stderr.write(shown(text));
}

/** Prints to stderr what people should know besides the result: `note: …`, `warning: …`. */
export function note(text: string): void {
  if (!isQuiet()) printError(`${text}\n`);
}

/** Prints to stderr with `--debug` only. */
export function debug(text: string): void {
  if (isDebugging()) printError(`debug: ${text}\n`);
}

/**
 * Shows every request of this process, as Node's HTTP clients report them: method, host, path, status and time. Leaves out the query, headers and
 * body, which may contain secrets.
 */
function showRequests(): void {
  const began = new WeakMap<object, number>();
  const print = (request: object, what: string, end: string) =>
    debug(`${what.replace(/\?.*$/, "")}: ${end}, ${Math.round(performance.now() - (began.get(request) ?? performance.now()))} ms`);

  type Sent = { request: ClientRequest; response: IncomingMessage; error: Error };
  const sent = ({ request }: Sent) => `${request.method} ${request.protocol}//${request.getHeader("host") ?? request.host}${request.path}`;
  const on = <M>(channel: string, listener: (message: M) => void) => subscribe(channel, (message) => listener(message as M));
  on<Sent>("http.client.request.start", ({ request }) => void began.set(request, performance.now()));
  on<Sent>("http.client.response.finish", (message) => print(message.request, sent(message), `HTTP ${message.response.statusCode}`));
  on<Sent>("http.client.request.error", (message) => print(message.request, sent(message), reason(message.error)));

  type Fetched = { request: { method: string; origin: string; path: string }; response: { statusCode: number }; error: Error };
  const fetched = ({ request }: Fetched) => `${request.method} ${request.origin}${request.path}`;
  on<Fetched>("undici:request:create", ({ request }) => void began.set(request, performance.now()));
  on<Fetched>("undici:request:headers", (message) => print(message.request, fetched(message), `HTTP ${message.response.statusCode}`));
  on<Fetched>("undici:request:error", (message) => print(message.request, fetched(message), reason(message.error)));
}

const reason = (error: Error & { code?: string }): string => `no response (${error.code ?? error.name})`;
