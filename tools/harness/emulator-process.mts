import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** An emulator in its own process, so that it takes no time from the provider and can be killed. */
export interface EmulatorProcess {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly pid: number;
  /** Counts the requests since the previous call of this method. Requests to the control endpoints do not count. */
  calls(): Promise<number>;
  /** Counts the requests since the last call of `calls` whose method is not GET. */
  writes(): Promise<number>;
  /** Ends the process immediately, as a crash would. The state folder keeps every acknowledged change. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Options of {@link startEmulatorProcess}. */
export interface EmulatorProcessOptions {
  /** Delay of every response in milliseconds. Default: 0. */
  readonly latencyMs?: number;
  /** The folder for the state. Default: the state is not kept. */
  readonly stateDir?: string;
  /** Default: any free port. */
  readonly port?: number;
}

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Starts an emulator and waits until it accepts requests. */
export async function startEmulatorProcess({ latencyMs = 0, stateDir, port = 0 }: EmulatorProcessOptions = {}): Promise<EmulatorProcess> {
  const args = ["--port", String(port), "--latency", String(latencyMs), "--json", ...(stateDir === undefined ? [] : ["--state", stateDir])];
  const child: ChildProcess = spawn(process.execPath, [main, "emulator", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const killWithUs = () => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  void exited.then(() => process.off("exit", killWithUs));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const line = await Promise.race([once(lines, "line").then(([text]) => text as string), exited.then(() => undefined)]);
  if (line === undefined) throw new Error("The emulator ended before it accepted requests.");
  const printed = JSON.parse(line) as Pick<EmulatorProcess, "url" | "accountSid" | "authToken" | "apiKey" | "apiSecret">;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  const { url } = printed;
  return {
    ...printed,
    pid: child.pid as number,
    async writes() {
      const { calls } = (await (await fetch(`${url}/_emulator/calls`)).json()) as { calls: { method: string; count: number }[] };
      return calls.reduce((sum, { method, count }) => (method === "GET" ? sum : sum + count), 0);
    },
    async calls() {
      const { total } = (await (await fetch(`${url}/_emulator/calls`)).json()) as { total: number };
      await fetch(`${url}/_emulator/calls`, { method: "DELETE" });
      return total;
    },
    kill: () => end("SIGKILL"),
    close: () => end("SIGTERM"),
  };
}
