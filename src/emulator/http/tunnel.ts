/** The connections that arrived through the proxy: they end TLS for one host. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";

interface Tunnel {
  /** The host that the client asked the proxy for. */
  readonly host: string;
  /** The connection that carries the encrypted one. */
  readonly carrier: Socket;
}

const tunnels = new WeakMap<Socket, Tunnel>();

/** Registers a connection as one that arrived through the proxy. */
export const openTunnel = (socket: Socket, tunnel: Tunnel): void => void tunnels.set(socket, tunnel);

/** The host that a request's connection leads to, if it arrived through the proxy. */
export const tunnelHostOf = ({ socket }: IncomingMessage): string | undefined => tunnels.get(socket)?.host;

/** The URL that the client has of this server. */
export const originOf = (request: IncomingMessage): string => {
  const host = tunnelHostOf(request);
  return host === undefined ? `http://${request.headers.host ?? ""}` : `https://${host}`;
};

/** The URL of one of Twilio's hosts for a client that reaches this server at `origin`: the host is the first path segment, except through the proxy. */
export const urlAt = (origin: string, host: string): string => (origin.startsWith("https:") ? `https://${host}` : `${origin}/${host}`);

/** Closes a connection by RST instead of FIN. An encrypted one can only be reset below its encryption. */
export const reset = (socket: Socket): void => void (tunnels.get(socket)?.carrier ?? socket).resetAndDestroy();
