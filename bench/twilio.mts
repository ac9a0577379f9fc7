import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A local Twilio in a process of its own, so that it does not take its time out of the provider's. */
export interface BenchTwilio {
  readonly url: string;
  readonly accountSid: string;
  readonly authToken: string;
  readonly pid: number;
  /** Requests since the last call of this, without those to the emulator itself. */
  calls(): Promise<number>;
  close(): void;
}

const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

/** Starts it; each answer comes after so many milliseconds. */
export async function startTwilio(latencyMs: number): Promise<BenchTwilio> {
  const child: ChildProcess = spawn(process.execPath, [main, "emulator", "--port", "0", "--latency", String(latencyMs), "--json"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    child.once("exit", () => reject(new Error("the emulator ended before it served")));
  });
  const { url, accountSid, authToken } = JSON.parse(line) as { url: string; accountSid: string; authToken: string };
  return {
    url,
    accountSid,
    authToken,
    pid: child.pid as number,
    async calls() {
      const { total } = (await (await fetch(`${url}/_emulator/calls`)).json()) as { total: number };
      await fetch(`${url}/_emulator/calls`, { method: "DELETE" });
      return total;
    },
    close: () => void child.kill(),
  };
}
