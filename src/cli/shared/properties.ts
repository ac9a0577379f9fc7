import { same, unknownSentinel } from "../../core/lifecycle/props";
import { isSecretUrl, maskSecretUrls } from "./secrets";

/** What the CLI's JSON has in place of a secret. */
const SECRET = "[secret]";

/** Whether a value in the CLI's JSON is a secret, which the CLI does not print. */
export const isSecret = (value: unknown): boolean => value === SECRET;

/** A value from Twilio as it may be shown: a URL with credentials in it is a secret, at any depth and regardless of who wrote it. */
export function maskSecretUrl(value: unknown): unknown {
  if (typeof value === "string") return isSecretUrl(value) ? SECRET : maskSecretUrls(value, SECRET);
  if (Array.isArray(value)) return value.map(maskSecretUrl);
  return isPlainObject(value) ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, maskSecretUrl(entry)])) : value;
}

/** The segments of a path as the engine writes it: `attributes.color`, `list[0]`, `attributes["a.b"]`. */
export function pathSegments(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted?.replace(/\\(.)/g, "$1") ?? index ?? (plain as string),
  );
}

/** The path of a key below another path, as the engine writes it. */
export const pathTo = (path: string, key: string): string => {
  if (path === "") return key;
  return /^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
};

/** The value at a path; for a path into a secret, the secret. */
export function valueAt(props: unknown, path: string): unknown {
  return pathSegments(path).reduce<unknown>((value, key) => {
    if (isSecret(value) || value === unknownSentinel) return value;
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }, props);
}

/** A value on one line: JSON, or words where there is no value to show. */
export function inWords(value: unknown): string {
  if (value === undefined) return "–";
  if (isSecret(value)) return SECRET;
  if (value === unknownSentinel) return "(known after up)";
  // Inside an object, the engine's marker for an unknown value would look like a value.
  return JSON.stringify(value)?.replaceAll(`"${unknownSentinel}"`, "(known after up)") ?? "–";
}

/** The paths, down to the leaves, at which two values differ; without the engine's own properties. */
export function changedPaths(before: unknown, after: unknown, path = ""): string[] {
  if (same(before, after)) return [];
  if (!isPlainObject(before) || !isPlainObject(after)) return [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !key.startsWith("__"));
  return keys.flatMap((key) => changedPaths(before[key], after[key], pathTo(path, key)));
}

/** Whether a value is an object with properties of its own, and no list. */
export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
