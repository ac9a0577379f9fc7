import { type Failure, TwilioError } from "./errors";
import type { Body, Request } from "./twilio";

/** An HTTP response as the client returns it; the body is parsed if it is JSON. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Why a request failed; `undefined` if it succeeded. */
export function failureOf({ statusCode: status, body, headers }: HttpResponse, method: Request["method"]): Failure | undefined {
  const isJson = isObject(body);
  const hasSuccessStatus = status >= 200 && status < 300;
  // Twilio answers a deletion with 204 and everything else with an object.
  if (method === "delete" ? status === 204 : hasSuccessStatus && isJson && status !== 204) return undefined;
  if (hasSuccessStatus && method === "delete") {
    return { status: 0, message: `the response to a deletion must be HTTP 204; received HTTP ${status}${describeWebPage(body)}` };
  }
  // Any other success comes from a proxy or gateway, so it is unknown whether Twilio carried out the request.
  if (hasSuccessStatus) return { status: 0, message: `the response is not a JSON object (HTTP ${status})${describeWebPage(body)}` };
  const error = isJson ? (body as { code?: number; message?: string; more_info?: string }) : {};
  const requestId = headers?.["twilio-request-id"];
  return {
    status,
    message: error.message ?? `the response contains no error message${describeWebPage(body)}`,
    ...(error.code == null ? {} : { code: error.code }),
    ...(error.more_info == null ? {} : { moreInfo: error.more_info }),
    ...(typeof requestId === "string" ? { requestId } : {}),
  };
}

const isObject = (value: unknown): value is Body => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The objects under a key of a response. A response without them is an error and not an empty list: a guard that reads it would let everything
 * pass.
 */
export function itemsOf(body: Body, key: string, attempt: string): Body[] {
  const items = body[key];
  if (Array.isArray(items) && items.every(isObject)) return items;
  const message = items === undefined ? `the response has no ${key}` : `${key} in the response must be a list of objects`;
  throw new TwilioError(attempt, { status: 0, message, isRead: true, isInvalid: true });
}

/**
 * Throws where a response names other SIDs than the request, or, if `isRequired`, does not name them. `names` are properties of the response with
 * the SIDs that were asked for.
 */
export function verifyNames(body: Body, names: Readonly<Record<string, string>>, attempt: string, isRequired = false): void {
  for (const [key, wanted] of Object.entries(names)) {
    const named = body[key] ?? undefined;
    if (named === wanted || (named === undefined && !isRequired)) continue;
    const message = `${key} in the response must be ${wanted}; received ${JSON.stringify(named) ?? "none"}`;
    throw new TwilioError(attempt, { status: 0, message, isRead: true, isInvalid: true });
  }
}

/**
 * The path and query of the next page: of a URL under `meta` in the v1 products, of a path in the 2010 API. Only these are used, so a list never
 * leads to another host; a page of another collection, or one that was `read` before, is an error.
 */
export function nextPageOf(
  page: Body,
  { path, attempt }: Pick<Request, "path" | "attempt">,
  read: ReadonlySet<string>,
): string | undefined {
  const given = (page.meta as { next_page_url?: unknown } | null | undefined)?.next_page_url || page.next_page_uri;
  if (!given) return undefined;
  const url = URL.parse(String(given), "https://twilio.com");
  const next = url && url.pathname.replace(/^\/[a-z0-9.-]+\.twilio\.com(?=\/)/, "") + url.search;
  if (next && collectionOf(next) === collectionOf(path) && !read.has(next)) return next;
  const message = `the next page in the response must be a further page of ${path}; received ${JSON.stringify(given)}`;
  throw new TwilioError(attempt, { status: 0, message, isRead: true, isInvalid: true });
}

/** Twilio may write the parents of a collection in another form: the default service without its SID. */
const collectionOf = (path: string): string => (path.split("?")[0] as string).split("/").at(-1) as string;

const describeWebPage = (body: unknown): string =>
  typeof body === "string" && /^\s*</.test(body) ? "; it is a web page, probably from a proxy or gateway" : "";

/** Whether Twilio reports that the object does not exist, which it does with an error code. A gateway's 404 has none. */
export const isAbsent = ({ statusCode, body }: HttpResponse): boolean =>
  statusCode === 404 && typeof (body as { code?: unknown } | null | undefined)?.code === "number";

/** The body of a successful response. */
export const bodyOf = ({ statusCode, body }: HttpResponse): Body => (statusCode === 204 ? {} : (body as Body));

/** How long Twilio asks to wait, in milliseconds. */
export function retryAfterMs({ headers }: HttpResponse, now: number): number | undefined {
  const header = headers?.["retry-after"];
  if (typeof header !== "string") return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** How far Twilio's clock is ahead of this machine's, in milliseconds. */
export function skewMs({ headers }: HttpResponse): number | undefined {
  const date = headers?.date;
  const ms = typeof date === "string" ? Date.parse(date) - Date.now() : Number.NaN;
  return Number.isFinite(ms) ? ms : undefined;
}
