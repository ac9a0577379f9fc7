/** Reads request bodies up to a size limit. */
import type { IncomingMessage } from "node:http";
import { fail } from "../errors";

const MAX_BODY_BYTES = 1024 * 1024;

/** Returns the whole body as text. Fails with 413 as soon as the body exceeds the limit. */
export async function readBody(request: IncomingMessage): Promise<string> {
  return (await readBytes(request)).toString("utf8");
}

/**
 * Returns the body's form as `name=value&…`. Twilio accepts forms of both encodings and refuses other content. The status of that error
 * is not documented.
 */
export async function formOf(body: string, contentType = "application/x-www-form-urlencoded"): Promise<string> {
  if (body === "" || /^application\/x-www-form-urlencoded/i.test(contentType)) return body;
  if (!/^multipart\/form-data/i.test(contentType)) throw fail(19056);
  const form = await new Response(body, { headers: { "Content-Type": contentType } }).formData().catch(() => {
    throw fail(19056);
  });
  const pairs = [...form].flatMap(([name, value]): [string, string][] => (typeof value === "string" ? [[name, value]] : []));
  return new URLSearchParams(pairs).toString();
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
