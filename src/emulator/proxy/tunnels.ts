/** Accepts `CONNECT HOST:443` for Twilio's hosts, ends TLS, and hands the connection to the HTTP server that also serves plain requests. */
import type { IncomingMessage, Server } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { AllowedHosts } from "../http/allowed-hosts";
import { isFromLoopback } from "../http/browser-origin";
import { openTunnel } from "../http/tunnel";
import type { Authority } from "./authority";

/** How long a client may take to agree on TLS. */
const HANDSHAKE_MS = 10_000;
/** How long a refused client may take to close the connection. */
const CLOSE_TIMEOUT_MS = 1000;
const MAX_SHOWN = 100;

/** The tunnels of a proxy. */
export class Tunnels {
  private readonly authority: Authority;
  private readonly allowedHosts: AllowedHosts;
  /** Those that have not agreed on TLS. The HTTP server knows the others. */
  private readonly unfinished = new Set<Socket>();

  constructor(authority: Authority, allowedHosts: AllowedHosts) {
    this.authority = authority;
    this.allowedHosts = allowedHosts;
  }

  /** Handles the CONNECT requests of an HTTP server. */
  attach(server: Server): void {
    server.on("connect", (request: IncomingMessage, socket: Socket, head: Buffer) => {
      // Node no longer handles errors of this socket.
      socket.on("error", () => socket.destroy());
      const host = twilioHostOf(request.url ?? "");
      if (host === undefined) refuse(socket, `serves *.twilio.com:443 only, not ${shown(request.url ?? "")}`);
      else if (!this.allowedHosts && !isFromLoopback(request)) refuse(socket, "accepts requests from this machine only");
      else this.open(server, host, { socket, head });
    });
  }

  /** Ends the tunnels that the server does not know. */
  close(): void {
    for (const socket of this.unfinished) socket.destroy();
  }

  private open(server: Server, host: string, { socket, head }: { socket: Socket; head: Buffer }): void {
    const context = this.authority.contextFor(host);
    socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
    if (head.length > 0) socket.unshift(head);
    const secure = new TLSSocket(socket, {
      isServer: true,
      secureContext: context,
      ALPNProtocols: ["http/1.1"],
      // A client that asks for another host than it named to the proxy gets no certificate.
      SNICallback: (name, done) => (name.toLowerCase() === host ? done(null, context) : done(new Error(`This tunnel leads to ${host}.`))),
    });
    this.unfinished.add(socket);
    const giveUp = () => socket.destroy();
    const timeout = setTimeout(giveUp, HANDSHAKE_MS).unref();
    const settle = () => {
      clearTimeout(timeout);
      this.unfinished.delete(socket);
    };
    socket.once("close", settle);
    secure.on("error", giveUp);
    secure.once("end", giveUp);
    secure.once("secure", () => {
      settle();
      secure.off("error", giveUp);
      secure.off("end", giveUp);
      openTunnel(secure, { host, carrier: socket });
      server.emit("connection", secure);
    });
  }
}

/** The host of `HOST:443`, if it is one of Twilio's. */
function twilioHostOf(authority: string): string | undefined {
  const [, host] = /^((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+twilio\.com):443$/i.exec(authority) ?? [];
  const LONGEST_NAME = 253;
  return host !== undefined && host.length <= LONGEST_NAME ? host.toLowerCase() : undefined;
}

const shown = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

function refuse(socket: Socket, reason: string): void {
  const body = `The proxy of the Twilio emulator ${reason}. Name other hosts in NO_PROXY, so that clients reach them directly.\n`;
  const headers = ["Content-Type: text/plain; charset=utf-8", `Content-Length: ${Buffer.byteLength(body)}`, "Connection: close"];
  socket.end(`HTTP/1.1 403 Forbidden\r\n${headers.join("\r\n")}\r\n\r\n${body}`);
  setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS).unref();
}
