/** Bytes on a socket, for what no client would send. */
import { connect } from "node:net";

/** One answer as it stood on the wire. */
export interface RawAnswer {
  status: number;
  json: unknown;
}

/** Sends the bytes and gives back everything that came until the connection ended, however it ended. */
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
    // A reset ends the connection like any other end.
    socket.on("error", () => {});
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  });
}

/** The answers in what was received, those of a connection that was cut included; `100 Continue` is none. */
export function answersIn(received: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  for (let rest = received; rest !== ""; ) {
    const [, status, headers] = /^HTTP\/1\.1 (\d{3})[^\r]*\r\n((?:[^\r]+\r\n)*)\r\n/.exec(rest) ?? [];
    if (status === undefined || headers === undefined) throw new Error(`no answer begins with ${JSON.stringify(rest.slice(0, 100))}`);
    const start = rest.indexOf("\r\n\r\n") + 4;
    // What answers HEAD says how long it would be.
    const hasBody = !rest.startsWith("HTTP/1.1 ", start);
    const length = hasBody ? Number(/^content-length: (\d+)\r$/im.exec(headers)?.[1] ?? 0) : 0;
    const body = rest.slice(start, start + length);
    if (status !== "100") answers.push({ status: Number(status), json: body === "" ? undefined : JSON.parse(body) });
    rest = rest.slice(start + length);
  }
  return answers;
}
