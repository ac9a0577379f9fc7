import type { CatalogEntry } from "../../catalog";
import { catalogEntries } from "../../catalog";
import { resourceName } from "../../core/lifecycle/check";
import { parentProperty } from "../../core/lifecycle/parents";
import { wordsOf } from "./words";

const byToken = new Map(catalogEntries.map((entry) => [`pulumi-nodejs:${entry.definition.type}`, entry]));
const byClass = new Map(catalogEntries.map((entry) => [resourceName(entry.definition), entry]));

/** The catalog's entry for a type token, `pulumi-nodejs:twilio/numbers:PhoneNumber`; nothing for types of other packages. */
export const entryOf = (token: string): CatalogEntry | undefined => byToken.get(token);

/** The catalog's entry for a class, `PhoneNumber`. */
export const entryOfClass = (className: string): CatalogEntry | undefined => byClass.get(className);

/** The entry of the resource that objects of this type are in; nothing for those of the account. */
export function parentEntry({ definition }: CatalogEntry): CatalogEntry | undefined {
  const property = parentProperty(definition);
  const parent = property === undefined ? undefined : definition.fields[property]?.parent;
  return parent === undefined ? undefined : byClass.get(parent);
}

/** The entries of the resources that are in objects of this type. */
export const childEntries = (entry: CatalogEntry): readonly CatalogEntry[] => catalogEntries.filter((one) => parentEntry(one) === entry);

/** How many parents an object of this type has: 0 for those of the account. */
export function depthOf(entry: CatalogEntry): number {
  const parent = parentEntry(entry);
  return parent === undefined ? 0 : 1 + depthOf(parent);
}

/** One object of a type, in words. */
export const singularOf = ({ definition, facts }: CatalogEntry): string => facts.singular ?? wordsOf(resourceName(definition));
