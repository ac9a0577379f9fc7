/** What a resource's properties look like once Pulumi has resolved them: plain JSON. */
export type Props = Record<string, unknown>;

/** What Pulumi's engine writes in place of a value that is not known yet (sdk/nodejs/runtime/rpc.ts: unknownValue). */
export const unknownSentinel = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Where the outputs say that the object was found by its mark, and nothing showed that this stack created it. */
export const foundKey = "__found";

/** Where the outputs say that a create failed halfway. The engine forgets it with a refresh, and its inputs are those declared. */
export const partialKey = "__partial";

/** Properties that travel with a resource and are never sent to Twilio. */
export const isHidden = (property: string): boolean => property.startsWith("__");

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

/** Writes a dotted property and creates the objects on its path; `undefined` writes nothing. */
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

/** The top-level name that Pulumi shows and that `replaces` must hold. */
export const topLevel = (property: string): string => property.split(".")[0] as string;

/** The names that Pulumi knows the changed properties by. */
export const topLevels = (properties: readonly string[]): string[] => [...new Set(properties.map(topLevel))];

/** The SID that ends an id, `CH…` of `IS…/CH…`. */
export const lastSid = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

/** The id of the parent; empty where there is none. */
export const parentIdOf = (id: string): string => id.slice(0, Math.max(0, id.lastIndexOf("/")));

/**
 * Nothing but JSON: an `undefined`, a date or a function in a result makes the engine drop it after the object was created, which orphans the
 * object.
 */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
