import { resourceName } from "./check";
import type { Problem } from "./definition";
import type { Props } from "./props";

/**
 * The hidden input with which the program names inputs that have no value in an update: they derive from resources that the update does not
 * create, because they are not among its targets. The engine drops such inputs, so the provider would report them as missing in the program.
 */
export const missingKey = "__missing";

/** An input without a value. */
export interface MissingValue {
  readonly property: string;
  /** The URNs of the resources that it derives from. */
  readonly from: readonly string[];
}

/** What to do about the inputs without a value. */
export function missingValues(news: Props): Problem[] {
  const missing = news[missingKey];
  if (!Array.isArray(missing)) return [];
  return (missing as MissingValue[]).map(({ property, from }) => {
    if (from.length === 0) return { property, reason: "has no value in this update. Run it without --target." };
    const targets = from.map((urn) => `--target '${urn}'`).join(" ");
    const reason = `derives from ${from.map(label).join(" and ")}, which this update does not create. Add ${targets}, or run it without --target.`;
    return { property, reason };
  });
}

function label(urn: string): string {
  const [, , types = "", ...name] = urn.split("::");
  return `${resourceName({ type: types })} "${name.join("::")}"`;
}
