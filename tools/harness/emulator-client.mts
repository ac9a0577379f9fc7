import twilio from "twilio";
import type { Account } from "./stack.mts";

/** How often an endpoint was called. */
export interface Call {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly count: number;
}

/** An HTTP client for Twilio's library that sends requests for `https://<product>.twilio.com` to the emulator. */
class RedirectingClient extends twilio.RequestClient {
  private readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
  }

  override request<T>(
    options: Parameters<typeof twilio.RequestClient.prototype.request<T>>[0],
  ): ReturnType<typeof twilio.RequestClient.prototype.request<T>> {
    const { host, pathname, search } = new URL(options.uri);
    return super.request<T>({ ...options, uri: `${this.url}/${host}${pathname}${search}` });
  }
}

/** Access to an emulator that is independent of this package: Twilio's own library, and the emulator's control endpoints. */
export interface EmulatorClient extends Account {
  readonly client: twilio.Twilio;
  /** Calls an endpoint that Twilio's library does not know, or sends a form that it does not accept. */
  rest<T = Record<string, unknown>>(path: string, form?: Record<string, string>): Promise<T>;
  calls(): Promise<Call[]>;
  /** The calls with a method other than GET. */
  writes(): Promise<Call[]>;
  forgetCalls(): Promise<void>;
  fault(rule: Record<string, unknown>): Promise<void>;
  /** How often each fault rule applied, in the order in which the rules were added. */
  faultsActed(): Promise<number[]>;
  forgetFaults(): Promise<void>;
  /** Advances Twilio's clock. */
  advance(seconds: number): Promise<void>;
  /** Sets Twilio's clock ahead of this machine's clock, or behind it if negative. */
  skewClock(skewSeconds: number): Promise<void>;
}

/** Opens the client for an emulator. */
export function emulatorClient({ url, accountSid, authToken }: Account): EmulatorClient {
  const client = twilio(accountSid, authToken, { accountSid, httpClient: new RedirectingClient(url) });

  async function request<T>(path: string, init: RequestInit): Promise<T> {
    const response = await fetch(`${url}/${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${init.method ?? "GET"} ${path}: HTTP ${response.status}: ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
  const control = <T,>(path: string, method: string, body?: unknown) =>
    request<T>(`_emulator/${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
    });
  const calls = async () => (await control<{ calls: Call[] }>("calls", "GET")).calls;

  return {
    url,
    accountSid,
    authToken,
    client,
    rest: (path, form) => {
      const headers = { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}` };
      return request(path, form ? { method: "POST", headers, body: new URLSearchParams(form) } : { headers });
    },
    calls,
    writes: async () => (await calls()).filter(({ method }) => method !== "GET"),
    forgetCalls: () => control("calls", "DELETE"),
    fault: (rule) => control("faults", "POST", rule),
    faultsActed: async () => (await control<{ faults: { acted: number }[] }>("faults", "GET")).faults.map(({ acted }) => acted),
    forgetFaults: () => control("faults", "DELETE"),
    advance: (advanceSeconds) => control("clock", "POST", { advanceSeconds }),
    skewClock: (skewSeconds) => control("clock", "POST", { skewSeconds }),
  };
}

/** Returns the fetched object, or `undefined` if the response is 404. */
export async function fetchOrUndefined<T>(fetched: Promise<T>): Promise<T | undefined> {
  try {
    return await fetched;
  } catch (error) {
    if ((error as { status?: number }).status === 404) return undefined;
    throw error;
  }
}
