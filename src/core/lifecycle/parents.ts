import type { Definition } from "./definition";
import type { Props } from "./props";

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
export const deletePolicy = ({ onDelete: words }: Pick<Definition, "onDelete">, { onDelete, adopt }: Props): unknown =>
  onDelete ?? (adopt === undefined ? (words?.[0] ?? "delete") : "retain");
