/**
 * mcs.us1.twilio.com: media go over plain HTTP, from pages of any origin, with an access token in `X-Twilio-Token`; a
 * server uses its credentials as everywhere else.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Controls } from "../control/controls";
import type { Scope } from "../domain";
import { envelope, fail, NotFound, StateNotWritten, TwilioError } from "../errors";
import { addMedia, checkFilename, fetchMedia, LARGEST_MEDIA, type MediaRecord, mediaBody, removeMedia } from "../resources/media";
import { fetchService } from "../resources/service";
import { parseObject } from "../sdk/frame";
import { verifyToken } from "../sdk/token";
import { hex32, newRequestSid } from "../sid";
import { identify } from "./authentication";
import { readBytes } from "./body";
import type { Target } from "./hosts";
import { isForeignPage } from "./pages";

export const MEDIA_PRODUCT = "mcs";
const HOST = "mcs.us1.twilio.com";
const PATH = /^\/v1\/Services\/(?<service>[^/]+)\/(?:(?<set>MediaSet)|Media(?:\/(?<media>[^/]+)(?<content>\/Content)?)?)$/;
/** How long a temporary address works, as at Twilio. */
const ADDRESS_LIFE_MS = 300_000;
const CORS = {
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Headers": "*, Authorization, Content-Type, X-Twilio-Token",
  "Access-Control-Allow-Methods": "GET, POST, DELETE, OPTIONS",
};

interface Answer {
  status: number;
  body?: unknown;
  location?: string;
  bytes?: { content: Buffer; type: string; filename: string };
}

/** Answers one request for the media service. */
export async function handleMedia(controls: Controls, request: IncomingMessage, response: ServerResponse, target: Target): Promise<void> {
  const started = performance.now();
  const { status, body, bytes, location } = await answer(controls, request, target).catch(errorAnswer);
  if (request.method !== "OPTIONS") {
    const { domain, history } = controls;
    const asked = { sid: newRequestSid(), method: request.method ?? "GET", host: HOST, path: target.path };
    history.addRequest({ ...asked, status, body, started, isFault: false }, domain.credentials.accountSid, () => domain.now());
  }
  if (response.destroyed) return;
  if (!request.complete) response.setHeader("Connection", "close");
  if (bytes) {
    const name = encodeURIComponent(bytes.filename);
    response.writeHead(status, {
      ...CORS,
      "Content-Type": bytes.type,
      "Content-Length": bytes.content.length,
      "Content-Disposition": `inline; filename*=UTF-8''${name}`,
      // Somebody else's file must not act in the emulator's name.
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

async function answer(controls: Controls, request: IncomingMessage, { path, query }: Target): Promise<Answer> {
  const method = request.method ?? "GET";
  if (isForeignPage(request)) throw fail(20403, { origin: request.headers.origin ?? request.headers.host ?? "" });
  if (method === "OPTIONS") return { status: 204 };
  const parts = PATH.exec(path)?.groups;
  controls.calls.add(HOST, method, parts ? templateOf(parts) : "{unknown}");
  if (!parts) throw fail(20404, { path });
  const { domain } = controls;
  const asked = new URLSearchParams(query);
  const base = baseAt(`http://${request.headers.host}`);
  const { service: serviceSid = "", media: sid, set, content } = parts;
  const show = (media: MediaRecord) => mediaBody(media, base, addressKey(controls, media.sid));

  if (content && method === "GET" && sid && isAddress(controls, sid, asked)) return contentOf(controls, domain.media.get(sid));
  const { at, author } = authenticate(controls, request, serviceSid);
  if (set) {
    if (method !== "POST") throw fail(20004);
    return { status: 200, body: listed(await readBytes(request)).map((one) => recordOf(at, serviceSid, one, show)) };
  }
  if (sid === undefined) {
    if (method !== "POST") throw fail(20004);
    return { status: 201, body: show(await upload(controls, request, { at, author, serviceSid, asked })) };
  }
  const media = fetchMedia(at, serviceSid, sid);
  if (method === "GET") return content ? contentOf(controls, media) : { status: 200, body: show(media) };
  if (method !== "DELETE" || content) throw fail(20004);
  // The SDK never asks for it. A user's token is no right to what others have sent.
  if (author !== null && media.author !== author) throw fail(54007);
  domain.transact(() => removeMedia(at, sid));
  return { status: 204 };
}

const baseAt = (url: string) => `${url}/${HOST}`;

/** Where whoever has received a file can look at it for a while: what a handset gets is the file itself. */
export function contentAddress(controls: Controls, media: MediaRecord, url: string): string {
  return mediaBody(media, baseAt(url), addressKey(controls, media.sid)).links.content_direct_temporary;
}

function templateOf({ set, media, content }: Record<string, string | undefined>): string {
  return `/v1/Services/{ServiceSid}/${set ?? "Media"}${media ? "/{MediaSid}" : ""}${content ?? ""}`;
}

function authenticate({ domain }: Controls, request: IncomingMessage, serviceSid: string): { at: Scope; author: string | null } {
  const token = request.headers["x-twilio-token"];
  if (typeof token !== "string") {
    const at = domain.scope(identify({ domain }, request).sid);
    fetchService(at, serviceSid);
    return { at, author: null };
  }
  const { at, service, identity } = verifyToken(domain, token);
  if (service.sid !== serviceSid) throw new NotFound();
  return { at, author: identity };
}

interface Upload {
  at: Scope;
  author: string | null;
  serviceSid: string;
  asked: URLSearchParams;
}

/** The body itself, or the first file of a form. */
async function upload({ domain, contents }: Controls, request: IncomingMessage, { at, author, serviceSid, asked }: Upload) {
  const sent = await readBytes(request, LARGEST_MEDIA);
  const type = request.headers["content-type"] ?? "application/octet-stream";
  const file = /^multipart\/form-data/i.test(type) ? await fileOf(sent, type) : { content: sent, type, filename: "" };
  if (!file) throw fail(20001, { what: "The form holds no file" });
  const filename = checkFilename(asked.get("Filename") ?? file.filename);
  return domain.transact(() => {
    const values = { serviceSid, author, filename, contentType: file.type, size: file.content.length };
    const media = addMedia(at, values);
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

/** The SIDs that a `get` command lists. */
function listed(body: Buffer): string[] {
  const { command, list } = parseObject(body.toString()) ?? {};
  if (command !== "get" || !Array.isArray(list)) throw fail(20001, { what: "Only the command get is known" });
  return list.map((entry: { media_sid?: unknown } | null) => String(entry?.media_sid));
}

function recordOf(at: Scope, serviceSid: string, sid: string, show: (media: MediaRecord) => unknown) {
  const media = at.domain.media.get(sid);
  return media?.serviceSid === serviceSid && media.accountSid === at.accountSid
    ? { code: 200, media_record: show(media) }
    : { code: 404, media_record: { sid } };
}

/** What a handset sent lies elsewhere, or in the address itself. */
async function contentOf({ contents }: Controls, media: MediaRecord | undefined): Promise<Answer> {
  if (!media) throw new NotFound();
  const { sourceUrl } = media;
  if (sourceUrl !== null && !sourceUrl.startsWith("data:")) {
    // Handsets say what they like, a header takes less: a URL as it is written in full.
    if (!URL.canParse(sourceUrl)) throw new NotFound();
    return { status: 307, location: new URL(sourceUrl).href };
  }
  const content = sourceUrl === null ? contents.get(media.sid) : await dataIn(sourceUrl);
  if (!content) throw new NotFound();
  return { status: 200, bytes: { content, type: media.contentType, filename: media.filename } };
}

/** What a `data:` URL holds, if it is one. */
async function dataIn(url: string): Promise<Buffer | undefined> {
  const answer = await fetch(url).catch(() => undefined);
  return answer && Buffer.from(await answer.arrayBuffer());
}

/** What makes a temporary address: when it ends, and a proof that we made it. */
function addressKey(controls: Controls, sid: string, ends = controls.domain.now() + ADDRESS_LIFE_MS): string {
  return `${ends}.${hex32(controls.domain.credentials.apiSecret, "media", sid, ends)}`;
}

function isAddress(controls: Controls, sid: string, asked: URLSearchParams): boolean {
  const key = asked.get("Key") ?? "";
  const ends = Number(key.split(".")[0]);
  return ends > controls.domain.now() && key === addressKey(controls, sid, ends);
}

function errorAnswer(error: unknown): Answer {
  if (error instanceof NotFound) return errorAnswer(fail(20404, { path: "" }));
  if (error instanceof StateNotWritten) return errorAnswer(fail(20503, { reason: error.message }));
  if (error instanceof TwilioError) return { status: error.status, body: envelope(error) };
  console.error("emulator: bug while answering a request for media:", error);
  return errorAnswer(fail(20500));
}
