/** Reads request bodies up to a size limit. */
import type { IncomingMessage } from "node:http";
import { fail } from "../errors";

const MAX_BODY_BYTES = 1024 * 1024;

/** Returns the whole body as text. Fails with 413 as soon as the body exceeds the limit. */
export async function readBody(request: IncomingMessage): Promise<string> {
  return (await readBytes(request)).toString("utf8");
}

/** Returns the whole body. Fails with 413 as soon as the body exceeds `maxBytes`. */
export async function readBytes(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw fail(20413, { max: maxBytes });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
