import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A local Twilio in a process of its own, so that it does not take its time out of the provider's and can be killed. */
export interface LocalTwilio {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly pid: number;
  /** Requests since the last call of this, without those to the emulator itself. */
  calls(): Promise<number>;
  /** Ends it at once, as a crash would. What it acknowledged is in its folder. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Options of {@link startTwilio}. */
export interface LocalTwilioOptions {
  /** Each answer comes so many milliseconds later. Default: 0. */
  readonly latencyMs?: number;
  /** The folder that keeps everything. Default: nothing is kept. */
  readonly stateDir?: string;
  /** Default: any free one. */
  readonly port?: number;
}

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** Starts it. */
export async function startTwilio({ latencyMs = 0, stateDir, port = 0 }: LocalTwilioOptions = {}): Promise<LocalTwilio> {
  const args = ["--port", String(port), "--latency", String(latencyMs), "--json", ...(stateDir === undefined ? [] : ["--state", stateDir])];
  const child: ChildProcess = spawn(process.execPath, [main, "emulator", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const killWithUs = () => void child.kill("SIGKILL");
  process.once("exit", killWithUs);
  void exited.then(() => process.off("exit", killWithUs));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const line = await Promise.race([once(lines, "line").then(([text]) => text as string), exited.then(() => undefined)]);
  if (line === undefined) throw new Error("the emulator ended before it served");
  const told = JSON.parse(line) as Pick<LocalTwilio, "url" | "accountSid" | "authToken" | "apiKey" | "apiSecret">;
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  const { url } = told;
  return {
    ...told,
    pid: child.pid as number,
    async calls() {
      const { total } = (await (await fetch(`${url}/_emulator/calls`)).json()) as { total: number };
      await fetch(`${url}/_emulator/calls`, { method: "DELETE" });
      return total;
    },
    kill: () => end("SIGKILL"),
    close: () => end("SIGTERM"),
  };
}
