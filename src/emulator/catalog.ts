/** The catalog: the tables and routes of all resources. */
import type { TableDefinition } from "./domain";
import type { Route } from "./http/router";
import * as resources from "./resources";
import type { Endpoints, Product } from "./resources/endpoints";

const catalog: readonly Endpoints[] = Object.values(resources);

export const tables: readonly TableDefinition[] = catalog.flatMap((endpoints) => endpoints.tables ?? []);

/** The products that the emulator serves, apart from media. */
export const PRODUCTS: readonly Product[] = ["api", "conversations", "iam", "messaging", "numbers", "pricing"];

export function routesOf(product: Product): Route[] {
  return catalog.flatMap((endpoints) => endpoints.routes?.[product] ?? []);
}
