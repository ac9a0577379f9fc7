/**
 * Protects the emulator from web pages of other sites. The default credentials are the same on every machine, so any
 * site that a developer visits could use them. A page can reach the emulator in two ways. It can give its own host name
 * the address of this machine (DNS rebinding): then the `Host` header names neither this machine nor Twilio. Or it can
 * send a request whose response it does not see: then the browser names another origin or site. Requests from other
 * machines arrive only if the emulator was told to listen for them. They are checked if it was also told its host names:
 * in a container, the requests of the browsers on its host look as if they came from another machine.
 */
import type { IncomingMessage } from "node:http";
import { type AllowedHosts, isAllowedHost, isAllowedOrigin } from "./allowed-hosts";
import { tunnelHostOf } from "./tunnel";

// Addresses are not looked up, so no page can take one over. 0.0.0.0 is missing, because browsers reach this machine with it from any page.
const LOOPBACK_HOST = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;
const TWILIO_HOST = /^([a-z0-9-]+\.)+twilio\.com(:\d+)?$/i;
const LOOPBACK_ORIGIN = /^https?:\/\/((.+\.)?localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

/** Whether the request arrived over the loopback interface. */
export function isFromLoopback({ socket }: IncomingMessage): boolean {
  return /^(127\.|::1$|::ffff:127\.)/.test(socket.remoteAddress ?? "");
}

/** Which requests of a browser an interface accepts beyond those of this machine's pages. */
interface Exceptions {
  /** Requests under Twilio's host names, which a proxy or the DNS of a test environment may direct here. */
  twilioHosts?: boolean;
  /** Requests that another site's page causes and whose response it does not see. */
  crossSite?: boolean;
  /** Other host names of the emulator. If there is a list, it applies to the requests of all machines. */
  allowedHosts?: AllowedHosts;
}

/** Why a request must not be answered, as the end of "accepts requests …". Undefined if it may be. */
export function refusalOf(request: IncomingMessage, exceptions: Exceptions = {}): string | undefined {
  const { twilioHosts = true, crossSite = false, allowedHosts } = exceptions;
  if (!allowedHosts && !isFromThisMachine(request)) return undefined;
  const { host, origin } = request.headers;
  const tunnelHost = tunnelHostOf(request);
  if (tunnelHost !== undefined && host?.replace(/:443$/, "").toLowerCase() !== tunnelHost)
    return `for ${tunnelHost} only on this connection, not for ${host || "an empty host"}`;
  const elsewhere = otherServerOf(request, allowedHosts);
  if (elsewhere !== undefined)
    return `for *.twilio.com only when it is used as a proxy, not for ${elsewhere}; name other hosts in NO_PROXY, so that clients reach them directly`;
  if (host !== undefined && !isOwnHost(host, request) && !isAllowedHost(allowedHosts, host) && !(twilioHosts && TWILIO_HOST.test(host))) {
    const names = ["localhost", ...(twilioHosts ? ["*.twilio.com"] : []), ...(allowedHosts ?? [])].join(", ");
    const advice = allowedHosts ? "; allow the emulator's other host names with --allow-host" : "";
    return `for the hosts ${names} and 127.0.0.1 only, not for ${host || "an empty host"}${advice}`;
  }
  if (origin !== undefined) {
    const isKnown = LOOPBACK_ORIGIN.test(origin) || isAllowedOrigin(allowedHosts, origin);
    return isKnown ? undefined : `from web pages of this machine only, not from ${origin}`;
  }
  const isCrossSite = request.headers["sec-fetch-site"] === "cross-site";
  return isCrossSite && !crossSite ? "from web pages of this machine only, not from other sites" : undefined;
}

/** Whether a person followed a link to this address. A page that opens it does not see it, and frames are not allowed. */
export const isNavigation = ({ method, headers }: IncomingMessage): boolean =>
  method === "GET" && headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";

/** Whether the sender is on this machine: over the loopback interface, or at one of the machine's other addresses. */
const isFromThisMachine = (request: IncomingMessage): boolean =>
  isFromLoopback(request) || request.socket.remoteAddress === request.socket.localAddress;

/** The host of an absolute request target, as clients send it to a proxy, unless it is Twilio's or this server's. */
function otherServerOf(request: IncomingMessage, allowedHosts: AllowedHosts): string | undefined {
  const [, authority] = /^https?:\/\/([^/?]*)/i.exec(request.url ?? "") ?? [];
  if (authority === undefined || TWILIO_HOST.test(authority)) return undefined;
  const [, port] = /:(\d+)$/.exec(authority) ?? [];
  const isOwn = isOwnHost(authority, request) && (port === undefined || Number(port) === request.socket.localPort);
  return isOwn || isAllowedHost(allowedHosts, authority) ? undefined : authority || "an empty host";
}

function isOwnHost(host: string, { socket }: IncomingMessage): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return LOOPBACK_HOST.test(host) || name === socket.localAddress?.replace(/^::ffff:/, "");
}
