/** What a resource's class registers, without an SDK. */
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { providerText } from "../../src/core/registration/resource";
import { placeDigest } from "../../src/core/sets/declared";
import type { SetDefinition } from "../../src/core/sets/set-definition";

/** A resource of a program. Its arguments may depend on the outputs of earlier resources. */
export interface Declared {
  /** The type of the component that the resource belongs to. */
  readonly component?: string;
  readonly name: string;
  readonly definition: Definition | SetDefinition;
  readonly args: Props | ((of: (name: string) => Props) => Props);
}

/** The arguments with what the resource's class adds to them. */
export function registered(
  { name, definition, component }: Declared,
  args: Props,
  { stack, place }: { readonly stack: string; readonly place: string },
  { isPreview, program }: { readonly isPreview: boolean; readonly program: readonly Declared[] },
): Props {
  const urn = `urn:pulumi:${stack}::laws::${component === undefined ? "" : `${component}$`}pulumi-nodejs:${definition.type}::${name}`;
  const about = {
    __urn: urn,
    __run: { organization: place, isPreview, ...kindOf(definition, program) },
    __provider: providerText(definition),
  };
  // The provider itself gives the items of a set what follows from their keys.
  return { ...("item" in definition ? args : (definition.addDefaults?.(args, { name, urn, place }) ?? args)), ...about };
}

/** What a program says to a set of the others of its kind. */
function kindOf(definition: Definition | SetDefinition, program: readonly Declared[]): object {
  if (!("item" in definition)) return {};
  const { item } = definition;
  const sets = program.flatMap(({ name, definition: other, args }) => {
    if (other.type !== definition.type) return [];
    const { items } = (typeof args === "function" ? args(() => ({})) : args) as { items?: Record<string, Props> };
    return [{ name, items: Object.fromEntries(Object.entries(items ?? {}).map(([key, one]) => [key, placeDigest(item, one)])) }];
  });
  const resources = program.flatMap((one) => (one.definition.type === item.type ? [one.name] : []));
  const objects = program.flatMap(({ name, definition: other, args }) =>
    other.type === item.type ? [{ name, place: placeDigest(item, typeof args === "function" ? args(() => ({})) : args) }] : [],
  );
  return { objects, ...(sets.length > 1 ? { sets } : {}), ...(resources.length > 0 ? { resources } : {}) };
}
