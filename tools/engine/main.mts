// Provides the Pulumi engine and prints the folder of its binaries as the last line on stdout: npm run --silent engine
import { ensureEngine } from "./engine.mts";

const interrupt = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => interrupt.abort());

try {
  process.stdout.write(`${await ensureEngine({ signal: interrupt.signal })}\n`);
} catch (error) {
  if (!interrupt.signal.aborted) process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = interrupt.signal.aborted ? 130 : 1;
}
