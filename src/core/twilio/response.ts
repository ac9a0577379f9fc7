import type { Failure } from "./errors";
import type { Body, Request } from "./twilio";

/** An HTTP response as the client returns it; the body is parsed if it is JSON. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** Why a request failed; `undefined` if it succeeded. */
export function failureOf({ statusCode: status, body, headers }: HttpResponse, method: Request["method"]): Failure | undefined {
  const isJson = typeof body === "object" && body !== null;
  const hasSuccessStatus = status >= 200 && status < 300;
  if (method === "delete" ? status === 204 || (hasSuccessStatus && isJson) : hasSuccessStatus && isJson && status !== 204) return undefined;
  // Any other success comes from a proxy or gateway, so it is unknown whether Twilio carried out the request.
  if (hasSuccessStatus) return { status: 0, message: `the response is not JSON (HTTP ${status})${describeWebPage(body)}` };
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
