/** What a resource contributes to the emulator: its tables and its routes. */
import type { TableDefinition } from "../domain";
import type { Route } from "../http/router";

/** A product of Twilio: the first label of its host, as in `conversations.twilio.com`. */
export type Product = "api" | "conversations" | "messaging" | "pricing";

export interface Endpoints {
  tables?: readonly TableDefinition[];
  /** The routes, by the product that serves them. */
  routes?: Partial<Record<Product, readonly Route[]>>;
}
