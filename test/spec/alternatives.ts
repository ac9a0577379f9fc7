import type { Definition } from "../../src/core/lifecycle/definition";

/** The definition of each alternative that has a collection of its own: without the others, and with its own path and SID. */
export function alternativesOf(definition: Definition): Definition[] {
  const { collections, names } = definition.groups ?? { names: [] };
  if (collections === undefined) return [definition];
  return Object.entries(collections).map(([name, { path, key, sid }]) => {
    const { groups: _groups, ...rest } = definition;
    const fields = Object.entries(definition.fields).filter(([property]) => property === name || !names.includes(property));
    return {
      ...rest,
      sid,
      path: (parents: readonly string[], account: string) => `${definition.path(parents, account)}/${path}`,
      list: { key, by: [name] },
      fields: Object.fromEntries(fields.map(([property, field]) => [property, property === name ? { ...field, required: true } : field])),
    };
  });
}
