/** A client for the emulator's control plane. */

/** A text that the emulator sent to a handset. */
export interface OutboxMessage {
  from: string;
  to: string;
  body: string;
  mediaUrls: string[];
  sid: string;
  status: string;
  conversationSid: string | null;
  messageSid: string | null;
  date: string;
}

/** Calls the control plane of one emulator. */
export class Control {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async call(method: string, path: string, input?: unknown): Promise<{ status: number; body: Record<string, unknown> }> {
    const body = input === undefined ? undefined : typeof input === "string" ? input : JSON.stringify(input);
    const response = await fetch(`${this.url}/_emulator/${path}`, { method, body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Returns the body of a successful response. Throws for any other status. */
  async ok(method: string, path: string, input?: unknown): Promise<Record<string, unknown>> {
    const { status, body } = await this.call(method, path, input);
    if (status !== 200) throw new Error(`${method} ${path} returned ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  async inbound(from: string, to: string, body: string, more: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return this.ok("POST", "inbound", { from, to, body, ...more });
  }

  async outbox(to?: string): Promise<OutboxMessage[]> {
    const { messages } = await this.ok("GET", to === undefined ? "outbox" : `outbox?to=${encodeURIComponent(to)}`);
    return messages as OutboxMessage[];
  }

  /** Advances the emulator's clock. Pending background work, such as deliveries, is finished first. */
  async advance(seconds: number): Promise<void> {
    await this.ok("POST", "clock", { advanceSeconds: seconds });
  }
}
