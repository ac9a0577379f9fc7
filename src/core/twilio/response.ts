import type { Failure } from "./errors";
import type { Body } from "./twilio";

/** An HTTP answer as the client hands it over; the body is parsed where it is JSON. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** What Twilio said against a request; `undefined` when it did what was wanted. */
export function failureOf({ statusCode: status, body, headers }: HttpResponse, method: "get" | "post" | "delete"): Failure | undefined {
  const isJson = typeof body === "object" && body !== null;
  const succeeded = status >= 200 && status < 300;
  if (method === "delete" ? status === 204 || (succeeded && isJson) : succeeded && isJson && status !== 204) return undefined;
  // Another success comes from something between here and Twilio: nobody knows what became of the request.
  if (succeeded) return { status: 0, message: `the answer is not JSON (HTTP ${status})${gateway(body)}` };
  const said = isJson ? (body as { code?: number; message?: string; more_info?: string }) : {};
  const requestId = headers?.["twilio-request-id"];
  return {
    status,
    message: said.message ?? `Twilio gave no reason${gateway(body)}`,
    ...(said.code == null ? {} : { code: said.code }),
    ...(said.more_info == null ? {} : { moreInfo: said.more_info }),
    ...(typeof requestId === "string" ? { requestId } : {}),
  };
}

const gateway = (body: unknown): string =>
  typeof body === "string" && /^\s*</.test(body) ? "; it is a web page, as of a proxy or a gateway in between" : "";

/** Whether Twilio itself says that there is no such thing, which it does with a code. A gateway's 404 says nothing about the object. */
export const isAbsent = ({ statusCode, body }: HttpResponse): boolean =>
  statusCode === 404 && typeof (body as { code?: unknown } | null | undefined)?.code === "number";

/** The body of a success. */
export const bodyOf = ({ statusCode, body }: HttpResponse): Body => (statusCode === 204 ? {} : (body as Body));

/** How long Twilio asks to wait, in milliseconds. */
export function retryAfterMs({ headers }: HttpResponse, now: number): number | undefined {
  const header = headers?.["retry-after"];
  if (typeof header !== "string") return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** How far Twilio's clock is ahead of ours, in milliseconds. */
export function skewMs({ headers }: HttpResponse): number | undefined {
  const date = headers?.date;
  const ms = typeof date === "string" ? Date.parse(date) - Date.now() : Number.NaN;
  return Number.isFinite(ms) ? ms : undefined;
}
