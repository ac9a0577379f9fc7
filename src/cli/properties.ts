import { same, unknownSentinel } from "../core/lifecycle/props";
import { isSecretUrl } from "./export/secrets";

/** What the CLI's JSON holds in place of a secret. */
const SECRET = "[secret]";

/** Whether a value of the CLI's JSON is a secret, which it does not tell. */
export const isSecret = (value: unknown): boolean => value === SECRET;

/** A value that Twilio holds, as it may be shown: an address with a login or a token in it is a secret, whoever wrote it. */
export const openly = (value: unknown): unknown => (typeof value === "string" && isSecretUrl(value) ? SECRET : value);

/** The steps of a path as the engine writes it: `attributes.color`, `list[0]`, `attributes["a.b"]`. */
export function stepsOf(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, plain]) => quoted?.replace(/\\(.)/g, "$1") ?? index ?? (plain as string),
  );
}

/** The path of a key within another, as the engine writes it. */
export const pathTo = (path: string, key: string): string => {
  if (path === "") return key;
  return /^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;
};

/** What a path leads to; within a secret, the secret. */
export function valueAt(props: unknown, path: string): unknown {
  return stepsOf(path).reduce<unknown>((value, key) => {
    if (isSecret(value) || value === unknownSentinel) return value;
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  }, props);
}

/** A value on one line: JSON, with words for what has none. */
export function inWords(value: unknown): string {
  if (value === undefined) return "–";
  if (isSecret(value)) return SECRET;
  if (value === unknownSentinel) return "(known after up)";
  // Within an object the engine's mark for what is not known yet would be taken for a value.
  return JSON.stringify(value)?.replaceAll(`"${unknownSentinel}"`, "(known after up)") ?? "–";
}

/** The paths, down to the leaves, at which two values differ; the engine's own properties left out. */
export function changedPaths(before: unknown, after: unknown, path = ""): string[] {
  if (same(before, after)) return [];
  if (!isObject(before) || !isObject(after)) return [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !key.startsWith("__"));
  return keys.flatMap((key) => changedPaths(before[key], after[key], pathTo(path, key)));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
