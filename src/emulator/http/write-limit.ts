/** Twilio's limit for writes: so many per second to one service of Conversations. */
import { fail } from "../errors";
import type { Target } from "./hosts";

const WINDOW_MS = 1000;

/** Counts the writes of the last second, per service. The account's default service has its own count. */
export class WriteLimit {
  /** When the writes of the last second were accepted, from `performance.now()`, by account and service. */
  private readonly accepted = new Map<string, number[]>();

  constructor(private readonly perSecond: number) {}

  /** Counts one request. Throws error 20429 if it is a write too many. */
  admit(accountSid: string, method: string, { product, path }: Pick<Target, "product" | "path">): void {
    if (product !== "conversations" || method === "GET") return;
    const service = /^\/v1\/Services\/(IS[0-9a-f]{32})\//.exec(path)?.[1] ?? "";
    const now = performance.now();
    const key = `${accountSid} ${service}`;
    const recent = (this.accepted.get(key) ?? []).filter((at) => now - at < WINDOW_MS);
    this.accepted.set(key, recent);
    if (recent.length >= this.perSecond) throw fail(20429);
    recent.push(now);
  }
}
