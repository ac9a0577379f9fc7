import { subscribe } from "node:diagnostics_channel";
import type { ServerHttp2Stream } from "node:http2";
import { endProcess, watchEngine } from "./engine-watch";

/**
 * Aborted when the user cancels the run, or when the engine has ended, which also ends this process. The SDK's plugin answers the engine's Cancel
 * call itself and does not pass it to dynamic providers, but Node publishes every call that reaches this process. `engine` is the engine's
 * address, `host:port`.
 */
export function cancellation(engine: string | undefined): AbortSignal {
  const controller = new AbortController();
  const watched = new WeakSet<object>();
  const probe = watchEngine(engine, () => {
    controller.abort();
    void endProcess();
  });
  subscribe("http2.server.stream.created", (message) => {
    const { stream, headers } = message as { stream: ServerHttp2Stream; headers: Record<string, unknown> };
    if (headers[":path"] === "/pulumirpc.ResourceProvider/Cancel") controller.abort();
    const { session } = stream;
    if (!session || watched.has(session)) return;
    watched.add(session);
    // The engine also closes a session that has been idle, and opens another one later.
    session.once("close", () => void probe());
  });
  return controller.signal;
}
