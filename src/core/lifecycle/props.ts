import type { Definition, Props } from "./definition";

/** What Pulumi's engine writes in place of a value that is not known yet (sdk/nodejs/runtime/rpc.ts: unknownValue). */
export const unknownSentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Whether a value, or anything inside it, is not known yet. */
export function isUnknown(value: unknown): boolean {
  if (value === unknownSentinel) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(isUnknown);
}

/** Reads a dotted property: `get(props, "timers.inactive")`. */
export function get(props: unknown, property: string): unknown {
  return property
    .split(".")
    .reduce<unknown>(
      (value, key) => (typeof value === "object" && value !== null ? (value as Props)[key] : value === unknownSentinel ? value : undefined),
      props,
    );
}

/** Writes a dotted property, making the objects on the way; `undefined` writes nothing. */
export function set(props: Props, property: string, value: unknown): void {
  if (value === undefined) return;
  const keys = property.split(".");
  const last = keys.pop() as string;
  let target = props;
  for (const key of keys) {
    target[key] ??= {};
    target = target[key] as Props;
  }
  target[last] = value;
}

/** Whether two values mean the same: objects regardless of the order of their keys. */
export function same(a: unknown, b: unknown): boolean {
  return stable(a) === stable(b);
}

/** JSON with sorted keys, so that equal values give equal text. */
export function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, entry]) => `${JSON.stringify(key)}:${stable(entry)}`)
    .join(",")}}`;
}

/** The property that names the parent, if the resource has one. */
export function parentProperty(definition: Definition): string | undefined {
  return Object.keys(definition.fields).find((property) => definition.fields[property]?.parent);
}

/** The SIDs of the parents, outermost first, as the program declares them. */
export function declaredParents(definition: Definition, props: Props): string[] {
  const property = parentProperty(definition);
  const parent = property && props[property];
  return typeof parent === "string" ? parent.split("/") : [];
}

/** The top-level name that Pulumi shows and that `replaces` must hold. */
export const topLevel = (property: string): string => property.split(".")[0] as string;

/** What becomes of the object when its resource goes. */
export const deletePolicy = ({ retainByDefault: precious }: Definition, { onDelete, adopt }: Props): unknown =>
  onDelete ?? (precious || adopt !== undefined ? "retain" : "delete");
