/** The routers of Twilio's products. */
import { PRODUCTS, routesOf } from "../catalog";
import { Router } from "./router";

/** By the product: the first label of its host. */
export const products: ReadonlyMap<string, Router> = new Map(PRODUCTS.map((product) => [product, new Router(routesOf(product))]));
