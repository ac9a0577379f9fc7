import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { runningOperations } from "./operation";

const probeEveryMs = 1_000;
// Long enough for a response of Twilio, and short enough that nobody meets a process of a run that is over.
const graceMs = 5_000;

/**
 * Calls `ended` once, after nothing listens any more at the engine's address, `host:port`. Returns a function that checks this at once, besides
 * every second. An engine that is stopped or busy still listens. An address at which nothing has ever listened is not that of an engine: a
 * provider that was started by hand, for a debugger, gets any.
 */
export function watchEngine(address: string | undefined, ended: () => void): () => Promise<void> {
  const [host, port] = address?.split(":") ?? [];
  if (!host || !Number(port)) return async () => {};
  let hasListened = false;
  let isOver = false;
  const probe = async () => {
    if (isOver) return;
    const found = await listens(host, Number(port));
    hasListened ||= found === true;
    if (isOver || found !== false || !hasListened) return;
    isOver = true;
    clearInterval(timer);
    ended();
  };
  const timer = setInterval(probe, probeEveryMs);
  timer.unref();
  void probe();
  return probe;
}

/** Whether a process listens at an address; `undefined` where that cannot be found out. */
function listens(host: string, port: number): Promise<boolean | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.unref();
    socket.setTimeout(probeEveryMs, () => socket.destroy());
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED" ? false : undefined));
    socket.once("close", () => resolve(undefined));
  });
}

/**
 * Ends this process when the operations that are running have their results, or after five seconds: the note that each of them wrote before its
 * request shows the next run that the result is unknown. Nothing else ends a provider whose engine was killed.
 */
export async function endProcess(): Promise<void> {
  // Only the engine's own plugin: a test may have loaded this package into its process.
  if (!/[\\/]cmd[\\/]dynamic-provider/.test(process.argv[1] ?? "")) return;
  const until = Date.now() + graceMs;
  while (runningOperations() > 0 && Date.now() < until) await wait(50);
  process.exit();
}
