import { subscribe } from "node:diagnostics_channel";
import type { ServerHttp2Stream } from "node:http2";
import { connect } from "node:net";

/**
 * Aborted when the user cancels the run, or when the engine is gone. The SDK's plugin answers the engine's Cancel call itself and does not pass
 * it on to dynamic providers; but Node tells of every call that reaches this process. `engine` is the engine's own address, `host:port`.
 */
export function cancellation(engine: string | undefined): AbortSignal {
  const controller = new AbortController();
  const watched = new WeakSet<object>();
  subscribe("http2.server.stream.created", (message) => {
    const { stream, headers } = message as { stream: ServerHttp2Stream; headers: Record<string, unknown> };
    if (headers[":path"] === "/pulumirpc.ResourceProvider/Cancel") controller.abort();
    const { session } = stream;
    if (!session || watched.has(session)) return;
    watched.add(session);
    // The engine also closes a session that was idle for long, and opens another one when it needs it.
    session.once("close", () => void isGone(engine).then((gone) => gone && controller.abort()));
  });
  return controller.signal;
}

/** Whether nobody listens at an address any more. */
function isGone(address: string | undefined): Promise<boolean> {
  const [host, port] = address?.split(":") ?? [];
  if (!host || !port) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}
