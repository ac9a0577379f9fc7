import * as conversations from "./conversations";
import type { CatalogFacts } from "./core/lifecycle/catalog-facts";
import { resourceName } from "./core/lifecycle/check";
import type { Definition } from "./core/lifecycle/definition";
import { definitionOf } from "./core/registration/resource";
import { setDefinitionOf } from "./core/registration/set-resource";
import type { SetDefinition } from "./core/sets/set-definition";
import * as iam from "./iam";
import * as messaging from "./messaging";
import * as numbers from "./numbers";

/**
 * Every resource definition of this package: those of the classes that the products' `index.ts` files export, parents and what others refer to
 * first. The provider, the CLI, the tests and the docs derive from this list.
 */
export const catalog: readonly Definition[] = inOrder(
  [numbers, messaging, conversations, iam].flatMap((product) => Object.values(product).flatMap((exported) => definitionOf(exported) ?? [])),
);

/** Every set of this package: many objects of one kind of the catalog as one resource. */
export const sets: readonly SetDefinition[] = Object.values(conversations).flatMap((exported) => setDefinitionOf(exported) ?? []);

/** A definition and the facts about it, defaults included. */
export interface CatalogEntry {
  readonly definition: Definition;
  readonly facts: CatalogFacts & { readonly plural: string };
}

/** The catalog with the facts about each type. */
export const catalogEntries: readonly CatalogEntry[] = catalog.map((definition) => ({ definition, facts: factsOf(definition) }));

function factsOf(definition: Definition): CatalogEntry["facts"] {
  const { list, facts, fields } = definition;
  const references = Object.entries(fields).flatMap(([property, { reference }]) =>
    reference?.output === "sid" ? [[property, { to: reference.resource }]] : [],
  );
  const plural =
    list?.key ??
    resourceName(definition)
      .replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter}`)
      .toLowerCase();
  // Nobody creates or deletes settings.
  const verbs = definition.singleton ? { verbs: { created: "set", deleted: "restored", retained: "left as they are" } } : {};
  return { plural, ...verbs, ...facts, references: { ...Object.fromEntries(references), ...facts?.references } };
}

/** Definitions after those that they name as parent or reference, and otherwise as they are. */
function inOrder(definitions: readonly Definition[]): Definition[] {
  const ordered = new Set<Definition>();
  const add = (definition: Definition): void => {
    const names = Object.values(definition.fields).flatMap(({ parent, reference }) => parent ?? reference?.resource ?? []);
    for (const one of definitions) if (one !== definition && !ordered.has(one) && names.includes(resourceName(one))) add(one);
    ordered.add(definition);
  };
  for (const definition of definitions) add(definition);
  return [...ordered];
}
