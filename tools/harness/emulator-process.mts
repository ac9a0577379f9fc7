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
  /** The variables by which clients use the emulator as their proxy, if it is one. */
  readonly proxyEnvironment: Readonly<Record<string, string>>;
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
  /** How many writes per second a service accepts. Default: any number. */
  readonly writeLimit?: number;
  /** Whether it is also a proxy. Default: false. */
  readonly proxy?: boolean;
  /** The folder for the state. Default: the state is not kept. */
  readonly stateDir?: string;
  /** Default: any free port. */
  readonly port?: number;
}

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Starts an emulator and waits until it accepts requests. */
export async function startEmulatorProcess(options: EmulatorProcessOptions = {}): Promise<EmulatorProcess> {
  const { latencyMs = 0, writeLimit, proxy = false, stateDir, port = 0 } = options;
  const args = ["--port", String(port), "--latency", String(latencyMs), "--json"];
  if (writeLimit !== undefined) args.push("--write-limit", String(writeLimit));
  if (proxy) args.push("--proxy");
  if (stateDir !== undefined) args.push("--state", stateDir);
  const child: ChildProcess = spawn(process.execPath, [main, "emulator", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const killWithUs = () => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  void exited.then(() => process.off("exit", killWithUs));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const line = await Promise.race([once(lines, "line").then(([text]) => text as string), exited.then(() => undefined)]);
  if (line === undefined) throw new Error("The emulator ended before it accepted requests.");
  const printed = JSON.parse(line) as Pick<EmulatorProcess, "url" | "accountSid" | "authToken" | "apiKey" | "apiSecret"> & {
    proxy?: { environment: Record<string, string> };
  };
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  const { url } = printed;
  return {
    ...printed,
    proxyEnvironment: printed.proxy?.environment ?? {},
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
