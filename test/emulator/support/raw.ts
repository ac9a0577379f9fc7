/** Sends raw bytes over a socket, for requests that no HTTP client would send. */
import { connect } from "node:net";

/** One response, parsed from the received bytes. */
export interface RawResponse {
  status: number;
  json?: unknown;
  /** The body, if its content type is not JSON. */
  text?: string;
}

/** Sends the bytes and returns everything received until the connection closed, for whatever reason. */
export function exchange(url: string, bytes: string | Buffer, { halfClose = false } = {}): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true }, () => {
      if (halfClose) socket.end(bytes);
      else socket.write(bytes);
    });
    const chunks: Buffer[] = [];
    socket.on("data", (data) => chunks.push(data));
    socket.on("end", () => socket.end());
    // A reset closes the connection too, so the close handler resolves.
    socket.on("error", () => {});
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  });
}

/** Parses all responses in the received text. Skips `100 Continue`. */
export function responsesIn(received: string): RawResponse[] {
  const responses: RawResponse[] = [];
  for (let rest = received; rest !== ""; ) {
    const [, status, headers] = /^HTTP\/1\.1 (\d{3})[^\r]*\r\n((?:[^\r]+\r\n)*)\r\n/.exec(rest) ?? [];
    if (status === undefined || headers === undefined) throw new Error(`this is not a response: ${JSON.stringify(rest.slice(0, 100))}`);
    const start = rest.indexOf("\r\n\r\n") + 4;
    // A response to HEAD declares a length but has no body.
    const hasBody = !rest.startsWith("HTTP/1.1 ", start);
    const length = hasBody ? Number(/^content-length: (\d+)\r$/im.exec(headers)?.[1] ?? 0) : 0;
    const body = rest.slice(start, start + length);
    const isJson = !/^content-type: (?!application\/json)/im.test(headers);
    if (status !== "100")
      responses.push({ status: Number(status), ...(isJson ? { json: body === "" ? undefined : JSON.parse(body) } : { text: body }) });
    rest = rest.slice(start + length);
  }
  return responses;
}
