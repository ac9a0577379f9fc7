/**
 * The media service, mcs.us1.twilio.com. Media travel over plain HTTP. Pages of any allowed origin send an access token
 * in `X-Twilio-Token`; servers use Basic authentication.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { EmulatorContext } from "../context";
import type { Scope } from "../domain";
import { envelope, fail, NotFound, TwilioError, toTwilioError } from "../errors";
import {
  addMedia,
  checkFilename,
  fetchMedia,
  MAX_MEDIA_BYTES,
  type MediaRecord,
  mediaBody,
  mediaTable,
  removeMedia,
} from "../resources/media";
import { fetchService } from "../resources/service";
import { parseObject } from "../sdk/frame";
import { verifyToken } from "../sdk/token";
import { hex32, newRequestSid } from "../sid";
import { identify } from "./authentication";
import { readBytes } from "./body";
import { refusalOf } from "./browser-origin";
import type { Target } from "./hosts";
import { originOf, urlAt } from "./tunnel";

/** The media service's product, as `targetOf` returns it. */
export const MEDIA_PRODUCT = "mcs";
const HOST = "mcs.us1.twilio.com";
const PATH = /^\/v1\/Services\/(?<service>[^/]+)\/(?:(?<set>MediaSet)|Media(?:\/(?<media>[^/]+)(?<content>\/Content)?)?)$/;
/** How long a temporary URL is valid at Twilio. */
const TEMPORARY_URL_TTL_MS = 300_000;
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "*, Authorization, Content-Type, X-Twilio-Token",
  "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
};

interface MediaReply {
  /** Null if the client canceled the request. */
  status: number | null;
  body?: unknown;
  location?: string;
  bytes?: { content: Buffer; type: string; filename: string };
}

/** Handles one request to the media service. */
export async function handleMedia(
  context: EmulatorContext,
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
): Promise<void> {
  const started = performance.now();
  const { status, body, bytes, location } = await replyTo(context, request, target).catch((error: unknown) => errorReply(request, error));
  if (request.method !== "OPTIONS") {
    const { domain, history } = context;
    const entry = { sid: newRequestSid(), method: request.method ?? "GET", host: HOST, path: target.path };
    history.addRequest({ ...entry, status, body, started, isFault: false }, domain.credentials.accountSid, () => domain.now());
  }
  if (response.destroyed || status === null) return;
  if (!request.complete) response.setHeader("Connection", "close");
  if (bytes) {
    const name = encodeURIComponent(bytes.filename);
    response.writeHead(status, {
      ...CORS,
      "Content-Type": bytes.type,
      "Content-Length": bytes.content.length,
      "Content-Disposition": `inline; filename*=UTF-8''${name}`,
      // An uploaded file must not run scripts in the emulator's origin.
      "Content-Security-Policy": "sandbox; default-src 'none'",
      "X-Content-Type-Options": "nosniff",
    });
    response.end(bytes.content);
    return;
  }
  if (location) response.setHeader("Location", location);
  const text = body === undefined ? "" : JSON.stringify(body);
  const type = body === undefined ? {} : { "Content-Type": "application/json; charset=utf-8", "Content-Length": Buffer.byteLength(text) };
  response.writeHead(status, { ...CORS, ...type }).end(text);
}

async function replyTo(context: EmulatorContext, request: IncomingMessage, { path, query }: Target): Promise<MediaReply> {
  const method = request.method ?? "GET";
  const parts = PATH.exec(path)?.groups;
  const parameters = new URLSearchParams(query);
  // The key of a temporary URL is the permission. An <img> of a page at `localhost` sends no origin.
  const isTemporary = method === "GET" && parts?.content !== undefined && hasTemporaryKey(context, parts.media ?? "", parameters);
  const refusal = refusalOf(request, { crossSite: isTemporary, allowedHosts: context.allowedHosts });
  if (refusal !== undefined) throw fail(20403, { refusal });
  if (method === "OPTIONS") return { status: 204 };
  context.calls.add(HOST, method, parts && templateOf(parts));
  if (!parts) throw fail(20404, { path });
  const { domain } = context;
  const base = baseAt(originOf(request));
  const { service: serviceSid = "", media: sid, set, content } = parts;
  const render = (media: MediaRecord) => mediaBody(media, base, temporaryKey(context, media.sid));

  if (isTemporary) return contentOf(context, mediaTable.in(domain).get(sid ?? ""));
  const { scope, author } = authenticate(context, request, serviceSid);
  if (set) {
    if (method !== "POST") throw fail(20004);
    const sids = readMediaSids(await readBytes(request));
    return { status: 200, body: sids.map((mediaSid) => recordOf(scope, serviceSid, mediaSid, render)) };
  }
  if (sid === undefined) {
    if (method !== "POST") throw fail(20004);
    return { status: 201, body: render(await upload(context, request, { scope, author, serviceSid, parameters })) };
  }
  const media = fetchMedia(scope, serviceSid, sid);
  if (method === "GET") return content ? contentOf(context, media) : { status: 200, body: render(media) };
  if (method !== "DELETE" || content) throw fail(20004);
  // The SDK never deletes media. A user's token gives no access to the media of others.
  if (author !== null && media.author !== author) throw fail(54007);
  domain.transact(() => removeMedia(scope, sid));
  return { status: 204 };
}

const baseAt = (origin: string) => urlAt(origin, HOST);

/** A temporary URL of a file's content, for handsets, which have no credentials. */
export function temporaryContentUrl(context: EmulatorContext, media: MediaRecord, url: string): string {
  return mediaBody(media, baseAt(url), temporaryKey(context, media.sid)).links.content_direct_temporary;
}

function templateOf({ set, media, content }: Record<string, string | undefined>): string {
  return `/v1/Services/{ServiceSid}/${set ?? "Media"}${media ? "/{MediaSid}" : ""}${content ?? ""}`;
}

function authenticate({ domain }: EmulatorContext, request: IncomingMessage, serviceSid: string): { scope: Scope; author: string | null } {
  const token = request.headers["x-twilio-token"];
  if (typeof token !== "string") {
    const scope = domain.scope(identify({ domain }, request).sid);
    fetchService(scope, serviceSid);
    return { scope, author: null };
  }
  const { scope, service, identity } = verifyToken(domain, token);
  if (service.sid !== serviceSid) throw new NotFound();
  return { scope, author: identity };
}

interface Upload {
  scope: Scope;
  author: string | null;
  serviceSid: string;
  parameters: URLSearchParams;
}

/** Stores the request body, or the first file of a multipart form. */
async function upload({ domain, contents }: EmulatorContext, request: IncomingMessage, { scope, author, serviceSid, parameters }: Upload) {
  const body = await readBytes(request, MAX_MEDIA_BYTES);
  const type = request.headers["content-type"] ?? "application/octet-stream";
  const file = /^multipart\/form-data/i.test(type) ? await fileOf(body, type) : { content: body, type, filename: "" };
  if (!file) throw fail(20001, { what: "The form must contain a file" });
  const filename = checkFilename(parameters.get("Filename") ?? file.filename);
  return domain.transact(() => {
    // While the file arrived, a reset or a snapshot may have replaced the state.
    fetchService(scope, serviceSid);
    const values = { serviceSid, author, filename, contentType: file.type, size: file.content.length };
    const media = addMedia(scope, values);
    contents.put(media.sid, file.content);
    return media;
  });
}

async function fileOf(bytes: Buffer, type: string) {
  const form = await new Response(new Uint8Array(bytes), { headers: { "Content-Type": type } }).formData().catch(() => undefined);
  const file = [...(form?.values() ?? [])].find((value) => typeof value !== "string");
  if (!file) return undefined;
  return { content: Buffer.from(await file.arrayBuffer()), type: file.type || "application/octet-stream", filename: file.name };
}

/** Reads the SIDs of a `get` command. */
function readMediaSids(body: Buffer): string[] {
  const { command, list } = parseObject(body.toString()) ?? {};
  if (command !== "get" || !Array.isArray(list)) throw fail(20001, { what: "The body must be a `get` command with a `list`" });
  return list.map((entry: { media_sid?: unknown } | null) => String(entry?.media_sid));
}

function recordOf(scope: Scope, serviceSid: string, sid: string, render: (media: MediaRecord) => unknown) {
  const media = mediaTable.in(scope.domain).get(sid);
  return media?.serviceSid === serviceSid && media.accountSid === scope.accountSid
    ? { code: 200, media_record: render(media) }
    : { code: 404, media_record: { sid } };
}

/** Returns the content. A file that a handset sent is stored at its source URL or inside a `data:` URL. */
async function contentOf({ contents }: EmulatorContext, media: MediaRecord | undefined): Promise<MediaReply> {
  if (!media) throw new NotFound();
  const { sourceUrl } = media;
  if (sourceUrl !== null && !sourceUrl.startsWith("data:")) {
    // A handset may send any text, but a header needs a valid, encoded URL.
    if (!URL.canParse(sourceUrl)) throw new NotFound();
    return { status: 307, location: new URL(sourceUrl).href };
  }
  const content = sourceUrl === null ? contents.get(media.sid) : await decodeDataUrl(sourceUrl);
  if (!content) throw new NotFound();
  return { status: 200, bytes: { content, type: media.contentType, filename: media.filename } };
}

/** Decodes a `data:` URL. Returns undefined if it is malformed. */
async function decodeDataUrl(url: string): Promise<Buffer | undefined> {
  const response = await fetch(url).catch(() => undefined);
  return response && Buffer.from(await response.arrayBuffer());
}

/** The key of a temporary URL: its expiry and a signature. */
function temporaryKey(context: EmulatorContext, sid: string, expiry = context.domain.now() + TEMPORARY_URL_TTL_MS): string {
  return `${expiry}.${hex32(context.domain.credentials.apiSecret, "media", sid, expiry)}`;
}

function hasTemporaryKey(context: EmulatorContext, sid: string, parameters: URLSearchParams): boolean {
  const key = parameters.get("Key") ?? "";
  const expiry = Number(key.split(".")[0]);
  return expiry > context.domain.now() && key === temporaryKey(context, sid, expiry);
}

function errorReply(request: IncomingMessage, thrown: unknown): MediaReply {
  if (request.destroyed && !request.complete && !(thrown instanceof TwilioError)) return { status: null };
  const error = toTwilioError(thrown, { path: "", request: "a media request" });
  return { status: error.status, body: envelope(error) };
}
