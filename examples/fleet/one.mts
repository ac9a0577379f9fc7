// One tenant's update, in the process that fleet.mts starts for it.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConfigMap, LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { program, type Tenant } from "./tenant.mts";

/** One tenant's update. */
export interface TenantJob {
  readonly tenant: Tenant;
  /** The backend of the stacks and the key to their secrets: PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, … */
  readonly env: Readonly<Record<string, string>>;
  /** The configuration of each stack: the Twilio account, or the emulator. */
  readonly config: ConfigMap;
  /** Removes the lock that a killed run left. Use it only when no other run is active. Default: false. */
  readonly unlock?: boolean;
}

/** The result of one tenant's update. */
export interface Outcome {
  readonly name: string;
  readonly seconds: number;
  /** How many resources were created, updated, unchanged and so on. Unset if the update failed. */
  readonly changes?: Readonly<Record<string, number>>;
  /** The stack's outputs. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Why the update failed. It does not affect other tenants. */
  readonly error?: string;
}

// The parent process sends SIGINT. If it ends, the channel disconnects.
const interrupted = new AbortController();
for (const event of ["SIGINT", "disconnect"]) process.on(event, () => interrupted.abort());

async function up({ tenant, env, config, unlock }: TenantJob): Promise<Omit<Outcome, "seconds">> {
  const { name } = tenant;
  // Holds the stack's settings file, which is written again each time.
  const workDir = await mkdtemp(join(tmpdir(), "fleet-"));
  const errors = new Set<string>();
  try {
    const stackArgs = { projectName: "fleet", stackName: name, program: program(tenant) };
    const stack = await LocalWorkspace.createOrSelectStack(stackArgs, { workDir, envVars: { ...env } });
    if (unlock) await stack.cancel();
    await stack.setAllConfig(config);
    const { summary, outputs } = await stack.up({
      signal: interrupted.signal,
      onEvent({ diagnosticEvent }) {
        if (diagnosticEvent?.severity === "error") errors.add(withoutMarkup(diagnosticEvent.message));
      },
    });
    const values = Object.entries(outputs).map(([key, { value, secret }]) => [key, secret ? "[secret]" : value]);
    return { name, changes: summary.resourceChanges ?? {}, outputs: Object.fromEntries(values) };
  } catch (error) {
    errors.delete("update failed");
    return { name, error: errors.size > 0 ? [...errors].join("\n") : cliError(error as Error) };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** The CLI's error if the update did not start, for example because the stack is locked or the backend is missing. */
const cliError = ({ message }: Error): string => /^error: (.*)/m.exec(message)?.[1] ?? message;

/** An engine message without colors (`<{%fg 1%}>`) and without the prefixes that the SDK adds to an error. */
const withoutMarkup = (message: string): string =>
  message
    .replace(/<\{%[^%]*%\}>/g, "")
    .replace(/^(?:Unhandled exception: )?(?:error serializing property "[^"]*": )*/, "")
    .trim();

const [job] = (await once(process, "message")) as [TenantJob];
const outcome = await up(job);
// The parent process may have ended.
if (process.connected) process.send?.(outcome, () => process.disconnect());
