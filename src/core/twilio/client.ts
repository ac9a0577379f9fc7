import type { Connection } from "./connection";
import type { HttpResponse } from "./response";
import type { Request } from "./twilio";

/** Sends one request once. Rejects if there is no response within the time limit. */
export type SendRequest = (request: Request & { readonly url: string; readonly timeoutMs: number }) => Promise<HttpResponse>;

/** Sends requests with Twilio's own client; nothing else in this package loads the `twilio` package. */
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
  // Loaded here, because loading takes 200 ms, which a run without a request does not need to spend.
  const { Twilio, RequestClient } = require("twilio") as typeof import("twilio");
  const httpClient = new RequestClient({ timeout: callTimeoutMs, maxSockets: maxConcurrency });
  // The client's own time limit ends with the first byte of a response, so a response that never ends would block forever.
  httpClient.axios.interceptors.request.use((config) => ({ ...config, signal: AbortSignal.timeout(config.timeout ?? callTimeoutMs) }));
  const client = new Twilio(username, password, {
    accountSid,
    // The client would insert region and edge into the host name of a base URL.
    ...(baseUrl === undefined && region ? { region } : {}),
    ...(baseUrl === undefined && edge ? { edge } : {}),
    env: {},
    httpClient,
    userAgentExtensions: ["pulumi-twilio-conversations"],
  });
  return ({ method, url, form, query, timeoutMs }) =>
    client.request({ method, uri: url, timeout: timeoutMs, ...(form ? { data: form } : {}), ...(query ? { params: query } : {}) });
}

// Without a connection, nothing of the request has reached Twilio.
const connectFailures = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"]);
// These can also end an established connection.
const connectFailuresBySyscall = new Set(["EHOSTUNREACH", "ENETUNREACH"]);
const timeouts = new Set(["ECONNABORTED", "ERR_CANCELED", "ETIMEDOUT", "ESOCKETTIMEDOUT"]);

// The handshake failed, so nothing was sent. Waiting does not mend a certificate, or a server that does not speak TLS.
const untrusted =
  /^(CERT_|ERR_TLS_CERT|ERR_SSL_WRONG_VERSION|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_CERT|UNABLE_TO_(GET|VERIFY|DECRYPT|DECODE)|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE))/;

/** Why a request has no response. */
export interface NoResponse {
  readonly status: 0;
  readonly message: string;
  /** Whether the connection failed, so that Twilio cannot have seen the request. */
  readonly isUnreached: boolean;
  /** The connection failed because of the server's certificate. */
  readonly isUntrusted: boolean;
  readonly timedOut: boolean;
}

/** Describes a network error. Only its message is used, because the error object contains the Authorization header. */
export function noResponse(error: unknown, timeoutMs: number): NoResponse {
  const { message, code = "", cause } = error as { message?: string; code?: string; cause?: unknown };
  const { syscall } = (cause ?? error) as { syscall?: string };
  const timedOut = timeouts.has(code);
  const isUntrusted = untrusted.test(code);
  const reason = timedOut
    ? ` within ${timeoutMs / 1000} s`
    : `: ${message ?? "unknown failure"}${code === "" || message?.includes(code) ? "" : ` (${code})`}`;
  return {
    status: 0,
    message: `no response from Twilio${reason}`,
    isUnreached: isUntrusted || connectFailures.has(code) || (connectFailuresBySyscall.has(code) && syscall === "connect"),
    isUntrusted,
    timedOut,
  };
}
