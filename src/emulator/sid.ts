import { createHash, randomUUID } from "node:crypto";

/** 32 hex digits that depend only on the parts. */
export function hex32(...parts: (string | number)[]): string {
  return createHash("sha256").update(parts.join("\u0000")).digest("hex").slice(0, 32);
}

/** The SID for a seed, a prefix and a serial number. */
export function makeSid(seed: string, prefix: string, serial: number): string {
  return prefix + hex32(seed, prefix, serial);
}

/** Whether the text looks like a SID with this prefix. */
export function isSid(prefix: string, text: string): boolean {
  return text.length === 34 && text.startsWith(prefix) && /^[0-9a-fA-F]{32}$/.test(text.slice(2));
}

/** A SID for a request that does not come through REST. */
export function newRequestSid(): string {
  return `RQ${randomUUID().replaceAll("-", "")}`;
}
