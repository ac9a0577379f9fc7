import type { Definition } from "./definition";
import { foundKey, type Props } from "./props";

/** The property that names the parent, if the resource has one. */
export function parentProperty({ fields }: Pick<Definition, "fields">): string | undefined {
  return Object.keys(fields).find((property) => fields[property]?.parent);
}

/** The SIDs of the parents, outermost first, as the program declares them. */
export function declaredParents(definition: Pick<Definition, "fields">, props: Props): string[] {
  const property = parentProperty(definition);
  const parent = property && props[property];
  return typeof parent === "string" ? parent.split("/") : [];
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
