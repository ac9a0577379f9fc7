import { createHash } from "node:crypto";

const pattern = /^(.*)~([0-9a-f]{7})(?:[0-9a-f]{5})?$/s;

/** The digest in a name that people read: some hex digits. */
export const digest = (text: string, length: number): string => createHash("sha256").update(text).digest("hex").slice(0, length);

// Twilio allows 256 characters, of which a separator and one or two digests take 8 or 13.
const longestWith = { oneDigest: 248, twoDigests: 243 } as const;

const shortened = (words: string, length: number): string => [...words].slice(0, length).join("");

/**
 * A name that shows people the resource and that only this resource of this stack has; a long name is shortened. `place` stands for the stack's organization and backend,
 * because another backend may have a stack of the same name.
 */
export function defaultName(name: string, urn: string, place = ""): string {
  const words = shortened(name, place ? longestWith.twoDigests : longestWith.oneDigest);
  return `${words}~${digest(urn, 7)}${place && digest(place, 5)}`;
}

/** Another default name of the same resource, where an object of another resource still has the first one. */
export const nextDefaultName = (name: string, previous: string): string => {
  const [, words = "", ofUrn] = pattern.exec(name) ?? [];
  return `${shortened(words, longestWith.twoDigests)}~${ofUrn}${digest(previous, 5)}`;
};

/** The part of a name that people chose: a default name without its digests. */
export const withoutDigest = (name: unknown): string => String(name ?? "").replace(pattern, "$1");

/** Whether a name is one that this package generates: the resource's name and a digest of its URN. */
export const isDefaultName = (name: unknown): boolean => typeof name === "string" && pattern.test(name);

/** Whether both are default names of one resource. They may differ in its place. */
export function areOfOneResource(a: unknown, b: unknown): boolean {
  const [left, right] = [a, b].map((name) => {
    const [, words = "", ofUrn] = pattern.exec(String(name ?? "")) ?? [];
    return ofUrn === undefined ? undefined : `${shortened(words, longestWith.twoDigests)}~${ofUrn}`;
  });
  return left !== undefined && left === right;
}
