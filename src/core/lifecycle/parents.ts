import type { Definition } from "./definition";
import { foundKey, lastSid, type Props } from "./props";

/** The properties that name a parent. Two parents are in the same object, and the second adds only its own SID to the path. */
export const parentProperties = ({ fields }: Pick<Definition, "fields">): string[] =>
  Object.keys(fields).filter((property) => fields[property]?.parent);

/** The property that names the parent, or the first of two, if the resource has one. */
export const parentProperty = (definition: Pick<Definition, "fields">): string | undefined => parentProperties(definition)[0];

/** The SIDs of the parents, outermost first, as the program declares them. */
export function declaredParents(definition: Pick<Definition, "fields">, props: Props): string[] {
  const [first, ...others] = parentProperties(definition).map((property) => props[property]);
  if (typeof first !== "string") return [];
  return [...first.split("/"), ...others.map((other) => lastSid(String(other)))];
}

/** The properties that name the parents, from the SIDs of the parents in an id. */
export function parentsNamed(definition: Pick<Definition, "fields">, sids: readonly string[]): Props {
  const [first, ...others] = parentProperties(definition);
  if (first === undefined || sids.length === 0) return {};
  const own = sids.slice(0, sids.length - others.length);
  const besides = others.map((property, index) => [property, [...own.slice(0, -1), sids[own.length + index]].join("/")]);
  return { [first]: own.join("/"), ...Object.fromEntries(besides) };
}

/** What happens to the object when its resource is destroyed: `"delete"`, `"retain"`, `"release"` or `"restore"`. */
export function deletePolicy({ onDelete: words }: Pick<Definition, "onDelete">, { onDelete, adopt, [foundKey]: found }: Props): unknown {
  if (found) return "retain";
  return onDelete ?? (adopt === undefined ? (words?.[0] ?? "delete") : "retain");
}

/** Why a destroy keeps the object. */
export function whyRetained({ onDelete, adopt, [foundKey]: found }: Props): string {
  if (found) return "it was found by its mark, and nothing shows that this stack created it";
  if (onDelete === "retain") return 'onDelete: "retain"';
  return adopt === undefined ? 'onDelete: "retain", the default' : "it was adopted";
}
