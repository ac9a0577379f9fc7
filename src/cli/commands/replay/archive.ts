import { readFileSync } from "node:fs";

/** A recorded request to Twilio's REST API, and what it returned. */
export interface Recorded {
  /** Its position in the archive, from 1. */
  readonly number: number;
  readonly method: string;
  /** `conversations.twilio.com`. */
  readonly host: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** The account or the API key; null for a request that nothing signed in, undefined if the archive does not have it. */
  readonly signedInBy: string | null | undefined;
  readonly at: number;
  readonly status: number;
  /** Undefined if the archive has no JSON of it. */
  readonly response: unknown;
}

/** What an archive has. */
export interface Archive {
  readonly requests: readonly Recorded[];
  /** How many are not for the REST API, and how many have no response of their own: none at all, 429, or 5xx. */
  readonly skipped: { readonly otherHosts: number; readonly withoutResponse: number };
}

const REST = /^(api|conversations|iam|messaging|numbers|pricing)(\.[a-z0-9-]+)*\.twilio\.com$/i;
/** Some headers would describe another connection, or other credentials. */
const SENT = ["accept", "content-type", "x-twilio-webhook-enabled"];

interface Pair {
  readonly name: string;
  readonly value: string;
}
interface Entry {
  readonly startedDateTime?: string;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers?: readonly Pair[];
    readonly postData?: { text?: string; params?: readonly Pair[]; mimeType?: string };
  };
  readonly response: { readonly status: number; readonly content?: { readonly text?: string; readonly encoding?: string } };
  readonly _signedInBy?: string | null;
}

/** Reads an archive of the format HAR 1.2, from whatever tool. */
export function readArchive(file: string): Archive {
  const entries = entriesOf(file).map((entry, index) => checked(file, entry, index));
  const rest = entries.flatMap((entry, index) => {
    const recorded = recordedOf(entry, index + 1);
    return recorded === undefined ? [] : [recorded];
  });
  const requests = rest.filter(({ status }) => status > 0 && status !== 429 && (status < 500 || status === 501));
  return { requests, skipped: { otherHosts: entries.length - rest.length, withoutResponse: rest.length - requests.length } };
}

function entriesOf(file: string): unknown[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`cannot read ${file}: ${(error as Error).message}. Name a recording.`);
  }
  let archive: { log?: { entries?: unknown } } | null;
  try {
    // Some tools begin with a byte order mark.
    archive = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new Error(`${file} must be JSON of the format HAR 1.2, but is not: ${(error as Error).message}. Record it again.`);
  }
  const entries = archive?.log?.entries;
  if (Array.isArray(entries)) return entries;
  throw new Error(`${file} must be of the format HAR 1.2, with a list log.entries, but has none. Record it again.`);
}

function checked(file: string, entry: unknown, index: number): Entry {
  const { request, response } = (entry ?? {}) as Partial<Entry>;
  const problem =
    typeof request?.method !== "string"
      ? "request.method must be a string"
      : typeof request.url !== "string" || !URL.canParse(request.url)
        ? "request.url must be an absolute URL"
        : typeof response?.status !== "number"
          ? "response.status must be a number"
          : undefined;
  if (problem === undefined) return entry as Entry;
  throw new Error(`${file}: log.entries[${index}].${problem}, as in HAR 1.2. Correct or remove this entry.`);
}

function recordedOf({ startedDateTime = "", request, response, _signedInBy }: Entry, number: number): Recorded | undefined {
  const url = new URL(request.url);
  // At the emulator, the host may be the first part of the path.
  const [, first = "", rest = ""] = /^\/([^/]*\.twilio\.com)(\/.*)$/.exec(url.pathname) ?? [];
  const [host, path] = REST.test(url.hostname) ? [url.hostname, url.pathname] : [first, rest];
  if (!REST.test(host) || !/^(GET|POST|DELETE|PUT|PATCH)$/.test(request.method)) return undefined;
  const headers = Object.fromEntries((request.headers ?? []).map(({ name, value }) => [name.toLowerCase(), value]));
  const kept = Object.entries(headers).filter(([name]) => SENT.includes(name));
  return {
    number,
    method: request.method,
    host: `${host.split(".")[0]?.toLowerCase()}.twilio.com`,
    path,
    query: url.search.slice(1),
    headers: Object.fromEntries(kept),
    body: bodyOf(request),
    signedInBy: _signedInBy === undefined ? userOf(headers.authorization) : _signedInBy,
    at: Date.parse(startedDateTime),
    status: response.status,
    response: jsonOf(response),
  };
}

function bodyOf({ method, postData }: Entry["request"]): string | undefined {
  if (method === "GET" || postData === undefined) return undefined;
  return postData.text ?? new URLSearchParams((postData.params ?? []).map(({ name, value }): [string, string] => [name, value])).toString();
}

const userOf = (authorization = ""): string | undefined =>
  /^Basic /i.test(authorization) ? Buffer.from(authorization.slice(6), "base64").toString("utf8").split(":")[0] : undefined;

function jsonOf({ content }: Entry["response"]): unknown {
  const text = content?.encoding === "base64" ? Buffer.from(content.text ?? "", "base64").toString("utf8") : content?.text;
  try {
    return text ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
