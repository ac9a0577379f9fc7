import { fork } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Outcome, TenantJob } from "./one.mts";
import type { Tenant } from "./tenant.mts";
import { declarationOf, filesOf, openLog, readRecord, removeRecord, writeRecord } from "./tenant-files.mts";

/** Options for {@link bringUp}. */
export interface FleetOptions extends Omit<TenantJob, "tenant"> {
  readonly tenants: readonly Tenant[];
  /** The number of updates at once. Each is an engine, a provider and a program: about 400 MiB together, and half a core. */
  readonly atOnce: number;
  /** The folder for each tenant's log and record. */
  readonly folder: string;
  /** Also updates tenants that are up with the same declaration, for example after an upgrade of the package. Default: false. */
  readonly all?: boolean;
  /** On abort, running updates end as with Ctrl-C, and no more start. */
  readonly signal?: AbortSignal;
  /** Called when a tenant's update starts. */
  readonly onBegin?: (name: string) => void;
  /** Called when a tenant's update ends, and for each tenant that needs none. */
  readonly onEnd?: (outcome: Outcome) => void;
}

/** The highest number of concurrent requests of all tenants together, because Twilio's limit applies to the account. */
const REQUESTS_AT_ONCE = 20;

/**
 * Brings up a stack for each tenant, several at once. A tenant that fails does not stop the others. To resume, call this again: tenants that are up
 * with the same declaration are left out, those that failed are first, and only missing resources are created.
 */
export async function bringUp(options: FleetOptions): Promise<Outcome[]> {
  const { tenants, atOnce, folder, all = false, signal, onBegin, onEnd, config, ...job } = options;
  checkOptions(options);
  const share = { "twilio:maxConcurrency": String(Math.max(1, Math.floor(REQUESTS_AT_ONCE / atOnce))) };
  const outcomes: Outcome[] = [];
  const end = (outcome: Outcome) => {
    outcomes.push(outcome);
    onEnd?.(outcome);
  };

  const failed: Tenant[] = [];
  const others: Tenant[] = [];
  for (const tenant of tenants) {
    const record = await readRecord(folder, tenant.name);
    if (record?.outcome.error !== undefined) failed.push(tenant);
    else if (!all && record?.declaration === (await declarationOf(tenant, job.env))) end({ ...record.outcome, seconds: 0, upToDate: true });
    else others.push(tenant);
  }
  const queue = [...failed, ...others];

  async function worker(): Promise<void> {
    for (let tenant = queue.shift(); tenant && !signal?.aborted; tenant = queue.shift()) {
      onBegin?.(tenant.name);
      await removeRecord(folder, tenant.name);
      const outcome = await runInProcess({ tenant, config: { ...share, ...config }, ...job }, folder, signal);
      await writeRecord(folder, { declaration: await declarationOf(tenant, job.env), outcome });
      end(outcome);
    }
  }

  await Promise.all(Array.from({ length: Math.min(atOnce, queue.length) }, worker));
  return outcomes;
}

function checkOptions({ tenants, atOnce }: FleetOptions): void {
  if (!Number.isInteger(atOnce) || atOnce < 1) throw new Error(`The number of updates at once must be 1 or more; received ${atOnce}`);
  const names = new Set<string>();
  for (const { name } of tenants) {
    // The name is also the name of the stack and of the files.
    if (!/^[A-Za-z0-9][A-Za-z0-9-]*$/.test(name))
      throw new Error(`A tenant's name must have letters, digits and hyphens only; received "${name}"`);
    if (names.has(name)) throw new Error(`Each tenant must have its own name; received "${name}" twice`);
    names.add(name);
  }
}

/** Each update has its own process: an unhandled promise rejection in one program ends every program in the process. */
async function runInProcess(job: TenantJob, folder: string, signal: AbortSignal | undefined): Promise<Outcome> {
  const startedAt = performance.now();
  const { name } = job.tenant;
  const log = await openLog(folder, name, { ...process.env, ...job.env });
  // A separate process group: the child receives Ctrl-C once, from this process. A second signal would make the engine stop at once.
  const child = fork(fileURLToPath(new URL("one.mts", import.meta.url)), { detached: true, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let sent: Pick<Outcome, "changes" | "outputs" | "error"> | undefined;
  child.on("message", (message: Pick<Outcome, "changes" | "outputs" | "error">) => {
    sent = message;
  });
  const interrupt = () => void child.kill("SIGINT");
  signal?.addEventListener("abort", interrupt);
  child.send(job);
  const logged = [child.stdout, child.stderr].map((stream) => log.follow(stream as Readable));
  const [code, signalName] = (await once(child, "close")) as [number | null, string | null];
  signal?.removeEventListener("abort", interrupt);
  await Promise.all(logged);
  const { error, ...result } = sent ?? { error: `the process ended with ${code ?? signalName}` };
  await log.close(error === undefined ? "The tenant is up." : `FAILED: ${error}`);
  const seconds = (performance.now() - startedAt) / 1000;
  return { name, seconds, log: filesOf(folder, name).log, ...result, ...(error !== undefined && { error: log.redact(error) }) };
}
