import { subscribe } from "node:diagnostics_channel";
import type { ServerHttp2Stream } from "node:http2";

/**
 * Aborted when the user cancels the run, or when the engine is gone. The SDK's plugin answers the engine's Cancel call itself and does not pass
 * it on to dynamic providers; but Node tells of every call that reaches this process.
 */
export function cancellation(): AbortSignal {
  const controller = new AbortController();
  const watched = new WeakSet<object>();
  subscribe("http2.server.stream.created", (message) => {
    const { stream, headers } = message as { stream: ServerHttp2Stream; headers: Record<string, unknown> };
    if (headers[":path"] === "/pulumirpc.ResourceProvider/Cancel") controller.abort();
    const { session } = stream;
    if (!session || watched.has(session)) return;
    watched.add(session);
    session.once("close", () => controller.abort());
  });
  return controller.signal;
}
