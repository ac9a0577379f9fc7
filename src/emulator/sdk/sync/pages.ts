/**
 * Pages of a list's or map's items. A page token says all there is to know (order, size, boundary): older SDKs send
 * it alone.
 */
import { parseObject } from "../frame";
import type { SyncItem } from "./objects";

type Key = string | number;

interface Cut {
  order: "asc" | "desc";
  size: number;
  /** Where the page begins (`next`), or before which it ends (`previous`). */
  boundary?: { key: Key; side: "from" | "after" | "before" };
}

export interface Page {
  items: SyncItem[];
  previous: string | null;
  next: string | null;
}

const DEFAULT_SIZE = 50;
const LARGEST = 100;

/** The page that a query asks for. `isList`: keys are numbers. */
export function pageOf(items: SyncItem[], query: URLSearchParams, isList: boolean): Page {
  const cut = readToken(query.get("PageToken")) ?? readQuery(query, isList);
  const direction = cut.order === "asc" ? 1 : -1;
  const ordered = [...items].sort((a, b) => direction * compare(a.key, b.key));
  const start = startOf(ordered, cut, direction);
  const page = ordered.slice(start, start + cut.size);
  const [first, last] = [page[0], page.at(-1)];
  const token = (key: Key, side: "after" | "before") => writeToken({ ...cut, boundary: { key, side } });
  return {
    items: page,
    previous: first && start > 0 ? token(first.key, "before") : null,
    next: last && start + page.length < ordered.length ? token(last.key, "after") : null,
  };
}

function startOf(ordered: SyncItem[], { boundary, size }: Cut, direction: number): number {
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

function readQuery(query: URLSearchParams, isList: boolean): Cut {
  const from = query.get("From");
  return {
    order: query.get("Order") === "desc" ? "desc" : "asc",
    size: sizeOf(Number(query.get("PageSize"))),
    ...(from === null || from === "" ? {} : { boundary: { key: isList ? Number(from) : from, side: "from" as const } }),
  };
}

function sizeOf(asked: number): number {
  return asked > 0 ? Math.min(Math.floor(asked), LARGEST) : DEFAULT_SIZE;
}

function writeToken(cut: Cut): string {
  return Buffer.from(JSON.stringify(cut)).toString("base64url");
}

/** Undefined for what is no token of ours. */
function readToken(token: string | null): Cut | undefined {
  const cut = parseObject(Buffer.from(token ?? "", "base64url").toString()) as Partial<Cut> | undefined;
  if (cut?.order === undefined || cut.boundary === undefined) return undefined;
  return { order: cut.order, size: sizeOf(Number(cut.size)), boundary: cut.boundary };
}
