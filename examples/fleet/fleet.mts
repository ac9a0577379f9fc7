import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Order, Outcome } from "./one.mts";
import type { Tenant } from "./tenant.mts";

/** How a fleet is brought up. */
export interface FleetOptions extends Omit<Order, "tenant"> {
  readonly tenants: readonly Tenant[];
  /** So many at once. Each is an engine, a provider and a program of some 400 MiB together, and half a core. */
  readonly atOnce: number;
  /** Aborted, what is under way ends as with Ctrl-C, and nothing more is begun. */
  readonly signal?: AbortSignal;
  /** Called as each one begins. */
  readonly onBegin?: (name: string) => void;
  /** Called as each one ends. */
  readonly onEnd?: (outcome: Outcome) => void;
}

/** Requests to Twilio that all tenants together have in flight, however many there are: its limit is the account's. */
const REQUESTS_AT_ONCE = 20;

/**
 * Brings up a stack for each tenant, some at once. One that fails does not hinder the others. To resume is to run it again: what is up is found
 * unchanged, without a request to Twilio, and only what is missing is made.
 */
export async function bringUp({ tenants, atOnce, signal, onBegin, onEnd, config, ...order }: FleetOptions): Promise<Outcome[]> {
  const waiting = [...tenants];
  const outcomes: Outcome[] = [];
  const share = { "twilio:maxConcurrency": { value: String(Math.max(1, Math.floor(REQUESTS_AT_ONCE / atOnce))) } };

  async function work(): Promise<void> {
    for (let tenant = waiting.shift(); tenant && !signal?.aborted; tenant = waiting.shift()) {
      onBegin?.(tenant.name);
      const outcome = await inItsOwnProcess({ tenant, config: { ...share, ...config }, ...order }, signal);
      outcomes.push(outcome);
      onEnd?.(outcome);
    }
  }

  await Promise.all(Array.from({ length: Math.min(atOnce, tenants.length) }, work));
  return outcomes;
}

/** Programs that run in one process fail together: a promise that nobody catches is the process's, not the program's. */
async function inItsOwnProcess(order: Order, signal: AbortSignal | undefined): Promise<Outcome> {
  const began = performance.now();
  // In a group of its own, so that Ctrl-C comes to it once, from here: the second one would have the engine drop everything.
  const child = fork(fileURLToPath(new URL("one.mts", import.meta.url)), { detached: true });
  let outcome: Outcome | undefined;
  child.on("message", (told: Outcome) => {
    outcome = told;
  });
  const interrupt = () => void child.kill("SIGINT");
  signal?.addEventListener("abort", interrupt);
  child.send(order);
  const [code, by] = (await once(child, "close")) as [number | null, string | null];
  signal?.removeEventListener("abort", interrupt);
  const seconds = (performance.now() - began) / 1000;
  return outcome ? { ...outcome, seconds } : { name: order.tenant.name, seconds, error: `its process ended with ${code ?? by}` };
}
