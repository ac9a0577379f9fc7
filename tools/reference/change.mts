// What a change of a property does, from the definition.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { catalog } = require("../../dist/catalog.js") as typeof import("../../dist/catalog.js");

export type Definition = (typeof catalog)[number];

/** The name of a definition's class. */
export const classOf = ({ type }: Definition): string => type.slice(type.indexOf(":") + 1);

/** What a change of one property does. */
export type Effect =
  | "in place"
  | "replaces"
  | "in place; to add or remove it replaces"
  | "matters at creation only"
  | "matters at deletion only";

/** What a change of a property does, by its dotted name. */
export function effectOf(definition: Definition, property: string): Effect {
  const field = definition.fields[property];
  if (field?.local === "create" || field?.sentOnCreate) return "matters at creation only";
  if (field?.local === "delete") return "matters at deletion only";
  if (field?.parent || field?.local === "replace" || field?.createOnly === true) return "replaces";
  return field?.createOnly === "presence" ? "in place; to add or remove it replaces" : "in place";
}

/** What holds for several properties together, as sentences. */
export function rulesOf({ groups, deleteBeforeReplace, singleton, unique = [], atMost }: Definition): string[] {
  const quoted = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(", ");
  const rules = groups
    ? [
        `Declare exactly one of ${quoted(groups.names)}. A switch to another one ${groups.switchable ? "is an update in place" : "replaces"}.`,
      ]
    : [];
  if (deleteBeforeReplace) rules.push("A replacement deletes the old object before it creates the new one.");
  if (singleton) rules.push("It is neither created nor deleted at Twilio. A destroy restores the values that were found at first.");
  if (atMost !== undefined) rules.push(`Twilio allows at most ${atMost} under one parent.`);
  for (const { by, explain } of unique) rules.push(`Two resources of one program must not have the same ${quoted(by)}: ${explain}.`);
  return rules;
}
