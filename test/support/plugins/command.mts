/**
 * A replacement for Pulumi's command plugin (v1.2.1), which no package registry provides. It implements `local.Command` as far as it is used
 * here. Like the real plugin, it logs the output of a command unless `logging` is "none", keeps the output in plain text unless it is marked
 * as secret, and repeats the output in the error of a command that fails.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { main } = require("@pulumi/pulumi/provider") as typeof import("@pulumi/pulumi/provider/index.js");
const log = require("@pulumi/pulumi/log") as typeof import("@pulumi/pulumi/log/index.js");

interface Inputs {
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly interpreter?: readonly string[];
  readonly dir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly triggers?: readonly unknown[];
  readonly logging?: "stdout" | "stderr" | "stdoutAndStderr" | "none";
  readonly addPreviousOutputInEnv?: boolean;
}

interface Outputs extends Inputs {
  readonly stdout: string;
  readonly stderr: string;
}

/** The marker of a secret in the engine's protocol. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** Removes the markers of secrets, and reports whether the value contained one. */
function unwrap(value: unknown): { plain: unknown; secret: boolean } {
  if (typeof value !== "object" || value === null) return { plain: value, secret: false };
  const marked = value as Record<string, unknown>;
  if (marked[SIGNATURE] === SECRET) return { plain: unwrap(marked.value).plain, secret: true };
  const parts = Object.entries(value).map(([key, part]) => [key, unwrap(part)] as const);
  const plain = Array.isArray(value)
    ? parts.map(([, part]) => part.plain)
    : Object.fromEntries(parts.map(([key, part]) => [key, part.plain]));
  return { plain, secret: parts.some(([, part]) => part.secret) };
}

/** Keeps secret inputs as secrets in the outputs. */
const toOutputs = (raw: Record<string, unknown>, ran: object) => ({ ...raw, ...ran });

async function execute(command: string, inputs: Inputs, before?: Outputs): Promise<Pick<Outputs, "stdout" | "stderr">> {
  const shell = process.platform === "win32" ? ["cmd", "/C"] : ["/bin/sh", "-c"];
  const [file = "", ...args] = [...(inputs.interpreter?.length ? inputs.interpreter : shell), command];
  const previous = before && inputs.addPreviousOutputInEnv !== false;
  const env = {
    ...process.env,
    ...inputs.environment,
    ...(previous && { PULUMI_COMMAND_STDOUT: before.stdout, PULUMI_COMMAND_STDERR: before.stderr }),
  };
  const child = spawn(file, args, { cwd: inputs.dir, env, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(inputs.stdin ?? "");
  const written = { stdout: "", stderr: "" };
  let both = "";
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      written[name] += text;
      both += text;
      if (["stdoutAndStderr", name].includes(inputs.logging ?? "stdoutAndStderr")) void log.info(text);
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`exit status ${code}: running ${JSON.stringify(command)}:\n${both}`);
  return { stdout: written.stdout.trimEnd(), stderr: written.stderr.trimEnd() };
}

const changed = (olds: Record<string, unknown>, news: Record<string, unknown>): string[] =>
  Object.keys({ ...olds, ...news }).filter(
    (key) => key !== "stdout" && key !== "stderr" && JSON.stringify(unwrap(olds[key]).plain) !== JSON.stringify(unwrap(news[key]).plain),
  );

await main(
  {
    version: "1.2.1",
    async check(_urn, _olds, news) {
      return { inputs: news };
    },
    async diff(_id, _urn, olds, news) {
      const keys = changed(olds, news);
      // The SDK requests a replacement when `triggers` changes.
      return { changes: keys.length > 0, replaces: keys.filter((key) => key === "triggers") };
    },
    async create(_urn, raw) {
      const inputs = unwrap(raw).plain as Inputs;
      const ran = inputs.create === undefined ? { stdout: "", stderr: "" } : await execute(inputs.create, inputs);
      return { id: crypto.randomUUID(), outs: toOutputs(raw, ran) };
    },
    async update(_id, _urn, olds, raw) {
      const inputs = unwrap(raw).plain as Inputs;
      const command = inputs.update ?? inputs.create;
      const before = unwrap(olds).plain as Outputs;
      return { outs: toOutputs(raw, command === undefined ? { stdout: "", stderr: "" } : await execute(command, inputs, before)) };
    },
    async delete(_id, _urn, raw) {
      const inputs = unwrap(raw).plain as Outputs;
      if (inputs.delete !== undefined) await execute(inputs.delete, inputs, inputs);
    },
  },
  process.argv.slice(2),
);
