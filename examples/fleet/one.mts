// One tenant's update, in the process that fleet.mts starts for it.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConfigMap, LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { program, type Tenant } from "./tenant.mts";

/** What is to be brought up, where. */
export interface Order {
  readonly tenant: Tenant;
  /** Where the stacks are kept and what opens their secrets: PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, … */
  readonly env: Readonly<Record<string, string>>;
  /** Each stack's configuration: which Twilio, and whose account. */
  readonly config: ConfigMap;
  /** Takes away the lock that a killed run has left. Only when no other run is at work. Default: false. */
  readonly unlock?: boolean;
}

/** What became of one tenant. */
export interface Outcome {
  readonly name: string;
  readonly seconds: number;
  /** How many resources were created, updated, left the same, … Unset where it failed. */
  readonly changes?: Readonly<Record<string, number>>;
  /** What the stack exports. */
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** Why it failed. The others stand. */
  readonly error?: string;
}

// By whoever started this, or by its end.
const interrupted = new AbortController();
for (const event of ["SIGINT", "disconnect"]) process.on(event, () => interrupted.abort());

async function up({ tenant, env, config, unlock }: Order): Promise<Omit<Outcome, "seconds">> {
  const { name } = tenant;
  // The stack's settings file, which is made anew each time.
  const workDir = await mkdtemp(join(tmpdir(), "fleet-"));
  const errors = new Set<string>();
  try {
    const where = { projectName: "fleet", stackName: name, program: program(tenant) };
    const stack = await LocalWorkspace.createOrSelectStack(where, { workDir, envVars: { ...env } });
    if (unlock) await stack.cancel();
    await stack.setAllConfig(config);
    const { summary, outputs } = await stack.up({
      signal: interrupted.signal,
      onEvent({ diagnosticEvent }) {
        if (diagnosticEvent?.severity === "error") errors.add(plain(diagnosticEvent.message));
      },
    });
    const values = Object.entries(outputs).map(([key, { value, secret }]) => [key, secret ? "[secret]" : value]);
    return { name, changes: summary.resourceChanges ?? {}, outputs: Object.fromEntries(values) };
  } catch (error) {
    errors.delete("update failed");
    return { name, error: errors.size > 0 ? [...errors].join("\n") : said(error as Error) };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** What the CLI said where it did not come to an update: the stack is locked, the backend is not there. */
const said = ({ message }: Error): string => /^error: (.*)/m.exec(message)?.[1] ?? message;

/** What the engine was told, without its colours (`<{%fg 1%}>`) and without the way that the error took through the SDK. */
const plain = (message: string): string =>
  message
    .replace(/<\{%[^%]*%\}>/g, "")
    .replace(/^(?:Unhandled exception: )?(?:error serializing property "[^"]*": )*/, "")
    .trim();

const [order] = (await once(process, "message")) as [Order];
const outcome = await up(order);
// Whoever waited for it may be gone by now.
if (process.connected) process.send?.(outcome, () => process.disconnect());
