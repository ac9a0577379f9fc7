/**
 * What a resource contributes to the emulator: its tables and its routes. A resource file declares, in this order, its
 * record, its events (`declare module "../events"`), its table with indexes and references, its rules, the bodies of its
 * responses, and its endpoints. Then `index.ts` lists the endpoints.
 */
import type { TableDefinition } from "../domain";
import type { Route } from "../http/router";

/** A product of Twilio: the first label of its host, as in `conversations.twilio.com`. */
export type Product = "api" | "conversations" | "iam" | "messaging" | "numbers" | "pricing";

/** The tables and routes of one resource. */
export interface Endpoints {
  tables?: readonly TableDefinition[];
  /** The routes, by the product that serves them. */
  routes?: Partial<Record<Product, readonly Route[]>>;
}
