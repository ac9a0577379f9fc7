/** Sends one request to a receiver. Sockets are unreferenced so that an emulator inside a program lets it exit. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { DeliveryLimits, Failure } from "./delivery-limits";

/** A receiver's response. */
export interface ReceiverResponse {
  status: number;
  contentType: string;
  text: string;
}

/** The receiver did not respond. */
export class NoResponse extends Error {
  readonly failure: Failure;
  constructor(failure: Failure, message: string) {
    super(message);
    this.failure = failure;
  }
}

interface Outgoing {
  url: URL;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body: string | undefined;
  limits: Pick<DeliveryLimits, "connectMs" | "responseMs">;
  /** Ends the attempt. */
  signal: AbortSignal;
}

/** The rest of a longer response is not read. */
const MAX_RESPONSE_BYTES = 64 * 1024;

/** Sends the request. Rejects with {@link NoResponse} if no response arrives within the limits. */
export function sendRequest({ url, method, headers, body, limits, signal }: Outgoing): Promise<ReceiverResponse> {
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const length: Record<string, string> = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
    const outgoing: ClientRequest = send(url, { method, headers: { ...headers, ...length }, agent: false, signal });
    const abort = (failure: Failure, message: string) => outgoing.destroy(new NoResponse(failure, message));
    let timer = setTimeout(() => abort("connect", `no connection within ${limits.connectMs} ms`), limits.connectMs).unref();
    const connected = () => {
      isConnected = true;
      clearTimeout(timer);
      timer = setTimeout(() => abort("timeout", `no response within ${limits.responseMs} ms`), limits.responseMs).unref();
    };
    outgoing.on("socket", (socket) => {
      socket.unref();
      socket.once(url.protocol === "https:" ? "secureConnect" : "connect", connected);
    });
    outgoing.on("response", (response) => {
      readText(response).then((text) => {
        resolve({ status: response.statusCode ?? 0, contentType: response.headers["content-type"] ?? "", text });
        outgoing.destroy();
      }, fail);
    });
    const fail = (error: Error) => {
      const failure: Failure = isConnected ? "timeout" : "connect";
      reject(error instanceof NoResponse ? error : new NoResponse(failure, error.message));
    };
    outgoing.on("error", fail);
    outgoing.on("close", () => clearTimeout(timer));
    outgoing.end(body);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_RESPONSE_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES).toString("utf8");
}
