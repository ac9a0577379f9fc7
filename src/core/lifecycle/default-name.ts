import { createHash } from "node:crypto";

/** A name that shows people the resource and that only this resource of this stack has. */
export function defaultName(name: string, urn: string): string {
  return `${name}~${createHash("sha256").update(urn).digest("hex").slice(0, 7)}`;
}

/** The part of a name that people chose: a default name without its digest. */
export const withoutDigest = (name: unknown): string => String(name ?? "").replace(/~[0-9a-f]{7}$/, "");

/** Whether a name is one that this package generates: the resource's name and a digest of its URN. */
export const isDefaultName = (name: unknown): boolean => typeof name === "string" && /~[0-9a-f]{7}$/.test(name);
