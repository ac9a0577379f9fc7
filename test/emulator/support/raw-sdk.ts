/** A client for the SDK's protocol that can send messages the SDK never sends. */
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { Emulator } from "../../../src/emulator";
import { socketUrl } from "./sdk";

/** One received message. */
export interface Received {
  header: Record<string, unknown> & { id: string; method: string; status?: { code: number; errorCode?: number } };
  payload: Record<string, unknown>;
}

/** One websocket connection to the emulator. */
export class RawSdk {
  private readonly socket: WebSocket;
  private readonly received: Received[] = [];
  private readonly waiting = new Set<() => void>();
  private serial = 0;
  isClosed = false;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data: Buffer) => {
      this.received.push(parse(data.toString()));
      this.wake();
    });
    socket.on("close", () => {
      this.isClosed = true;
      this.wake();
    });
  }

  static async open(
    emulator: Pick<Emulator, "url">,
    { origin, headers }: { origin?: string; headers?: Record<string, string> } = {},
  ): Promise<RawSdk> {
    const socket = new WebSocket(socketUrl(emulator), { origin, headers });
    onTestFinished(() => socket.terminate());
    // The listener stays: a later connection error closes the socket, and tests wait for that.
    await new Promise((resolve, reject) => socket.once("open", resolve).on("error", reject));
    return new RawSdk(socket);
  }

  private wake(): void {
    for (const check of this.waiting) check();
  }

  /** Resolves when `find` returns a value for the messages received so far. Rejects after 5 s. */
  waitFor<T>(find: (received: readonly Received[], isClosed: boolean) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`received only ${JSON.stringify(this.received)}`)), 5000);
      const check = () => {
        const found = find(this.received, this.isClosed);
        if (found === undefined) return;
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve(found);
      };
      this.waiting.add(check);
      check();
    });
  }

  sendBytes(bytes: Buffer | string): void {
    this.socket.send(bytes);
  }

  /** Stops reading from the socket until `resume`. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Sends a message. Returns its id. */
  send(header: Record<string, unknown>, payload = ""): string {
    const id = `TM${++this.serial}`;
    const head = JSON.stringify({ id, ...header, payload_size: Buffer.byteLength(payload) });
    this.sendBytes(Buffer.from(`TWILSOCK V3.0 ${Buffer.byteLength(head)}\r\n${head}\r\n${payload}`));
    return id;
  }

  /** Sends a message and waits for its reply. */
  async request(header: Record<string, unknown>, payload = ""): Promise<Received> {
    const id = this.send(header, payload);
    return this.waitFor((received) => received.find(({ header: { method, id: to } }) => method === "reply" && to === id));
  }

  async init(token: string): Promise<Received> {
    return this.request({ method: "init", token });
  }

  /** Sends an HTTP request through the socket. Returns its status and body. */
  async call(method: string, path: string, body?: object, params: Record<string, unknown> = {}) {
    const request = { host: "aim.us1.twilio.com", path, method, params, headers: { "Content-Type": "application/json" } };
    const { header, payload } = await this.request({ method: "message", http_request: request }, body && JSON.stringify(body));
    const status = (header.http_status as { code: number }).code;
    return { status, code: payload.code, body: payload };
  }

  /** The first notification whose payload has this event type. */
  async event(type: string): Promise<Record<string, unknown>> {
    return this.waitFor((received) => received.find(({ payload }) => payload.event_type === type)?.payload);
  }
}

function parse(text: string): Received {
  const [, head = "", ...rest] = text.split("\r\n");
  const payload = rest.join("\r\n");
  return {
    header: JSON.parse(head) as Received["header"],
    payload: payload === "" ? {} : (JSON.parse(payload) as Record<string, unknown>),
  };
}
