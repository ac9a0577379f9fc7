/** Values on their way between the engine and a provider. */
import type { Props } from "../../src/core/lifecycle/props";

/** A value as protobuf's Struct carries it: JSON, and an error for anything else. */
export function wire(value: unknown): Props {
  return copy(value) as Props;
}

function copy(value: unknown): unknown {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== "object") throw new Error(`Unexpected struct type. ${new Error().stack}`);
  const result: Props = {};
  for (const [key, entry] of Object.entries(value)) result[key] = copy(entry);
  return result;
}

/** JSON that does not depend on the order of keys. */
export const sortedJson = (value: unknown): string =>
  JSON.stringify(value, (_key, part) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );

const isRecord = (value: unknown): value is Props => typeof value === "object" && value !== null && !Array.isArray(value);

/** The paths, of one or two names, at which two sets of inputs differ. */
export function changedPaths(olds: Props, news: Props): Set<string> {
  const paths = new Set<string>();
  const compare = (a: Props, b: Props, prefix: string) => {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      if (key.startsWith("__") || sortedJson(a[key]) === sortedJson(b[key])) continue;
      const [left, right] = [a[key], b[key]];
      if (prefix === "" && (isRecord(left) || isRecord(right)))
        compare(isRecord(left) ? left : {}, isRecord(right) ? right : {}, `${key}.`);
      else paths.add(prefix + key);
    }
  };
  compare(olds, news, "");
  return paths;
}
