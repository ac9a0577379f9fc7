// One tenant's update, in the process that fleet.mts starts for it.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { program, type Tenant } from "./tenant.mts";

/** One tenant's update. */
export interface TenantJob {
  readonly tenant: Tenant;
  /**
   * The backend of the stacks, the key to their secrets, and the Twilio account: PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, TWILIO_ACCOUNT_SID,
   * TWILIO_AUTH_TOKEN, … Secrets belong here: the configuration is written to a file, and the SDK's `setConfig` passes it as arguments of the CLI.
   */
  readonly env: Readonly<Record<string, string>>;
  /** More configuration of each stack, without secrets. */
  readonly config?: Readonly<Record<string, string>>;
  /** Removes the lock that a killed run left. Use it only when no other run is active. Default: false. */
  readonly unlock?: boolean;
}

/** The result of one tenant's update. */
export interface Outcome {
  readonly name: string;
  readonly seconds: number;
  /** The file with the output of the tenant's last update. Only its user can read it. */
  readonly log: string;
  /** The tenant was up with the same declaration, and was not updated. */
  readonly upToDate?: boolean;
  /** How many resources were created, updated, unchanged and so on. Unset if the update failed. */
  readonly changes?: Readonly<Record<string, number>>;
  /** The stack's outputs. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Why the update failed. It does not affect other tenants. */
  readonly error?: string;
}

// The parent process sends SIGINT. If it ends, the channel disconnects, and nobody reads the output.
const interrupted = new AbortController();
for (const event of ["SIGINT", "disconnect"]) process.on(event, () => interrupted.abort());
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

async function up({ tenant, env, config = {}, unlock }: TenantJob): Promise<Pick<Outcome, "changes" | "outputs" | "error">> {
  const { name } = tenant;
  // Holds the stack's settings file, which is written each time.
  const workDir = await mkdtemp(join(tmpdir(), "fleet-"));
  const errors = new Set<string>();
  try {
    const stackArgs = { projectName: "fleet", stackName: name, program: program(tenant) };
    const stackSettings = { [name]: { config: { ...config } } };
    const stack = await LocalWorkspace.createOrSelectStack(stackArgs, { workDir, stackSettings, envVars: { ...env } });
    if (unlock) await stack.cancel();
    const { summary, outputs } = await stack.up({
      signal: interrupted.signal,
      color: "never",
      onOutput: (text) => process.stdout.write(text),
      onError: (text) => process.stderr.write(text),
      onEvent({ diagnosticEvent }) {
        if (diagnosticEvent?.severity === "error") errors.add(withoutMarkup(diagnosticEvent.message));
      },
    });
    const values = Object.entries(outputs).map(([key, { value, secret }]) => [key, secret ? "[secret]" : value]);
    return { changes: summary.resourceChanges ?? {}, outputs: Object.fromEntries(values) };
  } catch (error) {
    errors.delete("update failed");
    return { error: errors.size > 0 ? [...errors].join("\n") : cliError(error as Error) };
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
