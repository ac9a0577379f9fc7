/**
 * Directs the TLS connections of a Node.js program to Twilio's hosts through the emulator's proxy. Websockets, and so the chat SDK, read no variable that
 * names a proxy. `NODE_OPTIONS` loads this file into the program before its own code.
 */
import { syncBuiltinESMExports } from "node:module";
import * as net from "node:net";
import { Duplex } from "node:stream";
import type { ConnectionOptions, TLSSocket } from "node:tls";

// A namespace import is a copy, and this file must change the module itself.
const tls = require("node:tls") as { connect: (...args: unknown[]) => TLSSocket };
const TWILIO_HOST = /\.twilio\.com$/i;
const HTTPS = 443;
const MAX_RESPONSE_BYTES = 16_384;
const connectDirectly = tls.connect;
const proxy = process.env.HTTPS_PROXY;

if (proxy !== undefined && URL.canParse(proxy)) {
  tls.connect = (...args) => {
    const options = optionsOf(args);
    const { host = options.servername ?? "", port = HTTPS } = options;
    if (options.socket || !TWILIO_HOST.test(host)) return connectDirectly(...args);
    const tunnel = new Tunnel(new URL(proxy), `${host}:${port}`);
    const listener = args.find((arg) => typeof arg === "function");
    const secure = connectDirectly({ servername: host, ...options, socket: tunnel }, ...(listener ? [listener] : []));
    // An encrypted stream that is no socket does not know what keeps the process alive.
    for (const name of ["ref", "unref"] as const) {
      secure[name] = () => {
        tunnel.carrier[name]();
        return secure;
      };
    }
    return secure;
  };
  syncBuiltinESMExports();
}

/** The options of `connect(options)`, `connect(port, host, options)` and `connect(port, options)`. */
function optionsOf(args: readonly unknown[]): ConnectionOptions {
  const [port, host] = args;
  const isPort = typeof port === "number" || typeof port === "string";
  const positional = { ...(isPort && { port: Number(port) }), ...(typeof host === "string" && { host }) };
  return Object.assign(positional, ...args.filter((arg) => typeof arg === "object"));
}

/** A connection to a host through the proxy. */
class Tunnel extends Duplex {
  readonly carrier: net.Socket;
  /** What was written before the proxy's response. */
  private held: (() => void)[] | undefined = [];

  constructor({ hostname, port }: URL, target: string) {
    super();
    this.carrier = net.connect(Number(port), hostname.replace(/^\[|\]$/g, ""));
    this.carrier.on("error", (error) => this.destroy(error));
    this.carrier.on("close", () => this.destroy());
    this.carrier.on("end", () => this.push(null));
    this.carrier.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
    this.readResponse();
  }

  private readResponse(): void {
    let received = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf("\r\n\r\n");
      if (end < 0 && received.length < MAX_RESPONSE_BYTES) return;
      this.carrier.off("data", read);
      const [status = ""] = received.toString("latin1").split("\r\n", 1);
      if (!/^HTTP\/1\.1 200 /.test(status)) {
        this.destroy(new Error(`the proxy of the Twilio emulator responded with ${status}`));
        return;
      }
      this.carrier.on("data", (data) => this.forward(data));
      if (received.length > end + 4) this.forward(received.subarray(end + 4));
      for (const write of this.held ?? []) write();
      this.held = undefined;
    };
    this.carrier.on("data", read);
  }

  private forward(data: Buffer): void {
    if (!this.push(data)) this.carrier.pause();
  }

  override _read(): void {
    this.carrier.resume();
  }

  override _write(data: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const write = () => void this.carrier.write(data, done);
    if (this.held) this.held.push(write);
    else write();
  }

  override _final(done: () => void): void {
    this.carrier.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.carrier.destroy();
    done(error);
  }
}
