/** Requests of a data file to the handlers of the REST API, without HTTP: all of them are part of one transaction. */
import type { Domain } from "../domain";
import { NotFound } from "../errors";
import { Params } from "../http/params";
import { products } from "../http/products";
import type { Product } from "../resources/endpoints";

/** The values of each parameter. */
export type Form = Readonly<Record<string, readonly string[]>>;

/** A response's body. */
export type Body = Readonly<Record<string, unknown>>;

/** Calls handlers for the main account. Errors are those that handlers throw. */
export class Rest {
  private readonly domain: Domain;

  constructor(domain: Domain) {
    this.domain = domain;
  }

  /** The root of a product's paths. */
  rootOf(product: Product): string {
    return product === "api" ? `/2010-04-01/Accounts/${this.domain.credentials.accountSid}` : "/v1";
  }

  get(product: Product, path: string): Body {
    return this.call("GET", product, path, {});
  }

  /** The object, or undefined if there is none. */
  find(product: Product, path: string): Body | undefined {
    try {
      return this.get(product, path);
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  post(product: Product, path: string, form: Form): Body {
    return this.call("POST", product, path, form);
  }

  /** Deletes an object, unless it is gone. */
  remove(product: Product, path: string): void {
    if (this.find(product, path) !== undefined) this.call("DELETE", product, path, {});
  }

  private call(method: "GET" | "POST" | "DELETE", product: Product, item: string, form: Form): Body {
    const path = product === "api" ? `${item}.json` : item;
    const found = products.get(product)?.match(method, path).found;
    if (!found) throw new Error(`the emulator has no route ${method} ${product}.twilio.com${path}`);
    const { accountSid } = this.domain.credentials;
    const pairs = Object.entries(form).flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
    const reply = found.route.handle({
      scope: this.domain.scope(accountSid),
      actorSid: accountSid,
      signedInBy: "auth token",
      params: new Params(new URLSearchParams(pairs).toString()),
      path,
      query: "",
      part: (name) => found.parts[name] ?? "",
    });
    return (reply.body ?? {}) as Body;
  }
}
