import type { Definition, Problem } from "../lifecycle/definition";
import { get, isUnknown, type Props } from "../lifecycle/props";
import { itemName } from "./set-definition";

/**
 * Items that Twilio would refuse because another item of the set has the same values. The program reports that of plain values; items that were
 * outputs are known only here.
 */
export function duplicateItems({ unique = [], fields }: Definition, items: ReadonlyMap<string, Props>): Problem[] {
  return unique.flatMap(({ by, explain }) => {
    const known = new Map<string, string>();
    return [...items].flatMap(([key, item]): Problem[] => {
      // Where no parent is declared, the parent is Twilio's default.
      const values = by.map((property) => get(item, property) ?? (fields[property]?.parent ? "" : undefined));
      if (values.length === 0 || values.some((value) => value === undefined || isUnknown(value))) return [];
      const other = known.get(JSON.stringify(values));
      known.set(JSON.stringify(values), other ?? key);
      if (other === undefined) return [];
      const property = by.filter((one) => !fields[one]?.parent).join(" and ");
      const reason = `must not be the same as in ${itemName(other)}: ${explain}. Declare only one of them.`;
      return [{ property: `${itemName(key)}.${property}`, reason }];
    });
  });
}
