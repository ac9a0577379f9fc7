/** What tests do through the emulator's control plane: use phones, and wait for texts and webhooks. */

import { control } from "../emulator/handle.js";

/** A text that a phone sent or received. */
export interface Text {
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly direction: string;
  readonly [property: string]: unknown;
}

/** A webhook and what its receiver did. */
export interface Delivery {
  readonly event: string;
  readonly url: string | null;
  readonly parameters: Readonly<Record<string, string>>;
  /** `pending` until it is final; `delivered` and `failed`; for a pre-webhook `accepted`, `amended`, `rejected` or `unanswered`. */
  readonly outcome: string;
  readonly attempts: readonly { readonly status: number | null; readonly error: string | null }[];
  readonly [property: string]: unknown;
}

/** The phones and the webhooks of one account. */
export class Handsets {
  private readonly controlUrl: string;
  private readonly timeoutMs: number;

  constructor(controlUrl: string, timeoutMs: number) {
    this.controlUrl = controlUrl;
    this.timeoutMs = timeoutMs;
  }

  async text(from: string, to: string, body: string): Promise<void> {
    await control(this.controlUrl, "POST", "inbound", { from, to, body });
  }

  async texts(phone: string): Promise<Text[]> {
    return (await control<{ messages: Text[] }>(this.controlUrl, "GET", `texts?handset=${encodeURIComponent(phone)}`)).messages;
  }

  receive(phone: string, count: number): Promise<Text[]> {
    const read = async () =>
      (await control<{ messages: Text[] }>(this.controlUrl, "GET", `outbox?to=${encodeURIComponent(phone)}`)).messages;
    return this.waitUntil(`${phone} has received ${count} texts`, read, ({ length }) => length >= count);
  }

  webhooks(event: string, count: number): Promise<Delivery[]> {
    const read = async () =>
      (await control<{ deliveries: Delivery[] }>(this.controlUrl, "GET", `webhooks?event=${encodeURIComponent(event)}`)).deliveries;
    const isFinal = ({ outcome }: Delivery) => outcome !== "pending";
    return this.waitUntil(`${count} webhooks ${event} are final`, read, (found) => found.length >= count && found.every(isFinal));
  }

  async settled(): Promise<void> {
    const read = async () => (await control<{ deliveries: Delivery[] }>(this.controlUrl, "GET", "webhooks?status=pending")).deliveries;
    await this.waitUntil("no webhook is in flight", read, ({ length }) => length === 0);
  }

  async advance(seconds: number): Promise<void> {
    await control(this.controlUrl, "POST", "clock", { advanceSeconds: seconds });
  }

  /** Reads again at each event, instead of after some time. */
  private async waitUntil<T>(what: string, read: () => Promise<T>, holds: (found: T) => boolean): Promise<T> {
    const ended = new AbortController();
    const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(this.timeoutMs)]);
    let found: T | undefined;
    try {
      // Subscribed before the first read, so that no event is missed in between.
      const { body } = await fetch(`${this.controlUrl}/events`, { signal });
      for await (const _events of body ?? []) {
        found = await read();
        if (holds(found)) return found;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      ended.abort();
    }
    throw new Error(`It must happen within ${this.timeoutMs} ms that ${what}; found ${JSON.stringify(found)}.`);
  }
}
