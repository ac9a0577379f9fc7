import type { Definition, Field, Problem } from "./definition";
import { boolean, string } from "./formats";
import { groupOf, isUndecided } from "./groups";
import { get, isHidden, isUnknown, type Props, stable, topLevel } from "./props";
import { isKeptSeal } from "./sealed";
import { nearest } from "./spelling";

/** The resource's class name, `PhoneNumber`. */
export const resourceName = ({ type }: Pick<Definition, "type">): string => type.slice(type.lastIndexOf(":") + 1);

/** Every problem of a program's properties at once. What is not known yet passes. */
export function findProblems(definition: Definition, news: Props, olds: Props): Problem[] {
  const found: Problem[] = unknownNames(definition, news);
  for (const [property, field] of Object.entries(definition.fields)) {
    const value = get(news, property);
    if (isUnknown(value)) continue;
    if (value === undefined || value === null) {
      if (isRequired(definition, property, news))
        found.push({ property, reason: `is missing: ${resourceName(definition)} requires \`${property}\`` });
      continue;
    }
    const reason = isKeptSeal(get(olds, property), value) ? undefined : wrong(field, value);
    if (reason) found.push({ property, reason });
  }
  return found.concat(groupProblems(definition, news), definition.validate?.(news, olds) ?? []);
}

/** Whether the program must declare a property: one of a group, only where it declares that group. */
export function isRequired(definition: Definition, property: string, news: Props): boolean {
  const group = groupOf(definition, property);
  return definition.fields[property]?.required === true && (group === undefined || get(news, group) !== undefined);
}

function groupProblems(definition: Definition, news: Props): Problem[] {
  const { groups } = definition;
  if (!groups || isUndecided(definition, news)) return [];
  const declared = groups.names.filter((name) => get(news, name) !== undefined);
  const rule = `declare exactly one of \`${groups.names.join("`, `")}\``;
  if (declared.length === 0) return [{ property: groups.names[0] as string, reason: `is missing: ${rule}` }];
  if (declared.length === 1) return [];
  return [{ property: declared[1] as string, reason: `must not be declared together with \`${declared[0]}\`: ${rule}` }];
}

function wrong(field: Field, value: unknown): string | undefined {
  if (field.format) return field.format(value);
  if (field.type === "boolean") return boolean(value);
  if (field.type === "integer") return Number.isInteger(value) ? undefined : `must be a whole number; received ${stable(value)}`;
  if (field.type === "list" || field.type === "set") return Array.isArray(value) ? undefined : `must be a list; received ${stable(value)}`;
  if (field.type === "empty") return stable(value) === "{}" ? undefined : `must be {}; received ${stable(value)}`;
  return field.type === "json" ? undefined : string(value);
}

/** Names that no property has, each with the nearest name of a property. */
function unknownNames(definition: Definition, news: Props): Problem[] {
  const names = Object.keys(definition.fields);
  const found: Problem[] = [];
  const look = (props: Props, prefix: string) => {
    const known = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    for (const [key, value] of Object.entries(props)) {
      const full = prefix + key;
      if (isHidden(key) || value === undefined || names.includes(full)) continue;
      if (known.some((name) => name.startsWith(`${key}.`))) {
        if (isUnknown(value) && typeof value !== "object") continue;
        if (typeof value === "object" && value !== null) look(value as Props, `${full}.`);
        else found.push({ property: full, reason: `must be an object; received ${stable(value)}` });
        continue;
      }
      const here = [...new Set(known.map(topLevel))];
      const near = nearest(key, here);
      const fix = near ? `did you mean \`${prefix}${near}\`?` : `its properties are ${here.map((name) => prefix + name).join(", ")}`;
      found.push({ property: full, reason: `is not a property of ${resourceName(definition)}: ${fix}` });
    }
  };
  look(news, "");
  return found;
}
