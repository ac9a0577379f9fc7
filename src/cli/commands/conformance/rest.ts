import { setTimeout as wait } from "node:timers/promises";
import type { Connection } from "../../../core/twilio/connection";
import { type Form, NotRun } from "./terms";

/** A request as a check writes it. */
export interface Ask {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** The path at the product's host: `/v1/…` (conversations), `messaging:/v1/…`; `api:/…` is below the account. */
  readonly path: string;
  readonly form?: Form;
  /** Sent as JSON instead of a form. */
  readonly json?: object;
  /** Uses this password instead of the account's. */
  readonly password?: string;
}

/** A response. The body is empty where it is not a JSON object. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** An object that a check created. */
export interface Created {
  readonly path: string;
  readonly sid: string;
  readonly body: Answer["body"];
}

/** A request and its response, as evidence. */
export interface Exchange {
  readonly ask: Ask;
  readonly answer: Answer | undefined;
}

/** Sends one request. Rejects if there is no response. */
export type Send = (ask: Ask) => Promise<Answer>;

/** A busy Twilio has executed nothing, so every request can be sent again. */
const BUSY = { status: 429, retries: 4, firstWaitMs: 500 };

/**
 * Sends requests with Twilio's own client as they are. The transport of the provider is not used, because it retries, completes and explains, and a
 * check must see what Twilio returned.
 */
export function openRest(connection: Connection): Send {
  // Loaded here, because loading takes 200 ms.
  const { Twilio, RequestClient } = require("twilio") as typeof import("twilio");
  const { username, password, accountSid, baseUrl, region, edge, callTimeoutMs } = connection;
  const client = new Twilio(username, password, {
    accountSid,
    ...(baseUrl === undefined && region ? { region } : {}),
    ...(baseUrl === undefined && edge ? { edge } : {}),
    env: {},
    httpClient: new RequestClient({ timeout: callTimeoutMs }),
    userAgentExtensions: ["pulumi-twilio-conversations-conformance"],
  });
  async function once({ method, path, form, json, password: other }: Ask): Promise<Answer> {
    const { host, path: full } = placeOf(path, accountSid);
    const { statusCode, body, headers } = (await client.request({
      method: method.toLowerCase() as "get",
      uri: baseUrl === undefined ? `https://${host}${full}` : `${baseUrl}/${host}${full}`,
      timeout: callTimeoutMs,
      ...(other === undefined ? {} : { username, password: other }),
      ...(json ? { data: json, headers: { "Content-Type": "application/json" } } : {}),
      ...(form && method === "GET" ? { params: form } : {}),
      ...(form && method !== "GET" ? { data: form, headers: { "Content-Type": "application/x-www-form-urlencoded" } } : {}),
    })) as { statusCode: number; body: unknown; headers?: Record<string, string> };
    const isObject = typeof body === "object" && body !== null;
    return { status: statusCode, body: isObject ? (body as Answer["body"]) : {}, headers: headers ?? {} };
  }
  return async (ask) => {
    for (let retry = 0; ; retry++) {
      const answer = await once(ask).catch((error: { code?: string }) => {
        // The error's own text and object contain the Authorization header.
        throw new NotRun(`no response to ${ask.method} ${ask.path} (${error.code ?? "the connection failed"})`);
      });
      if (answer.status !== BUSY.status || retry === BUSY.retries) return answer;
      await wait(BUSY.firstWaitMs * 2 ** retry);
    }
  };
}

/** The host and the whole path of a short path. */
function placeOf(path: string, accountSid: string): { host: string; path: string } {
  const [, product = "conversations", rest = path] = /^([a-z]+):(.*)$/.exec(path) ?? [];
  const isShort = product === "api" && !rest.startsWith("/2010-04-01/");
  return { host: `${product}.twilio.com`, path: isShort ? `/2010-04-01/Accounts/${accountSid}${rest}` : rest };
}

/** A response in a few words. */
export function describe({ status, body: { code, message } }: Answer): string {
  return `status ${status}${code === undefined ? "" : `, code ${code}`}${typeof message === "string" ? `: ${message}` : ""}`;
}

/** The path of an object that was created at a path. */
export function objectPath(path: string, sid: string): string {
  const collection = path.replace("ConversationWithParticipants", "Conversations");
  return collection.endsWith(".json") ? collection.replace(/\.json$/, `/${sid}.json`) : `${collection}/${sid}`;
}

/** All items of a list. `key` is what the list names them. */
export async function everyItem(send: Send, path: string, key: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  const product = /^[a-z]+:/.exec(path)?.[0] ?? "";
  for (let next: string | undefined = `${path}?PageSize=100`; next !== undefined; ) {
    const { status, body }: Answer = await send({ method: "GET", path: next });
    if (status !== 200) throw new NotRun(`GET ${path} returned ${status}`);
    items.push(...((body[key] ?? []) as Record<string, unknown>[]));
    next = nextOf(body, product);
  }
  return items;
}

function nextOf(body: Answer["body"], product: string): string | undefined {
  const given = (body.meta as { next_page_url?: string | null } | undefined)?.next_page_url ?? body.next_page_uri;
  if (typeof given !== "string" || given === "") return undefined;
  const { pathname, search } = new URL(given, "https://api.twilio.com");
  return product + pathname.replace(/^\/2010-04-01\/Accounts\/AC[0-9a-f]{32}/, "") + search;
}
