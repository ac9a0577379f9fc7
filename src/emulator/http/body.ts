/** Reading a request's body, never more of it than the limit. */
import type { IncomingMessage } from "node:http";
import { fail } from "../errors";

const MOST_BYTES = 1024 * 1024;

/** The whole body as text; 413 as soon as it is too large. */
export async function readBody(request: IncomingMessage): Promise<string> {
  return (await readBytes(request)).toString("utf8");
}

/** The whole body; 413 as soon as it is too large. */
export async function readBytes(request: IncomingMessage, most = MOST_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > most) throw fail(20413, { max: most });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
