import twilio from "twilio";
import type { Account } from "./stack.mts";

/** How often an endpoint was called. */
export interface Call {
  readonly host: string;
  readonly method: string;
  readonly path: string;
  readonly count: number;
}

/** Twilio's own client sends what it makes for `https://<product>.twilio.com` to the emulator. */
class Redirected extends twilio.RequestClient {
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

/** The emulator as somebody else sees it: Twilio's own client, and what the emulator tells of the calls it got. */
export interface Outside extends Account {
  readonly client: twilio.Twilio;
  /** An endpoint of the API that the client does not know, or a form that it does not take. */
  rest<T = Record<string, unknown>>(path: string, form?: Record<string, string>): Promise<T>;
  calls(): Promise<Call[]>;
  /** The calls that may change something. */
  writes(): Promise<Call[]>;
  forgetCalls(): Promise<void>;
  fault(rule: Record<string, unknown>): Promise<void>;
  /** How often each rule has acted, in the order in which they were given. */
  faultsActed(): Promise<number[]>;
  forgetFaults(): Promise<void>;
  /** Lets that much time pass at Twilio. */
  advance(seconds: number): Promise<void>;
  /** Sets Twilio's clock so many seconds ahead of this machine's, or behind it. */
  skewClock(skewSeconds: number): Promise<void>;
}

export function outside({ url, accountSid, authToken }: Account): Outside {
  const client = twilio(accountSid, authToken, { accountSid, httpClient: new Redirected(url) });

  async function ask<T>(path: string, init: RequestInit): Promise<T> {
    const answer = await fetch(`${url}/${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${init.method ?? "GET"} ${path}: HTTP ${answer.status}: ${text}`);
    return (text ? JSON.parse(text) : undefined) as T;
  }
  const control = <T,>(path: string, method: string, body?: unknown) =>
    ask<T>(`_emulator/${path}`, {
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
      return ask(path, form ? { method: "POST", headers, body: new URLSearchParams(form) } : { headers });
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

/** What a fetch finds; `undefined` where there is no such thing. */
export async function found<T>(fetched: Promise<T>): Promise<T | undefined> {
  try {
    return await fetched;
  } catch (error) {
    if ((error as { status?: number }).status === 404) return undefined;
    throw error;
  }
}
