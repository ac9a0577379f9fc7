/**
 * Protects the emulator from web pages of other sites. The default credentials are the same on every machine, so any
 * site that a developer visits could use them. Therefore the emulator rejects a browser's request unless a page served
 * from this machine made it. Requests from other machines arrive only if the emulator was told to listen for them;
 * they are not checked.
 */
import type { IncomingMessage } from "node:http";

const LOOPBACK_HOST = /^((.+\.)?localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])(:\d+)?$/i;
const LOOPBACK_ORIGIN = /^https?:\/\/((.+\.)?localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

/** Whether the request arrived over the loopback interface. */
export function isFromLoopback({ socket }: IncomingMessage): boolean {
  return /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? "");
}

/** Whether a `Host` header names this machine. Another name that resolves to this machine indicates DNS rebinding. */
export function isLoopbackHost(host: string | undefined): boolean {
  return host === undefined || LOOPBACK_HOST.test(host);
}

/** Whether an `Origin` header is absent or names a page that this machine served. */
export function isLoopbackOrigin(origin: string | undefined): boolean {
  return origin === undefined || LOOPBACK_ORIGIN.test(origin);
}

/** Whether a browser on this machine sent the request for a page of another site, or under a foreign host name. */
export function isForeignOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  const isBrowser = origin !== undefined || request.headers["sec-fetch-mode"] !== undefined;
  return isBrowser && isFromLoopback(request) && !(isLoopbackOrigin(origin) && isLoopbackHost(host));
}
