/** One request to a receiver. It keeps no process alive: an emulator that runs within a program must let it end. */
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Failure, Patience } from "./patience";

export interface Answer {
  status: number;
  contentType: string;
  text: string;
}

/** There was no answer. */
export class NoAnswer extends Error {
  readonly failure: Failure;
  constructor(failure: Failure, message: string) {
    super(message);
    this.failure = failure;
  }
}

interface Sending {
  url: URL;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body: string | undefined;
  patience: Pick<Patience, "connectMs" | "answerMs">;
  /** Ends the attempt. */
  signal: AbortSignal;
}

/** More of an answer is not read. */
const MOST_BYTES = 64 * 1024;

export function sendRequest({ url, method, headers, body, patience, signal }: Sending): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const length: Record<string, string> = body === undefined ? {} : { "Content-Length": String(Buffer.byteLength(body)) };
    const outgoing: ClientRequest = send(url, { method, headers: { ...headers, ...length }, agent: false, signal });
    const giveUp = (failure: Failure, message: string) => outgoing.destroy(new NoAnswer(failure, message));
    let timer = setTimeout(() => giveUp("connect", `no connection within ${patience.connectMs} ms`), patience.connectMs).unref();
    const connected = () => {
      isConnected = true;
      clearTimeout(timer);
      timer = setTimeout(() => giveUp("timeout", `no answer within ${patience.answerMs} ms`), patience.answerMs).unref();
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
      reject(error instanceof NoAnswer ? error : new NoAnswer(failure, error.message));
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
    if (size > MOST_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString("utf8");
}
