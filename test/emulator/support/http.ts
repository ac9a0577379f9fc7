/** Sends plain HTTP requests that neither Twilio's client nor fetch (which forbids a Host header) can send. */
import { request } from "node:http";

interface PlainRequest {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Sends the body without a Content-Length header. */
  chunked?: boolean;
}

/** A response, with its body also parsed as JSON if possible. */
export interface PlainResponse {
  status: number;
  headers: Record<string, string>;
  text: string;
  json: unknown;
}

/** Sends the request and returns the response. */
export function send(url: string, { method = "GET", path, headers = {}, body, chunked }: PlainRequest): Promise<PlainResponse> {
  return new Promise((resolve, reject) => {
    const length: Record<string, string> = body === undefined || chunked ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const outgoing = request(url, { method, path, headers: { ...headers, ...length } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({ status: response.statusCode ?? 0, headers: response.headers as Record<string, string>, text, json: parse(text) });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
