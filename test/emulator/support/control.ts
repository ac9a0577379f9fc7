/** The control plane, as a program would use it. */
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

  /** The answer's body, when it is a success. */
  async ok(method: string, path: string, input?: unknown): Promise<Record<string, unknown>> {
    const { status, body } = await this.call(method, path, input);
    if (status !== 200) throw new Error(`${method} ${path} was answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  async inbound(from: string, to: string, body: string, more: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return this.ok("POST", "inbound", { from, to, body, ...more });
  }

  async outbox(to?: string): Promise<OutboxMessage[]> {
    const { messages } = await this.ok("GET", to === undefined ? "outbox" : `outbox?to=${encodeURIComponent(to)}`);
    return messages as OutboxMessage[];
  }

  /** Moves the time; what was under way is finished first. */
  async advance(seconds: number): Promise<void> {
    await this.ok("POST", "clock", { advanceSeconds: seconds });
  }
}
