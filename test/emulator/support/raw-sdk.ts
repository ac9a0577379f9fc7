/** The SDK's protocol by hand: for what the SDK itself never sends. */
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { Emulator } from "../../../src/emulator";
import { socketUrl } from "./sdk";

export interface Received {
  header: Record<string, unknown> & { id: string; method: string; status?: { code: number; errorCode?: number } };
  payload: Record<string, unknown>;
}

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

  static async open(emulator: Pick<Emulator, "url">, { origin }: { origin?: string } = {}): Promise<RawSdk> {
    const socket = new WebSocket(socketUrl(emulator), { origin });
    onTestFinished(() => socket.terminate());
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    return new RawSdk(socket);
  }

  private wake(): void {
    for (const go of this.waiting) go();
  }

  /** Settles when what was received so far fits; rejects when it has not within 5 s. */
  until<T>(find: (received: readonly Received[], isClosed: boolean) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const give = setTimeout(() => reject(new Error(`not received: ${JSON.stringify(this.received)}`)), 5000);
      const look = () => {
        const found = find(this.received, this.isClosed);
        if (found === undefined) return;
        clearTimeout(give);
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }

  sendBytes(bytes: Buffer | string): void {
    this.socket.send(bytes);
  }

  /** Reads nothing that comes until `resume`. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** Sends a message; answers its id. */
  send(header: Record<string, unknown>, payload = ""): string {
    const id = `TM${++this.serial}`;
    const head = JSON.stringify({ id, ...header, payload_size: Buffer.byteLength(payload) });
    this.sendBytes(Buffer.from(`TWILSOCK V3.0 ${Buffer.byteLength(head)}\r\n${head}\r\n${payload}`));
    return id;
  }

  /** Sends a message and waits for the reply to it. */
  async ask(header: Record<string, unknown>, payload = ""): Promise<Received> {
    const id = this.send(header, payload);
    return this.until((received) => received.find(({ header: { method, id: to } }) => method === "reply" && to === id));
  }

  async init(token: string): Promise<Received> {
    return this.ask({ method: "init", token });
  }

  /** A request through the tunnel: its HTTP status and body. */
  async call(method: string, path: string, body?: object, params: Record<string, unknown> = {}) {
    const request = { host: "aim.us1.twilio.com", path, method, params, headers: { "Content-Type": "application/json" } };
    const { header, payload } = await this.ask({ method: "message", http_request: request }, body && JSON.stringify(body));
    const status = (header.http_status as { code: number }).code;
    return { status, code: payload.code, body: payload };
  }

  /** The first notification whose payload has this event type. */
  async event(type: string): Promise<Record<string, unknown>> {
    return this.until((received) => received.find(({ payload }) => payload.event_type === type)?.payload);
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
