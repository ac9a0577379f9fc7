import type { Connection } from "./connection";
import type { Body, Product } from "./definition";
import { nextStep, type Refusal, TwilioError } from "./errors";
import { governor } from "./governor";

/** A request to one of Twilio's products, without host and credentials. */
export interface Request {
  /** What this is for, as the beginning of an error message: `Cannot create …`. */
  readonly attempt: string;
  readonly product: Product;
  readonly method: "get" | "post" | "delete";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string | readonly string[]>>;
}

/** The one door to Twilio. */
export interface Twilio {
  readonly accountSid: string;
  /** The answer's body; `undefined` where Twilio says that there is no such thing (404). Throws a {@link TwilioError} otherwise. */
  send(request: Request): Promise<Body | undefined>;
  /** All pages of a list, item by item. */
  list(request: Omit<Request, "method" | "form">, key: string): AsyncGenerator<Body>;
}

interface Answer {
  readonly statusCode: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Sends one request over the wire; the only thing in this package that loads the `twilio` package. */
export type Wire = (request: Request & { readonly url: string }) => Promise<Answer>;

/** Chances, waits and time, so that a test can take them in its hand. */
export interface TransportOptions {
  readonly wire?: Wire;
  readonly sleep?: (milliseconds: number) => Promise<void>;
  readonly random?: () => number;
  /** Called for each repetition with its reason, and once more for a request that took long for it. */
  readonly log?: (severity: "debug" | "info", message: string) => void;
}

// Long enough for Twilio to recover from a burst, short enough for a person to wait.
const retryForMs = 120_000;
const maxWaitMs = 30_000;
// What a person notices and wants explained.
const noticedMs = 5_000;

// Two changes of the same thing met at Twilio, and neither this one nor anything of it was done.
const conflicts = new Set([50213, 50391, 50419]);

/** The transport of one connection: a concurrency limit for the whole process, and repetition of what may safely be repeated. */
export function openTwilio(connection: Connection, options: TransportOptions = {}): Twilio {
  const { sleep = wait, random = Math.random, log } = options;
  const gate = governor(connection.maxConcurrency);
  let wire = options.wire;

  async function once(request: Request): Promise<Answer | Error> {
    wire ??= twilioClient(connection);
    try {
      return await wire({ ...request, url: address(connection, request) });
    } catch (error) {
      return redacted(error, connection);
    }
  }

  async function send(request: Request): Promise<Body | undefined> {
    const { attempt, method, path } = request;
    const what = `${method.toUpperCase()} ${path}`;
    const label = `${attempt} (${what})`;
    let waited = 0;
    for (let tries = 0; ; tries += 1) {
      const answer = await gate.run(() => once(request));
      const failure = answer instanceof Error ? { status: 0, message: answer.message } : refusal(answer);
      if (failure?.status === 429) gate.slower();
      else gate.faster();
      if (waited > noticedMs && (!failure || failure.status === 404)) log?.("info", summary(what, tries, waited));
      if (!failure) return body(answer as Answer, label);
      if (failure.status === 404 && method !== "post") return undefined;
      // Twilio never processed a 429, so every method may be sent again; what may have been executed, only if that does no harm.
      const untouched = failure.status === 429 || conflicts.has(failure.code ?? 0);
      const repeatable = untouched || (method !== "post" && (failure.status === 0 || failure.status >= 500));
      const pause = answer instanceof Error ? undefined : retryAfterMs(answer);
      // A pause of nothing would be asked for for ever.
      const delay = pause || random() * Math.min(maxWaitMs, 250 * 2 ** tries);
      if (!repeatable || waited + delay > retryForMs) throw new TwilioError(label, failure, advice(failure, connection));
      waited += delay;
      log?.("debug", `${what}: ${failure.message}; trying again in ${Math.round(delay)} ms`);
      await sleep(delay);
    }
  }

  async function* list({ query, ...request }: Omit<Request, "method" | "form">, key: string): AsyncGenerator<Body> {
    let next: string | undefined = request.path;
    let parameters = query;
    while (next !== undefined) {
      const page: Body = (await send({ ...request, method: "get", path: next, ...(parameters ? { query: parameters } : {}) })) ?? {};
      yield* (page[key] as Body[] | undefined) ?? [];
      next = nextPage(page);
      parameters = undefined;
    }
  }

  return { accountSid: connection.accountSid, send, list };
}

/** The v1 products give a whole URL under `meta`, the 2010 API a path. */
function nextPage(page: Body): string | undefined {
  const meta = page.meta as { next_page_url?: string | null } | undefined;
  if (meta?.next_page_url) {
    const { pathname, search } = new URL(meta.next_page_url);
    return pathname.replace(/^\/[a-z0-9.-]+\.twilio\.com(?=\/)/, "") + search;
  }
  return (page.next_page_uri as string | null | undefined) || undefined;
}

/** A base URL takes the product's host along as the first segment, since two products share the path `/v1/Services`. */
function address({ baseUrl }: Connection, { product, path }: Request): string {
  const host = `${product}.twilio.com`;
  return baseUrl === undefined ? `https://${host}${path}` : `${baseUrl}/${host}${path}`;
}

const summary = (what: string, tries: number, waited: number) =>
  `${what} was sent ${tries + 1} times, over ${Math.round(waited / 1000)} s: Twilio was busy or out of reach.`;

function twilioClient({ username, password, accountSid, region, edge, baseUrl }: Connection): Wire {
  // Here and not above: the package takes a fifth of a second to load, which a run without a call need not pay.
  const { Twilio } = require("twilio") as typeof import("twilio");
  const client = new Twilio(username, password, {
    accountSid,
    // A base URL is taken as it is; the client would work region and edge into its host name.
    ...(baseUrl === undefined && region ? { region } : {}),
    ...(baseUrl === undefined && edge ? { edge } : {}),
    env: {},
    userAgentExtensions: ["pulumi-twilio-conversations"],
  });
  return ({ method, url, form, query }) =>
    client.request({ method, uri: url, ...(form ? { data: form } : {}), ...(query ? { params: query } : {}) });
}

/** Whoever is refused wants to know which credentials were used. */
function advice(failure: Refusal, { source, accountSid }: Connection): string | undefined {
  const next = nextStep(failure);
  return failure.code === 20003 ? `the credentials are those of account ${accountSid} from ${source}; ${next}` : next;
}

function refusal({ statusCode, body, headers }: Answer): Refusal | undefined {
  if (statusCode >= 200 && statusCode < 300) return undefined;
  const said = typeof body === "object" && body !== null ? (body as { code?: number; message?: string; more_info?: string }) : {};
  const requestId = headers?.["twilio-request-id"];
  return {
    status: statusCode,
    message: said.message ?? "Twilio gave no reason",
    ...(said.code == null ? {} : { code: said.code }),
    ...(said.more_info == null ? {} : { moreInfo: said.more_info }),
    ...(typeof requestId === "string" ? { requestId } : {}),
  };
}

function body({ statusCode, body: said }: Answer, label: string): Body {
  if (statusCode === 204) return {};
  if (typeof said === "object" && said !== null) return said as Body;
  throw new TwilioError(label, { status: 0, message: `the answer is not JSON (HTTP ${statusCode})` });
}

function retryAfterMs({ headers }: Answer): number | undefined {
  const header = headers?.["retry-after"];
  if (typeof header !== "string") return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** Only the message of a network error goes on: the error itself holds the request with its Authorization header. */
function redacted(error: unknown, { username, password }: Connection): Error {
  const { message, code } = error as { message?: string; code?: string };
  const plain = `no answer from Twilio: ${message ?? "unknown failure"}${code && !message?.includes(code) ? ` (${code})` : ""}`;
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const secrets = [password, encodeURIComponent(password), base64(`${username}:${password}`), base64(password)];
  return new Error(secrets.reduce((message, secret) => message.replaceAll(secret, "***"), plain));
}

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
