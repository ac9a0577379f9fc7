import { createHash } from "node:crypto";

const pattern = /^(.*)~([0-9a-f]{7})(?:[0-9a-f]{5})?$/s;

const digest = (text: string, length: number): string => createHash("sha256").update(text).digest("hex").slice(0, length);

/**
 * A name that shows people the resource and that only this resource of this stack has. `place` stands for the stack's organization and backend,
 * because another backend may have a stack of the same name.
 */
export function defaultName(name: string, urn: string, place = ""): string {
  return `${name}~${digest(urn, 7)}${place && digest(place, 5)}`;
}

/** Another default name of the same resource, where an object of another resource still has the first one. */
export const nextDefaultName = (name: string, previous: string): string => {
  const [, words, ofUrn] = pattern.exec(name) ?? [];
  return `${words}~${ofUrn}${digest(previous, 5)}`;
};

/** The part of a name that people chose: a default name without its digests. */
export const withoutDigest = (name: unknown): string => String(name ?? "").replace(pattern, "$1");

/** Whether a name is one that this package generates: the resource's name and a digest of its URN. */
export const isDefaultName = (name: unknown): boolean => typeof name === "string" && pattern.test(name);

/** Whether both are default names of one resource. They may differ in its place. */
export function areOfOneResource(a: unknown, b: unknown): boolean {
  const [left, right] = [a, b].map((name) =>
    pattern
      .exec(String(name ?? ""))
      ?.slice(1, 3)
      .join("~"),
  );
  return left !== undefined && left === right;
}
