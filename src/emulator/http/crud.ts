/** Routes for the usual operations on a resource: list, create, fetch, update and delete. */
import { type List, type Listed, list2010, type Order, v1List } from "./paging";
import { type Call, created, noContent, ok, type Reply, type Route, route } from "./router";

type Handle<C extends Call> = (call: C) => Reply;

/** A path prefix under which resources live, and what it adds to a call: the service, the conversation and so on. */
export interface PathPrefix<C extends Call = Call> {
  /** The routes for a path below the prefix: one for each form of the prefix. */
  route(method: Route["method"], template: string, handle: Handle<C>): Route[];
  /** Builds a page of a list in the product's format. */
  list<T extends Listed>(call: C, list: List<T>): Reply;
  /** The end of every path: `.json` in the 2010 API. */
  suffix: string;
}

/** The root of a v1 product, such as `https://conversations.twilio.com/v1`. */
export function v1Root(host: string): PathPrefix {
  return {
    route: (method, template, handle) => [route(method, `/v1${template}`, handle)],
    list: (call, list) => v1List(call, host, list),
    suffix: "",
  };
}

/** The root of the 2010 API. */
export const root2010: PathPrefix = {
  route: (method, template, handle) => [route(method, `/2010-04-01${template}`, handle)],
  list: list2010,
  suffix: ".json",
};

/** A prefix below another one. `enter` adds what the prefix names to the call, or throws `NotFound`. */
export function nestedPrefix<Outer extends Call, Inner extends Outer>(
  outer: PathPrefix<Outer>,
  prefix: string,
  enter: (call: Outer) => Inner,
): PathPrefix<Inner> {
  return {
    route: (method, template, handle) => outer.route(method, prefix + template, (call) => handle(enter(call))),
    list: (call, list) => outer.list(call, list),
    suffix: outer.suffix,
  };
}

/** The operations of one resource. An operation that is absent has no route. Name `list` before `body`: it defines the type of the records. */
interface Operations<C extends Call, T extends Listed> {
  /** The path of the list below the prefix: `/Roles`. */
  path: string;
  /** The name of the SID in the path template: `RoleSid`. */
  id: string;
  /** The property of a list that holds its rows. */
  key: string;
  maxPageSize?: number;
  order?: (call: C) => Order;
  list(call: C): T[];
  body(record: T, call: C): unknown;
  create?(call: C): T;
  /** Throws `NotFound` if there is no such record. */
  fetch(call: C, sid: string): T;
  update?(record: T, call: C): T;
  remove?(record: T, call: C): unknown;
}

/** The routes of a resource's operations. */
export function crudRoutes<C extends Call, T extends Listed>(prefix: PathPrefix<C>, operations: Operations<C, T>): Route[] {
  const { path, id, key, maxPageSize, order, body, list, create, fetch, update, remove } = operations;
  const collection = `${path}${prefix.suffix}`;
  const item = `${path}/{${id}}${prefix.suffix}`;
  const found = (call: C) => fetch(call, call.part(id));
  return [
    ...prefix.route("GET", collection, (call) =>
      prefix.list(call, { key, maxPageSize, order: order?.(call), rows: list(call), body: (record) => body(record, call) }),
    ),
    ...prefix.route("GET", item, (call) => ok(body(found(call), call))),
    ...(create ? prefix.route("POST", collection, (call) => created(body(create(call), call))) : []),
    ...(update ? prefix.route("POST", item, (call) => ok(body(update(found(call), call), call))) : []),
    ...(remove
      ? prefix.route("DELETE", item, (call) => {
          remove(found(call), call);
          return noContent();
        })
      : []),
  ];
}
