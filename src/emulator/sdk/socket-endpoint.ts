/** The SDK's websocket endpoint, `/v3/wsconnect`: accepts connections and hands them to the gateway of their access token. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { AllowedHosts } from "../http/allowed-hosts";
import { refusalOf } from "../http/browser-origin";
import { originOf } from "../http/tunnel";
import { admission } from "./faulty";
import { asText, decodeFrame } from "./frame";
import type { Gateway } from "./gateway";
import type { Session } from "./session";

const MAX_FRAME_BYTES = 1024 * 1024;
/** A client that does not answer a ping before the next one is disconnected. */
const PING_MS = 30_000;
/** How long a client may take to sign in. */
const SIGN_IN_MS = 10_000;

/** Whether an upgrade request is for the SDK. As for every product, the host may be the first path segment. */
export function isSdkPath(url: string | undefined): boolean {
  return /^(\/tsock[^/]*\.twilio\.com)?\/v3\/wsconnect\/?(\?|$)/.test(url ?? "");
}

/** Finds the gateway of a client. */
export interface Gateways {
  /** Whether there is only one. */
  readonly isEmpty: boolean;
  gatewayOf(token: string): Gateway;
}

export class SocketEndpoint {
  private readonly gateways: Gateways;
  private readonly allowedHosts: AllowedHosts;
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  private readonly liveness = new WeakMap<WebSocket, () => boolean>();
  private readonly pings: NodeJS.Timeout;

  constructor(gateways: Gateways, allowedHosts?: AllowedHosts) {
    this.gateways = gateways;
    this.allowedHosts = allowedHosts;
    this.pings = setInterval(() => this.dropDeadClients(), PING_MS).unref();
  }

  /** Handles the upgrade requests of an HTTP server. */
  attach(server: Server): void {
    server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const isRefused = () => refusalOf(request, { allowedHosts: this.allowedHosts }) !== undefined;
      const refusal = !isSdkPath(request.url) ? "404 Not Found" : isRefused() ? "403 Forbidden" : undefined;
      if (refusal) {
        // Node no longer handles errors of an upgraded socket.
        socket.on("error", () => socket.destroy());
        socket.end(`HTTP/1.1 ${refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
        return;
      }
      void this.admit(request, socket, head);
    });
  }

  /**
   * Completes the upgrade unless a fault rule refuses it. With namespaces, whose rules apply is not known before the token, so that a rule closes the
   * connection after that.
   */
  private async admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const giveUp = () => socket.destroy();
    socket.on("error", giveUp);
    const isDecided = this.gateways.isEmpty;
    const gateway = this.gateways.gatewayOf("");
    const status = isDecided ? await admission(gateway.faults) : 101;
    if (status !== 101) gateway.refused(FAULT);
    if (status === undefined) socket.destroy();
    else if (status !== 101) socket.end(`HTTP/1.1 ${status} Fault\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
    else {
      socket.off("error", giveUp);
      this.server.handleUpgrade(request, socket, head, (client) => this.accept(client, { origin: originOf(request), isDecided }));
    }
  }

  private accept(client: WebSocket, connection: { origin: string; isDecided: boolean }): void {
    let opening: Promise<Session | undefined> | undefined;
    let session: Session | undefined;
    const signIn = setTimeout(() => {
      if (!session?.user) client.terminate();
    }, SIGN_IN_MS).unref();
    // Fires when the client disconnects and when `dropDeadClients` terminates it.
    client.on("close", () => {
      clearTimeout(signIn);
      session?.closed();
    });
    client.on("error", () => client.terminate());
    client.on("message", (data) => {
      opening ??= this.open(client, data as Buffer, connection).then((opened) => {
        session = opened;
        return opened;
      });
      void opening.then((opened) => opened?.receive(data as Buffer));
    });
    this.watch(client);
  }

  /** Opens a session for the first message, which has the token. */
  private async open(
    client: WebSocket,
    first: Buffer,
    { origin, isDecided }: { origin: string; isDecided: boolean },
  ): Promise<Session | undefined> {
    const gateway = this.gateways.gatewayOf(asText(decodeFrame(first)?.header.token));
    if (!isDecided && (await admission(gateway.faults)) !== 101) {
      gateway.refused(FAULT);
      client.terminate();
      return undefined;
    }
    return gateway.open(client, origin);
  }

  private watch(client: WebSocket): void {
    let isAlive = true;
    client.on("pong", () => {
      isAlive = true;
    });
    this.liveness.set(client, () => {
      if (!isAlive) return false;
      isAlive = false;
      client.ping();
      return true;
    });
  }

  private dropDeadClients(): void {
    for (const client of this.server.clients) if (!this.liveness.get(client)?.()) client.terminate();
  }

  /** Terminates all connections. */
  close(): void {
    clearInterval(this.pings);
    for (const client of this.server.clients) client.terminate();
  }
}

/** Why a connection was refused that a fault rule acted on. */
const FAULT = { code: null, message: "a fault rule refused the connection" };
