import type { Connection } from "./connection";
import type { HttpResponse } from "./response";
import type { Request } from "./twilio";

/** Sends one request over the wire, once. Rejects where no answer came within the time. */
export type SendRequest = (request: Request & { readonly url: string; readonly timeoutMs: number }) => Promise<HttpResponse>;

/** Twilio's own client as the wire; the only thing in this package that loads the `twilio` package. */
export function twilioClient({
  username,
  password,
  accountSid,
  region,
  edge,
  baseUrl,
  callTimeoutMs,
  maxConcurrency,
}: Connection): SendRequest {
  // Here and not above: the package takes a fifth of a second to load, which a run without a call need not pay.
  const { Twilio, RequestClient } = require("twilio") as typeof import("twilio");
  const httpClient = new RequestClient({ timeout: callTimeoutMs, maxSockets: maxConcurrency });
  // The client's own time limit ends with the first byte of an answer; one that never comes to its end would be waited for without end.
  httpClient.axios.interceptors.request.use((config) => ({ ...config, signal: AbortSignal.timeout(config.timeout ?? callTimeoutMs) }));
  const client = new Twilio(username, password, {
    accountSid,
    // A base URL is taken as it is; the client would work region and edge into its host name.
    ...(baseUrl === undefined && region ? { region } : {}),
    ...(baseUrl === undefined && edge ? { edge } : {}),
    env: {},
    httpClient,
    userAgentExtensions: ["pulumi-twilio-conversations"],
  });
  return ({ method, url, form, query, timeoutMs }) =>
    client.request({ method, uri: url, timeout: timeoutMs, ...(form ? { data: form } : {}), ...(query ? { params: query } : {}) });
}

// The connection was never made, so nothing of the request has reached Twilio.
const unreached = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);
// These also end connections that stood.
const unreachedOnConnect = new Set(["EHOSTUNREACH", "ENETUNREACH"]);
const timeouts = new Set(["ECONNABORTED", "ERR_CANCELED", "ETIMEDOUT", "ESOCKETTIMEDOUT"]);

/** No answer, and why. */
export interface NoResponse {
  readonly status: 0;
  readonly message: string;
  /** Twilio cannot have seen the request. */
  readonly unreached: boolean;
  readonly timedOut: boolean;
}

/** A network error in words. Only its message goes on: the error itself holds the request with its Authorization header. */
export function noResponse(error: unknown, timeoutMs: number): NoResponse {
  const { message, code = "", cause } = error as { message?: string; code?: string; cause?: unknown };
  const { syscall } = (cause ?? error) as { syscall?: string };
  const timedOut = timeouts.has(code);
  const reason = timedOut
    ? ` within ${timeoutMs / 1000} s`
    : `: ${message ?? "unknown failure"}${code === "" || message?.includes(code) ? "" : ` (${code})`}`;
  return {
    status: 0,
    message: `no answer from Twilio${reason}`,
    unreached: unreached.has(code) || (unreachedOnConnect.has(code) && syscall === "connect"),
    timedOut,
  };
}
