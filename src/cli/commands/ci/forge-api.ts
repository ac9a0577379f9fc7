import { setTimeout as pause } from "node:timers/promises";

/** A forge refused a request, or could not be reached. */
export class ForgeError extends Error {
  override readonly name = "ForgeError";

  constructor(
    message: string,
    /** The HTTP status; 0 without a response. */
    readonly status: number,
  ) {
    super(message);
  }
}

/** Sends one request to a forge's API and returns the JSON of the response. */
export type Send = (method: "GET" | "POST" | "PUT" | "PATCH", path: string, body?: unknown) => Promise<unknown>;

/** The longest time for one request, and the longest wait that a forge may ask for, in milliseconds. */
const LIMIT_MS = 30_000;
/** How often a request is sent at most. */
const ATTEMPTS = 4;

/**
 * A forge's API. Retries 429 and 5xx after the time in `Retry-After`, or with exponential backoff. Does not retry a POST after a 5xx: the forge may
 * have created the object.
 */
export function api(base: string, headers: Readonly<Record<string, string>>, secret: string): Send {
  return async (method, path, body) => {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await send(method, `${base}${path}`, headers, body).catch((error: unknown) => error as Error);
      const status = answer instanceof Error ? 0 : answer.status;
      if (!(answer instanceof Error) && answer.ok) return answer.status === 204 ? undefined : answer.json();
      // GitHub also answers 403 to too many requests, with the time to wait.
      const isBusy = status === 429 || (status === 403 && !(answer instanceof Error) && answer.headers.has("retry-after"));
      const again = isBusy || (method !== "POST" && (status === 0 || status >= 500));
      if (!again || attempt === ATTEMPTS) {
        const text =
          answer instanceof Error ? ((answer.cause as Error | undefined)?.message ?? answer.message) : (await answer.text()).slice(0, 300);
        throw new ForgeError(
          `${method} ${base}${path} failed: ${status || "no response"} ${text.replace(/\s+/g, " ")}`.replaceAll(secret, "***"),
          status,
        );
      }
      // An unread body would keep the connection.
      if (!(answer instanceof Error)) await answer.body?.cancel();
      await pause(waitMs(answer, attempt));
    }
  };
}

const send = (method: string, url: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<Response> =>
  fetch(url, {
    method,
    // A redirect could carry the token to another host.
    redirect: "error",
    signal: AbortSignal.timeout(LIMIT_MS),
    headers: {
      ...headers,
      accept: "application/json",
      "user-agent": "twilio-conversations",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

function waitMs(answer: Response | Error, attempt: number): number {
  const retryAfter = answer instanceof Error ? null : answer.headers.get("retry-after");
  const seconds = Number(retryAfter ?? Number.NaN);
  return Math.min(LIMIT_MS, Number.isFinite(seconds) ? seconds * 1000 : 500 * 2 ** attempt);
}
