/** Stacks on the real engine, and the outcome of their operations, for tests and tools. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineEvent, GlobalOpts, PulumiCommand, PulumiFn, Stack } from "@pulumi/pulumi/automation/index.js";
import { addressVariable } from "./key-service.mts";
import { passphrase, writeStack } from "./new-stack.mts";

// This path is a folder without its own entry in `exports`, so an ESM import cannot resolve it.
const require = createRequire(import.meta.url);
const automation = require("@pulumi/pulumi/automation") as typeof import("@pulumi/pulumi/automation/index.js");

// A process here runs many engines, and one may get the port of an earlier one. gRPC keeps a connection for 10 s and would fail the
// operation with "No connection established. Last error: null": it knows the broken connection, and does not try a new one.
const settings = require("@pulumi/pulumi/runtime/settings") as { grpcClientOptions: Record<string, unknown> };
settings.grpcClientOptions["grpc.use_local_subchannel_pool"] = 1;

/** What the engine did, or planned to do, to one resource. */
export interface Step {
  readonly name: string;
  readonly type: string;
  readonly op: string;
  /** The properties that differ, with the kind of difference in the engine's terms. */
  readonly diff: Readonly<Record<string, string>>;
}

/** A message of the engine. It belongs to a resource, or to the stack if the URN is empty. */
export interface Diagnostic {
  readonly urn: string;
  readonly severity: string;
  readonly message: string;
}

/** The outcome of an operation of the real engine. */
export interface Outcome {
  readonly ok: boolean;
  /** All printed output. */
  readonly text: string;
  /** The steps in the engine's order, without the stack itself and providers. */
  readonly steps: readonly Step[];
  /** The change of each resource. Unchanged resources are omitted. A refresh reports its findings only here. */
  readonly changes: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
  /** The engine's complete event stream, one line per event. */
  readonly events: string;
}

/** A resource in the engine's state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: Record<string, unknown>;
}

/** Options for any operation: the log level, and a signal that the Automation API forwards to the CLI as Ctrl-C. */
export type OperationOptions = Pick<GlobalOpts, "debug" | "logFlow" | "logVerbosity" | "logToStdErr"> & { readonly signal?: AbortSignal };

/** Options for operations that change objects: whether the engine goes on with other resources after one has failed. Default: it stops. */
export type ChangeOptions = OperationOptions & { readonly continueOnError?: boolean };

/** A stack on the real engine with a file backend in its own folder. */
export interface TestStack {
  /** The folder of the backend and of the provider's notes. */
  readonly folder: string;
  readonly stack: Stack;
  /** The program of the next operation. */
  program: PulumiFn;
  up(options?: ChangeOptions): Promise<Outcome>;
  preview(options?: OperationOptions): Promise<Outcome>;
  /** `clearPendingCreates` removes interrupted creates, which a refresh keeps by default. */
  refresh(options?: OperationOptions & { readonly clearPendingCreates?: boolean }): Promise<Outcome>;
  destroy(options?: ChangeOptions): Promise<Outcome>;
  /** The resources in the state file by name. */
  state(): Promise<Record<string, StateResource>>;
  /** All resources in the state file. A resource that is being replaced appears twice under one name. */
  resources(): Promise<StateResource[]>;
  /** The stack's outputs in the state file. */
  outputs(): Promise<Record<string, unknown>>;
  /** Adds environment variables for later operations to those that the stack was opened with. */
  setEnv(env: Readonly<Record<string, string>>): void;
  close(): Promise<void>;
}

/** The URL and the credentials of a Twilio account. */
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
  /** Configuration in addition to the URL and the credentials. */
  readonly config?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** The environment that makes the engine use this backend, independent of the user's login and settings. */
export function engineEnv(engine: string, folder: string): Record<string, string> {
  return {
    PATH: `${engine}${delimiter}${process.env.PATH ?? ""}`,
    PULUMI_BACKEND_URL: `file://${folder}`,
    PULUMI_HOME: join(folder, "home"),
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    ...(process.env[addressVariable] && { VAULT_ADDR: process.env[addressVariable] }),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Without a network, each operation would try to download the command plugin for 2.4 s.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    XDG_CACHE_HOME: join(folder, "cache"),
    // The plugin loads the same 760 modules in every operation.
    NODE_COMPILE_CACHE: join(tmpdir(), "twilio-test-compiled"),
    NODE_OPTIONS: `--require ${JSON.stringify(fileURLToPath(new URL("preload.cjs", import.meta.url)))}`,
  };
}

const commands = new Map<string, Promise<PulumiCommand>>();

/** The engine's CLI. The Automation API runs it to learn its version, which once is enough. */
function commandOf(engine: string): Promise<PulumiCommand> {
  const command = commands.get(engine) ?? automation.PulumiCommand.get({ root: dirname(engine) });
  commands.set(engine, command);
  return command;
}

/** Creates a stack that uses the emulator. Its program runs in this process; its provider runs in the engine's plugin, from `dist`. */
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
  // The base URL comes from the source of the credentials.
  const isLoggedInByEnv = Boolean(env.TWILIO_ACCOUNT_SID);
  const envVars = { ...engineEnv(engine, folder), ...(isLoggedInByEnv && { TWILIO_BASE_URL: twilio.url }), ...env };
  const workspace = await automation.LocalWorkspace.create({
    projectSettings: { name: "proof", runtime: "nodejs", main: process.cwd() },
    pulumiCommand: await commandOf(engine),
    program,
    envVars,
  });
  await writeStack({
    ...{ backend: folder, folder: workspace.workDir, project: "proof", name },
    config: {
      ...(!isLoggedInByEnv && { "twilio:baseUrl": twilio.url }),
      ...(login && { "twilio:accountSid": twilio.accountSid }),
      ...config,
    },
    ...(login && { secrets: { "twilio:authToken": twilio.authToken } }),
  });
  // Every operation names its stack.
  workspace.selectStack = async () => {};
  const stack = await automation.Stack.select(name, workspace);

  // Each of these would run the CLI again after every operation, although the state file contains the same.
  Object.assign(stack, { outputs: async () => ({}), info: async () => undefined });

  const resources = () => readResources(join(folder, ".pulumi", "stacks", "proof", `${name}.json`));
  return {
    folder,
    stack,
    get program() {
      return stack.workspace.program as PulumiFn;
    },
    set program(next) {
      stack.workspace.program = next;
    },
    up: (more) => outcomeOf((options) => stack.up({ ...options, ...more })),
    preview: (more) => outcomeOf((options) => stack.preview({ ...options, ...more })),
    refresh: (more) => outcomeOf((options) => stack.refresh({ ...options, ...more })),
    destroy: (more) => outcomeOf((options) => stack.destroy({ ...options, ...more })),
    state: async () => Object.fromEntries((await resources()).map((resource) => [nameOf(resource.urn), resource])),
    resources,
    outputs: async () => (await resources()).find(({ type }) => type === "pulumi:pulumi:Stack")?.outputs ?? {},
    setEnv(more) {
      workspace.envVars = { ...envVars, ...more };
    },
    async close() {
      await rm(stack.workspace.workDir, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readResources(stateFile: string): Promise<StateResource[]> {
  const { checkpoint } = JSON.parse(await readFile(stateFile, "utf8")) as {
    checkpoint: { latest: { resources?: StateResource[] } | null };
  };
  return checkpoint.latest?.resources ?? [];
}

type CaptureOptions = { onOutput(text: string): void; onError(text: string): void; onEvent(event: EngineEvent): void; color: "never" };

/** Runs an operation and captures its output and events. */
async function outcomeOf(operation: (options: CaptureOptions) => Promise<unknown>): Promise<Outcome> {
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
    // The error of a command that ran repeats the output.
    if (!(error instanceof automation.CommandError)) text += `\n${error}`;
  }
  return { ok, text, ...summarize(events) };
}

const unchangedOps = new Set(["same", "refresh", "read", "read-discard"]);

/** Extracts from the engine's events what tests assert. */
function summarize(events: readonly EngineEvent[]): Pick<Outcome, "steps" | "changes" | "diagnostics" | "events"> {
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
    if (after && !after.type.startsWith("pulumi:") && !unchangedOps.has(after.op)) {
      const name = nameOf(after.urn);
      // A replacement has three steps; `steps` shows their order.
      changes[name] = /replace/.test(after.op) ? "replace" : (changes[name] ?? after.op);
    }
  }
  return { steps, changes, diagnostics, events: events.map((event) => JSON.stringify(event)).join("\n") };
}

/** The processes that use a backend. They are found by the environment that they inherit. */
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

/** Removes the engine's color markup, such as `<{%fg 1%}>`. */
const plainText = (message: string) => message.replace(/<\{%[^%]*%\}>/g, "").trim();
