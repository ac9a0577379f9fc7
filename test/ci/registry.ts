import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

/** A file in a published package. */
export interface PublishedFile {
  readonly text: string;
  readonly mode: number;
}

/** The part of CycloneDX that the tests read. */
export interface BillOfMaterials {
  readonly bomFormat: string;
  readonly components: readonly { readonly name: string; readonly hashes?: readonly unknown[] }[];
}

/** A registry that accepts a package only from a pipeline that proves its identity, as npm's trusted publishing does. */
export interface Registry {
  readonly url: string;
  /** The files of each published package, by path. */
  readonly published: Map<string, PublishedFile>[];
  close(): void;
}

/** `identity` is what the pipeline's forge answers to this token, and what the registry requires. */
export async function openRegistry(identity: string): Promise<Registry> {
  const published: Map<string, PublishedFile>[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://registry");
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    const bearer = (token: string) => request.headers.authorization === `Bearer ${token}`;
    if (pathname === "/id-token") return answer(bearer(identity) ? 200 : 401, { value: identity });
    if (pathname.startsWith("/-/npm/v1/oidc/token/exchange/package/"))
      return bearer(identity) ? answer(201, { token: "short-lived" }) : answer(401, {});
    if (request.method !== "PUT") return answer(404, {});
    if (!bearer("short-lived")) return answer(401, {});
    const { _attachments: attachments } = JSON.parse(await bodyOf(request)) as { _attachments: Record<string, { data: string }> };
    const [tarball] = Object.values(attachments);
    published.push(filesIn(gunzipSync(Buffer.from(tarball?.data ?? "", "base64"))));
    return answer(200, { success: true });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    published,
    close: () => void server.close(),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** The files in a tar archive as npm writes it: paths of up to 255 characters in ustar headers, without the folder `package/`. */
function filesIn(archive: Buffer): Map<string, PublishedFile> {
  const files = new Map<string, PublishedFile>();
  const field = (from: number, length: number) => archive.toString("utf8", from, from + length).replace(/\0.*$/s, "");
  for (let at = 0; at < archive.length && archive[at] !== 0; ) {
    const size = Number.parseInt(field(at + 124, 12), 8);
    const [name, prefix] = [field(at, 100), field(at + 345, 155)];
    const path = (prefix === "" ? name : `${prefix}/${name}`).replace(/^package\//, "");
    files.set(path, { text: archive.toString("utf8", at + 512, at + 512 + size), mode: Number.parseInt(field(at + 100, 8), 8) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
