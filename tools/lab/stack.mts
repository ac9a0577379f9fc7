/** A stack on the real engine, and what an operation of it did, for tests and tools. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { EngineEvent, GlobalOpts, LocalWorkspace, PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";

// A folder that is no module of its own, which an import cannot name.
const automation = createRequire(import.meta.url)("@pulumi/pulumi/automation") as typeof import("@pulumi/pulumi/automation/index.js");

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
  /** `clearPendingCreates` forgets creates that were cut off, which a refresh keeps otherwise. */
  refresh(options?: OperationOptions & { readonly clearPendingCreates?: boolean }): Promise<Outcome>;
  destroy(options?: OperationOptions): Promise<Outcome>;
  /** The state's resources by name, as the backend's file holds them. */
  state(): Promise<Record<string, StateResource>>;
  /** All of them, those too that have one name: what is being replaced is there twice. */
  resources(): Promise<StateResource[]>;
  /** The stack's outputs in that file. */
  outputs(): Promise<Record<string, unknown>>;
  /** Settings of the environment for the operations from now on, on top of those that the stack was opened with. */
  setEnv(env: Readonly<Record<string, string>>): void;
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
  /** The folder of the engine's executables. */
  readonly engine: string;
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
export function engineEnv(engine: string, folder: string): Record<string, string> {
  return {
    PATH: `${engine}${delimiter}${process.env.PATH ?? ""}`,
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    XDG_CACHE_HOME: join(folder, "cache"),
    // The plugin loads the same 760 modules in each operation.
    NODE_COMPILE_CACHE: join(tmpdir(), "twilio-test-compiled"),
  };
}

/** Makes a stack whose Twilio is the emulator. Its program runs in this process, its provider in the engine's plugin, from `dist`. */
export async function openStack({
  engine,
  twilio,
  program = async () => {},
  name = "test",
  login = true,
  config = {},
  env = {},
}: StackOptions): Promise<TestStack> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-stack-"));
  const envVars = { ...engineEnv(engine, folder), ...env };
  const stack = await automation.LocalWorkspace.createOrSelectStack(
    { projectName: "proof", stackName: name, program },
    { pulumiCommand: await automation.PulumiCommand.get({ root: dirname(engine) }), envVars },
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
      if (!(error instanceof automation.CommandError)) text += `\n${error}`;
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
    refresh: (settings) => run((options) => stack.refresh({ ...options, ...settings })),
    destroy: (more) => run((options) => stack.destroy({ ...options, ...more })),
    state: async () => Object.fromEntries((await resources()).map((resource) => [nameOf(resource.urn), resource])),
    resources,
    outputs: async () => (await resources()).find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {},
    setEnv(more) {
      (stack.workspace as LocalWorkspace).envVars = { ...envVars, ...more };
    },
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
