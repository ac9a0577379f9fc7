import { subscribe } from "node:diagnostics_channel";
import type { ServerHttp2Stream } from "node:http2";
import { connect } from "node:net";

/**
 * Aborted when the user cancels the run, or when the engine has ended. The SDK's plugin answers the engine's Cancel call itself and does not pass
 * it to dynamic providers, but Node publishes every call that reaches this process. `engine` is the engine's address, `host:port`.
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
    // The engine also closes a session that has been idle, and opens another one later.
    session.once("close", () => void isUnreachable(engine).then((unreachable) => unreachable && controller.abort()));
  });
  return controller.signal;
}

/** Whether no process listens at an address. */
function isUnreachable(address: string | undefined): Promise<boolean> {
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
