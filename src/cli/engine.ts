import { spawn } from "node:child_process";
import { UsageError } from "../core/twilio/errors";
import { debug } from "./output";

/** A run of the `pulumi` CLI that has ended. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How the CLI is run. */
export interface CliOptions {
  /** The stack of the project in this folder. Default: the one that is selected there. */
  readonly stack?: string | undefined;
  /** Where what it prints is shown as well, line by line as it comes. */
  readonly show?: NodeJS.WritableStream;
}

/** Runs the CLI in this folder; `undefined` where there is none. */
export function pulumi(args: readonly string[], { stack, show }: CliOptions = {}): Promise<CliRun | undefined> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const named = stack === undefined ? [] : ["--stack", stack];
    const child = spawn("pulumi", [...args, ...named, "--non-interactive"], { stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    if (show) for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: string) => void show.write(text));
    child.once("error", (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? resolve(undefined) : reject(error)));
    child.once("close", (code) => {
      debug(`pulumi ${args.join(" ")}: exit code ${code}, ${Math.round(performance.now() - began)} ms`);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Why there is no stack to work on, where that is why the CLI failed or is missing. */
export function withoutStack(run: CliRun | undefined): string | undefined {
  if (run === undefined) return "there is no `pulumi` on the PATH";
  if (run.code === 0) return undefined;
  if (/no project file found/.test(run.stderr)) return "there is no Pulumi.yaml in this folder or above it";
  if (/no stack selected/.test(run.stderr)) return "no stack is selected: `pulumi stack select` selects one, and --stack names one";
  return undefined;
}

/** What the CLI said when it failed, without the word in front. */
export const saidBy = ({ stderr }: CliRun): string => stderr.trim().replace(/^error: /, "");

/** The name of the stack that commands work on: the one given, else the one that is selected in this folder. */
export async function nameOfStack(given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const run = await pulumi(["stack", "--show-name"]);
  const why = withoutStack(run);
  if (why !== undefined || run === undefined) throw new UsageError(`there is no stack to work on: ${why}.`);
  if (run.code !== 0) throw new UsageError(`the stack that is selected cannot be read: ${saidBy(run)}`);
  return run.stdout.trim();
}

/** A resource as the CLI's JSON tells of it. Secrets read `[secret]`, or are objects that hold ciphertext. */
export interface ResourceState {
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** The program reads it and does not manage it. */
  readonly external?: boolean;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  /** By the top-level name of an input: the URNs of the resources that its value comes from. */
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>>;
}

/** What the engine would do to one resource. */
export interface Step {
  /** `create`, `update`, `replace`, `delete`, `same`, `read`, `import`, `discard`; in a refresh `refresh` for what is as it was. */
  readonly op: string;
  readonly urn: string;
  readonly oldState?: ResourceState;
  readonly newState?: ResourceState;
  /** By the path of the property, `attributes.color` or `list[0]`: how it changes. */
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>> | null;
  /** Properties that make it a replacement, by their top-level names. */
  readonly replaceReasons?: readonly string[];
}

/** A message in the engine's display; without a URN it is about the stack. */
export interface Diagnostic {
  readonly urn?: string;
  readonly severity: string;
  readonly message: string;
}

/** What `pulumi preview --json` prints, and `pulumi refresh --preview-only --json`. */
export interface Digest {
  readonly steps: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
  /** How many resources get which operation. It is missing where the engine gave up. */
  readonly changeSummary?: Readonly<Record<string, number>>;
}

/** Reads what the CLI printed with `--json`; `undefined` where that is no such object. */
export function readDigest(text: string): Digest | undefined {
  try {
    const found = JSON.parse(text) as Partial<Digest> | null;
    if (typeof found !== "object" || found === null || !("changeSummary" in found || "steps" in found || "diagnostics" in found)) return;
    return { ...found, steps: found.steps ?? [], diagnostics: found.diagnostics ?? [] };
  } catch {
    return undefined;
  }
}

/** The errors that the engine told of, each once and on one line. */
export function errorsIn({ diagnostics }: Pick<Digest, "diagnostics">): string[] {
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message.replace(/^error: /, ""));
  const told = errors.map((message) => message.replace(/\s*\n\s*/g, " ").trim()).filter((message) => message !== "preview failed");
  return [...new Set(told)];
}

/** The parts of a URN that people know a resource by: `Conversation` and `hello`. */
export function nameOf(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.slice(types.search(/[^$]*$/)), name: name.join("::") };
}

/** A type token's last word, `Conversation`. */
export const nounOf = (type: string): string => type.slice(type.lastIndexOf(":") + 1);
