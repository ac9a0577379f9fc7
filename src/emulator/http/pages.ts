/**
 * Web pages on this machine. The emulator's default credentials are the same everywhere, so a page of any site that
 * somebody looks at here could use them; only pages that this machine serves itself are answered. Requests from other
 * machines arrive only where the emulator was told to listen to them, and are not judged.
 */
import type { IncomingMessage } from "node:http";

const OWN_HOST = /^((.+\.)?localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])(:\d+)?$/i;
const OWN_ORIGIN = /^https?:\/\/((.+\.)?localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

export function isOfThisMachine({ socket }: IncomingMessage): boolean {
  return /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? "");
}

/** Whether a name leads here by itself, or was made to. */
export function isOwnHost(host: string | undefined): boolean {
  return host === undefined || OWN_HOST.test(host);
}

export function isOwnOrigin(origin: string | undefined): boolean {
  return origin === undefined || OWN_ORIGIN.test(origin);
}

/** A browser on this machine asks for a page of elsewhere, or under a name that was made to lead here. */
export function isForeignPage(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  const isBrowser = origin !== undefined || request.headers["sec-fetch-mode"] !== undefined;
  return isBrowser && isOfThisMachine(request) && !(isOwnOrigin(origin) && isOwnHost(host));
}
