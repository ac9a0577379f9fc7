/**
 * Encodes and decodes the messages of the SDK's socket: a line with the header's length, the header as JSON, the
 * payload. Each binary websocket frame carries one message. Lengths are in bytes.
 */
import { randomUUID } from "node:crypto";

/** The header of a message. Further fields depend on the method. */
export interface Header {
  method: string;
  id: string;
  [name: string]: unknown;
}

/** A decoded message. */
export interface Frame {
  header: Header;
  payload: string;
}

const FIRST_LINE = /^TWILSOCK V3\.0 (\d{1,9})$/;
const END_OF_LINE = "\r\n";
/** How much a client may leave unread: more than all pages that it requests at once. */
export const MAX_UNREAD_BYTES = 16 * 1024 * 1024;

/** Encodes a message. The payload is sent as JSON. */
export function encodeFrame(header: Header, payload?: object): Buffer {
  const body = Buffer.from(payload === undefined ? "" : JSON.stringify(payload));
  const description = payload === undefined ? {} : { payload_type: "application/json" };
  const head = Buffer.from(JSON.stringify({ ...header, ...description, payload_size: body.length }));
  return Buffer.concat([Buffer.from(`TWILSOCK V3.0 ${head.length}${END_OF_LINE}`), head, Buffer.from(END_OF_LINE), body]);
}

/** Encodes a notification. All its receivers get the same bytes. */
export function encodeNotification(messageType: string, body: object): Buffer {
  return encodeFrame({ method: "notification", id: newMessageId(), message_type: messageType, notification_ctx_id: "" }, body);
}

/** The id of a message that the emulator initiates. */
export function newMessageId(): string {
  return `TM${randomUUID().replaceAll("-", "")}`;
}

/** Decodes a message. Returns undefined if it is malformed. Ignores bytes after the payload, as Twilio does. */
export function decodeFrame(bytes: Buffer): Frame | undefined {
  const lineEnd = bytes.indexOf(END_OF_LINE);
  const size = Number(FIRST_LINE.exec(bytes.subarray(0, Math.max(0, lineEnd)).toString())?.[1] ?? Number.NaN);
  const headStart = lineEnd + END_OF_LINE.length;
  const header = parseObject(bytes.subarray(headStart, headStart + size).toString());
  if (typeof header?.method !== "string" || typeof header.id !== "string") return undefined;
  const payloadStart = headStart + size + END_OF_LINE.length;
  const payloadSize = Number(header.payload_size ?? 0);
  if (!(payloadSize >= 0) || payloadStart - END_OF_LINE.length > bytes.length) return undefined;
  return { header: header as Header, payload: bytes.subarray(payloadStart, payloadStart + payloadSize).toString() };
}

/** Parses a JSON object. Returns undefined for anything else. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The value of a client's JSON as an object; empty if it is something else. */
export const asObject = (value: unknown): Record<string, unknown> => (isObject(value) ? value : {});

/** The objects in a list of a client's JSON; none if it is not a list. */
export const asObjects = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** The value of a client's JSON as text. An object has none: its own `toString` may be anything. */
export const asText = (value: unknown): string => (value === undefined || typeof value === "object" ? "" : String(value));

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

/** A successful reply to a socket message. */
export interface SocketReply {
  header?: object;
  payload?: object;
  /** Actions to run after the reply is sent. */
  afterReply?: (() => void)[];
}
