/** Runs the built emulator in child processes, for tests that kill it or start several at once. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";

const DIST = join(import.meta.dirname, "..", "..", "..", "dist");
const BUILT = join(DIST, "emulator", "index.js");

/** A child process. */
export interface Child {
  process: ChildProcess;
  /** The first line of its output, parsed as JSON. */
  firstLine: Promise<Record<string, string>>;
  exitCode: Promise<number | null>;
}

/** Runs a script with `startEmulator`, `attachEmulator` and `print` (writes one JSON line) in scope. */
export function runScript(script: string): Child {
  const source = `
    const { startEmulator, attachEmulator } = require(${JSON.stringify(BUILT)});
    const print = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
    (async () => { ${script} })().catch((error) => print({ error: error.message }));`;
  return observe(spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "inherit"] }));
}

/** Serves a state folder with the CLI. `before` is a shell command that runs first. */
export function runServer(folder: string, { before = "" } = {}): Child {
  const command = [process.execPath, join(DIST, "cli", "main.js"), "emulator", "--state", folder, "--port", "0", "--json"];
  const script = `${before} exec "$@"`;
  return observe(spawn("sh", ["-c", script, "sh", ...command], { stdio: ["ignore", "pipe", "ignore"] }));
}

function observe(child: ChildProcessByStdio<null, Readable, null>): Child {
  const firstLine = new Promise<Record<string, string>>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (data) => {
      text += String(data);
      if (text.includes("\n")) resolve(JSON.parse(text.slice(0, text.indexOf("\n"))) as Record<string, string>);
    });
    child.once("exit", (code) => reject(new Error(`the process exited with ${code} before it printed a line: ${text}`)));
  });
  const exitCode = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { process: child, firstLine, exitCode };
}
