/** Reading a request's body, never more of it than the limit. */
import type { IncomingMessage } from "node:http";
import { fail } from "../errors";

const MOST_BYTES = 1024 * 1024;

/** The whole body as text; 413 as soon as it is too large. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw fail(20413, { max: MOST_BYTES });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
