/** The built emulator in processes of its own: to be killed, and to compete. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import type { Readable } from "node:stream";

const DIST = join(import.meta.dirname, "..", "..", "..", "dist");
const BUILT = join(DIST, "emulator", "index.js");

export interface Child {
  process: ChildProcess;
  /** The first line it wrote, as JSON. */
  first: Promise<Record<string, string>>;
  ended: Promise<number | null>;
}

/** Runs a script that has `startEmulator`, `attachEmulator` and `say` (writes one JSON line). */
export function runScript(script: string): Child {
  const source = `
    const { startEmulator, attachEmulator } = require(${JSON.stringify(BUILT)});
    const say = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
    (async () => { ${script} })().catch((error) => say({ error: error.message }));`;
  return listenTo(spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "inherit"] }));
}

/** Serves a folder by the command line, as a user would; `before` is put before the command, in a shell. */
export function runServer(folder: string, { before = "" } = {}): Child {
  const command = [process.execPath, join(DIST, "cli", "main.js"), "emulator", "--state", folder, "--port", "0", "--json"];
  const script = `${before} exec "$@"`;
  return listenTo(spawn("sh", ["-c", script, "sh", ...command], { stdio: ["ignore", "pipe", "ignore"] }));
}

function listenTo(child: ChildProcessByStdio<null, Readable, null>): Child {
  const first = new Promise<Record<string, string>>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (data) => {
      text += String(data);
      if (text.includes("\n")) resolve(JSON.parse(text.slice(0, text.indexOf("\n"))) as Record<string, string>);
    });
    child.once("exit", (code) => reject(new Error(`the process ended with ${code} and said nothing: ${text}`)));
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { process: child, first, ended };
}
