/**
 * Splits the items of a list or map into pages. A page token contains order, size and boundary, because older SDKs
 * send the token without other parameters.
 */
import { parseObject } from "../frame";
import type { SyncItem } from "./objects";

type Key = string | number;

interface PageRequest {
  order: "asc" | "desc";
  size: number;
  /** The key at which the page begins (`from`, `after`) or before which it ends (`before`). */
  boundary?: { key: Key; side: "from" | "after" | "before" };
}

/** A page of items and the tokens of its neighbors. */
export interface Page {
  items: SyncItem[];
  previous: string | null;
  next: string | null;
}

const DEFAULT_SIZE = 50;
const MAX_SIZE = 100;

/** Returns the page that a query requests. `isList`: keys are numbers. */
export function pageOf(items: SyncItem[], query: URLSearchParams, isList: boolean): Page {
  const request = readToken(query.get("PageToken")) ?? readQuery(query, isList);
  const direction = request.order === "asc" ? 1 : -1;
  const ordered = [...items].sort((a, b) => direction * compare(a.key, b.key));
  const start = startOf(ordered, request, direction);
  const page = ordered.slice(start, start + request.size);
  const [first, last] = [page[0], page.at(-1)];
  const token = (key: Key, side: "after" | "before") => writeToken({ ...request, boundary: { key, side } });
  return {
    items: page,
    previous: first && start > 0 ? token(first.key, "before") : null,
    next: last && start + page.length < ordered.length ? token(last.key, "after") : null,
  };
}

function startOf(ordered: SyncItem[], { boundary, size }: PageRequest, direction: number): number {
  if (!boundary) return 0;
  const distance = (item: SyncItem) => direction * compare(item.key, boundary.key);
  const isAtOrBehind = (item: SyncItem) => (boundary.side === "after" ? distance(item) > 0 : distance(item) >= 0);
  const found = ordered.findIndex(isAtOrBehind);
  const position = found === -1 ? ordered.length : found;
  return boundary.side === "before" ? Math.max(0, position - size) : position;
}

function compare(a: Key, b: Key): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function readQuery(query: URLSearchParams, isList: boolean): PageRequest {
  const from = query.get("From");
  return {
    order: query.get("Order") === "desc" ? "desc" : "asc",
    size: sizeOf(Number(query.get("PageSize"))),
    ...(from === null || from === "" ? {} : { boundary: { key: isList ? Number(from) : from, side: "from" as const } }),
  };
}

function sizeOf(requested: number): number {
  return requested > 0 ? Math.min(Math.floor(requested), MAX_SIZE) : DEFAULT_SIZE;
}

function writeToken(request: PageRequest): string {
  return Buffer.from(JSON.stringify(request)).toString("base64url");
}

/** Parses a page token. Returns undefined if it is invalid. */
function readToken(token: string | null): PageRequest | undefined {
  const request = parseObject(Buffer.from(token ?? "", "base64url").toString()) as Partial<PageRequest> | undefined;
  if (request?.order === undefined || request.boundary === undefined) return undefined;
  return { order: request.order, size: sizeOf(Number(request.size)), boundary: request.boundary };
}
