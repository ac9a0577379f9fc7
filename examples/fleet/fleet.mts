import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Outcome, TenantJob } from "./one.mts";
import type { Tenant } from "./tenant.mts";

/** Options for {@link bringUp}. */
export interface FleetOptions extends Omit<TenantJob, "tenant"> {
  readonly tenants: readonly Tenant[];
  /** The number of updates at once. Each is an engine, a provider and a program: about 400 MiB together, and half a core. */
  readonly atOnce: number;
  /** On abort, running updates end as with Ctrl-C, and no more start. */
  readonly signal?: AbortSignal;
  /** Called when a tenant's update starts. */
  readonly onBegin?: (name: string) => void;
  /** Called when a tenant's update ends. */
  readonly onEnd?: (outcome: Outcome) => void;
}

/** The highest number of concurrent requests of all tenants together, because Twilio's limit applies to the account. */
const REQUESTS_AT_ONCE = 20;

/**
 * Brings up a stack for each tenant, several at once. A tenant that fails does not stop the others. To resume, rerun the fleet: a tenant that is
 * up is unchanged, without a request to Twilio, and only missing resources are created.
 */
export async function bringUp({ tenants, atOnce, signal, onBegin, onEnd, config, ...job }: FleetOptions): Promise<Outcome[]> {
  const queue = [...tenants];
  const outcomes: Outcome[] = [];
  const share = { "twilio:maxConcurrency": { value: String(Math.max(1, Math.floor(REQUESTS_AT_ONCE / atOnce))) } };

  async function worker(): Promise<void> {
    for (let tenant = queue.shift(); tenant && !signal?.aborted; tenant = queue.shift()) {
      onBegin?.(tenant.name);
      const outcome = await runInProcess({ tenant, config: { ...share, ...config }, ...job }, signal);
      outcomes.push(outcome);
      onEnd?.(outcome);
    }
  }

  await Promise.all(Array.from({ length: Math.min(atOnce, tenants.length) }, worker));
  return outcomes;
}

/** Each update has its own process: an unhandled promise rejection in one program ends every program in the process. */
async function runInProcess(job: TenantJob, signal: AbortSignal | undefined): Promise<Outcome> {
  const startedAt = performance.now();
  // A separate process group: the child receives Ctrl-C once, from this process. A second signal would make the engine stop at once.
  const child = fork(fileURLToPath(new URL("one.mts", import.meta.url)), { detached: true });
  let outcome: Outcome | undefined;
  child.on("message", (message: Outcome) => {
    outcome = message;
  });
  const interrupt = () => void child.kill("SIGINT");
  signal?.addEventListener("abort", interrupt);
  child.send(job);
  const [code, signalName] = (await once(child, "close")) as [number | null, string | null];
  signal?.removeEventListener("abort", interrupt);
  const seconds = (performance.now() - startedAt) / 1000;
  return outcome ? { ...outcome, seconds } : { name: job.tenant.name, seconds, error: `the process ended with ${code ?? signalName}` };
}
