import { spawn } from "node:child_process";
import { UsageError } from "../../core/twilio/errors";
import { debug, shown } from "./output";

/** A finished run of the `pulumi` CLI. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run the CLI. */
export interface CliOptions {
  /** A stack of the project in this folder. Default: the selected stack. */
  readonly stack?: string | undefined;
  /** Where to copy the output, as it comes. */
  readonly show?: NodeJS.WritableStream;
}

/** Runs the CLI in this folder; `undefined` where it is not installed. */
export function pulumi(args: readonly string[], { stack, show }: CliOptions = {}): Promise<CliRun | undefined> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const named = stack === undefined ? [] : ["--stack", stack];
    const child = spawn("pulumi", [...args, ...named, "--non-interactive"], { stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    if (show) for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: string) => void show.write(shown(text)));
    child.once("error", (error: NodeJS.ErrnoException) => (error.code === "ENOENT" ? resolve(undefined) : reject(error)));
    child.once("close", (code) => {
      debug(`pulumi ${args.join(" ")}: exit code ${code}, ${Math.round(performance.now() - began)} ms`);
      resolve({ code, stdout, stderr });
    });
  });
}

/** Why there is no stack to work on, if the CLI failed for that reason or is missing. */
export function withoutStack(run: CliRun | undefined): string | undefined {
  if (run === undefined) return "there is no `pulumi` on the PATH";
  if (run.code === 0) return undefined;
  if (/no project file found/.test(run.stderr)) return "there is no Pulumi.yaml in this folder or above it";
  if (/no stack selected/.test(run.stderr)) return "no stack is selected; select one with `pulumi stack select`, or name one with --stack";
  return undefined;
}

/** The CLI's error message, without the prefix `error: `. */
export const errorTextOf = ({ stderr }: CliRun): string => stderr.trim().replace(/^error: /, "");

/** The name of the stack that commands work on: the given one, or the selected stack of this folder. */
export async function nameOfStack(given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const run = await pulumi(["stack", "--show-name"]);
  const why = withoutStack(run);
  if (why !== undefined || run === undefined) throw new UsageError(`there is no stack to work on: ${why}.`);
  if (run.code !== 0) throw new UsageError(`the selected stack cannot be read: ${errorTextOf(run)}`);
  return run.stdout.trim();
}

/** Whether a resource is one of the program's. The engine manages the stack itself and the providers. */
export const isManaged = (urn: string): boolean => !/^pulumi:(pulumi:Stack|providers:)/.test(nameOf(urn).type);

/** A URN's type token and name: `pulumi-nodejs:twilio/conversations:Conversation` and `hello`. */
export function nameOf(urn: string): { readonly type: string; readonly name: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.slice(types.search(/[^$]*$/)), name: name.join("::") };
}
