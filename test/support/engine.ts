import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import {
  CommandError,
  type EngineEvent,
  type GlobalOpts,
  LocalWorkspace,
  PulumiCommand,
  type PulumiFn,
  type Stack,
} from "@pulumi/pulumi/automation";
import { inject } from "vitest";

/** What the engine did, or would do, to one resource. */
export interface Step {
  readonly name: string;
  readonly type: string;
  readonly op: string;
  /** Properties that differ, with the engine's words for how. */
  readonly diff: Readonly<Record<string, string>>;
}

/** A message in the engine's display, under a resource or, where the URN is empty, under the stack. */
export interface Diagnostic {
  readonly urn: string;
  readonly severity: string;
  readonly message: string;
}

/** An operation of the real engine, seen from outside. */
export interface Outcome {
  readonly ok: boolean;
  /** Everything that was printed. */
  readonly text: string;
  /** One step for each resource that is neither the stack itself nor a provider, in the engine's order. */
  readonly steps: readonly Step[];
  /** What became of each resource, the unchanged ones left out. A refresh tells only here what it found. */
  readonly changes: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
  /** The engine's whole event stream, a line for each event. */
  readonly events: string;
}

/** A resource as the engine's state holds it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
}

/** What the Automation API takes for any operation: a signal that is sent on to the CLI as Ctrl-C, and how much is logged. */
export type OperationOptions = Pick<GlobalOpts, "debug" | "logFlow" | "logVerbosity" | "logToStdErr"> & { readonly signal?: AbortSignal };

/** A stack on the real engine with the file backend, in a folder of its own. */
export interface TestStack {
  /** Holds the backend, and the notes that the provider keeps. */
  readonly folder: string;
  readonly stack: Stack;
  /** The program that the next operation runs. */
  program: PulumiFn;
  up(options?: OperationOptions): Promise<Outcome>;
  preview(options?: OperationOptions): Promise<Outcome>;
  refresh(options?: OperationOptions): Promise<Outcome>;
  destroy(options?: OperationOptions): Promise<Outcome>;
  /** The state's resources by name, as the backend's file holds them. */
  state(): Promise<Record<string, StateResource>>;
  /** The stack's outputs in that file. */
  outputs(): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** What a stack's Twilio is. */
export interface Account {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
}

/** Options of {@link openStack}. */
export interface StackOptions {
  readonly twilio: Account;
  readonly program?: PulumiFn;
  readonly name?: string;
  /** Whether the stack's configuration holds the credentials. Default: true. */
  readonly login?: boolean;
  /** Settings on top of those that lead to the emulator. */
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The environment in which the engine works on a backend, apart from any login and any setting of the user's. */
export function engineEnv(folder: string): Record<string, string> {
  return {
    PATH: `${inject("engine")}${delimiter}${process.env.PATH ?? ""}`,
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    XDG_CACHE_HOME: join(folder, "cache"),
    // The plugin loads the same 760 modules in each operation.
    NODE_COMPILE_CACHE: join(tmpdir(), "twilio-test-compiled"),
  };
}

/** Makes a stack whose Twilio is the emulator. Its program runs in the test's process, its provider in the engine's plugin, from `dist`. */
export async function openStack({
  twilio,
  program = async () => {},
  name = "test",
  login = true,
  config = {},
  env = {},
}: StackOptions): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-stack-"));
  const stack = await LocalWorkspace.createOrSelectStack(
    { projectName: "proof", stackName: name, program },
    { pulumiCommand: await PulumiCommand.get({ root: dirname(inject("engine")) }), envVars: { ...engineEnv(folder), ...env } },
  );
  await stack.setAllConfig({
    "twilio:baseUrl": { value: twilio.url },
    ...(login && { "twilio:accountSid": { value: twilio.accountSid }, "twilio:authToken": { value: twilio.authToken, secret: true } }),
    ...Object.fromEntries(Object.entries(config).map(([key, value]) => [key, { value }])),
  });

  // Each would run the CLI again after every operation, to tell what the state's file says as well.
  Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });

  const file = join(folder, ".pulumi", "stacks", "proof", `${name}.json`);
  async function resources(): Promise<StateResource[]> {
    const { checkpoint } = JSON.parse(await readFile(file, "utf8")) as { checkpoint: { latest: { resources?: StateResource[] } | null } };
    return checkpoint.latest?.resources ?? [];
  }

  type Options = { onOutput(text: string): void; onError(text: string): void; onEvent(event: EngineEvent): void; color: "never" };
  async function run(operation: (options: Options) => Promise<unknown>): Promise<Outcome> {
    let text = "";
    const events: EngineEvent[] = [];
    let ok = true;
    try {
      const onText = (more: string) => {
        text += more;
      };
      await operation({ color: "never", onOutput: onText, onError: onText, onEvent: (event) => events.push(event) });
    } catch (error) {
      ok = false;
      // The error of a command that ran says again what it printed.
      if (!(error instanceof CommandError)) text += `\n${error}`;
    }
    return { ok, text, ...digest(events) };
  }

  return {
    folder,
    stack,
    get program() {
      return stack.workspace.program as PulumiFn;
    },
    set program(next) {
      stack.workspace.program = next;
    },
    up: (more) => run((options) => stack.up({ ...options, ...more })),
    preview: (more) => run((options) => stack.preview({ ...options, ...more })),
    refresh: (more) => run((options) => stack.refresh({ ...options, ...more })),
    destroy: (more) => run((options) => stack.destroy({ ...options, ...more })),
    state: async () => Object.fromEntries((await resources()).map((resource) => [nameOf(resource.urn), resource])),
    outputs: async () => (await resources()).find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {},
    async close() {
      await rm(stack.workspace.workDir, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const unchanging = new Set(["same", "refresh", "read", "read-discard"]);

/** The engine's events in the few words that tests ask for. */
function digest(events: readonly EngineEvent[]): Pick<Outcome, "steps" | "changes" | "diagnostics" | "events"> {
  const steps: Step[] = [];
  const changes: Record<string, string> = {};
  const diagnostics: Diagnostic[] = [];
  for (const { diagnosticEvent, resourcePreEvent, resOutputsEvent } of events) {
    if (diagnosticEvent && String(diagnosticEvent.severity) !== "debug") {
      const { urn = "", severity, message } = diagnosticEvent;
      diagnostics.push({ urn, severity, message: plainText(message) });
    }
    const before = resourcePreEvent?.metadata;
    if (before && !before.type.startsWith("pulumi:")) {
      const diff = Object.entries(before.detailedDiff ?? {}).map(([key, { diffKind }]) => [key, String(diffKind)]);
      steps.push({ name: nameOf(before.urn), type: before.type, op: before.op, diff: Object.fromEntries(diff) });
    }
    const after = resOutputsEvent?.metadata ?? before;
    if (after && !after.type.startsWith("pulumi:") && !unchanging.has(after.op)) {
      const name = nameOf(after.urn);
      // A replacement comes in three steps, whose order is for `steps` to tell.
      changes[name] = /replace/.test(after.op) ? "replace" : (changes[name] ?? after.op);
    }
  }
  return { steps, changes, diagnostics, events: events.map((event) => JSON.stringify(event)).join("\n") };
}

/** A run of the true CLI. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the true CLI, which starts the language host and the plugin. */
export function startCli(
  args: readonly string[],
  { cwd, env }: { cwd: string; env: Record<string, string> },
): ChildProcess & { ended: Promise<CliRun> } {
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_|VITEST|NODE_ENV$|NODE_OPTIONS$)/.test(name)),
  );
  const child = spawn("pulumi", [...args, "--non-interactive"], { cwd, env: { ...own, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const ended = new Promise<CliRun>((resolve, reject) => {
    child.once("error", reject);
    // Not "close": what a killed CLI leaves behind holds its pipes open.
    child.once("exit", (code) => setImmediate(() => resolve({ code, stdout, stderr })));
  });
  return Object.assign(child, { ended });
}

/** The processes that work on a backend, found by the environment they inherit. */
export async function processesOf(folder: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) =>
      (await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")).includes(`PULUMI_BACKEND_URL=file://${folder}`) ? [Number(pid)] : [],
    ),
  );
  return found.flat();
}

const nameOf = (urn: string): string => urn.split("::").at(-1) as string;

/** The engine marks its messages up with colours, as `<{%fg 1%}>`. */
const plainText = (message: string) => message.replace(/<\{%[^%]*%\}>/g, "").trim();
