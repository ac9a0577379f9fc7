/**
 * Splits sorted lists into pages. The page token names the last row of the previous page (`PageToken=PA<sid>`) or the
 * first row of the next page (`PageToken=PB<sid>`), so rows may be added and removed between two requests.
 */
import { type Call, ok, type Reply } from "./router";

/** The properties that determine a row's position in a list. */
export interface Listed {
  sid: string;
  seq: number;
  dateCreated?: number;
}

export type Order = (a: Listed, b: Listed) => number;
/** Sorts by order of creation. */
export const oldestFirst: Order = (a, b) => a.seq - b.seq;
/** Sorts by reverse order of creation. */
export const newestFirst: Order = (a, b) => b.seq - a.seq;
/** Sorts by date, which an import may have set, then by order of creation. */
export const latestFirst: Order = (a, b) => (b.dateCreated ?? 0) - (a.dateCreated ?? 0) || newestFirst(a, b);

interface Page<T> {
  rows: T[];
  number: number;
  size: number;
  /** Page tokens. `next` is absent on the last page, `previous` on the first. */
  next?: string;
  previous?: string;
}

const DEFAULT_SIZE = 50;

function pageOf<T extends Listed>(call: Call, rows: T[], { order, max }: { order: Order; max: number }): Page<T> {
  const size = readSize(call, max);
  const number = readNumber(call.params.text("Page"));
  const sorted = [...rows].sort(order);
  const token = /^(PA|PB)(.+)$/.exec(call.params.text("PageToken") ?? "");
  const cursor = token?.[2] === undefined ? undefined : findCursor(call, sorted, token[2]);
  // If the token's row is unknown, the page number decides.
  let start = number * size;
  if (cursor && token?.[1] === "PA") start = sorted.filter((row) => order(row, cursor) <= 0).length;
  if (cursor && token?.[1] === "PB") start = Math.max(0, sorted.filter((row) => order(row, cursor) < 0).length - size);
  const page = sorted.slice(start, start + size);
  const first = page[0];
  const last = page.at(-1);
  return {
    rows: page,
    number,
    size,
    ...(last && start + size < sorted.length ? { next: `PA${last.sid}` } : {}),
    ...(first && start > 0 ? { previous: `PB${first.sid}` } : {}),
  };
}

/**
 * Finds a row of the list, or a removed row of the caller's own account. Rows of other accounts are ignored so that
 * their positions stay private.
 */
function findCursor({ scope }: Call, rows: Listed[], sid: string): Listed | undefined {
  const listed = rows.find((row) => row.sid === sid);
  if (listed) return listed;
  const removed = scope.domain.store.lastKnown(sid) as (Listed & { accountSid?: string }) | undefined;
  return removed?.accountSid === scope.accountSid ? removed : undefined;
}

/** What is not a number has no effect, like a wrong page size. */
function readNumber(text = ""): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

/** Clients send the number of rows that they want as page size, `list({ limit: 1000 })`, so a larger one means the maximum. */
function readSize(call: Call, max: number): number {
  return Math.min(pageSize(call) || DEFAULT_SIZE, max);
}

/** The number of rows that the request asks for. 0 if it does not say. */
export function pageSize({ params }: Call): number {
  const size = Number(params.text("PageSize") ?? 0);
  return Number.isInteger(size) && size > 0 ? size : 0;
}

/** The URL of another page of the same list. Filters are kept. */
function pageUrl(call: Call, prefix: string, size: number, page: number, token?: string): string {
  const query = new URLSearchParams(call.query);
  for (const name of ["PageSize", "Page", "PageToken"]) query.delete(name);
  query.append("PageSize", String(size));
  query.append("Page", String(page));
  if (token !== undefined) query.append("PageToken", token);
  return `${prefix}${call.path}?${query}`;
}

/** A list before it is split into pages. */
export interface List<T extends Listed> {
  /** The property of the response that holds the rows. */
  key: string;
  rows: T[];
  body: (row: T) => unknown;
  order?: Order;
  /** The largest page that a request may ask for. */
  maxPageSize?: number;
}

const MAX_PAGE_SIZE = 1000;

/** Builds a list of a v1 product: the rows under `key`, and `meta`. */
export function v1List<T extends Listed>(call: Call, host: string, { key, rows, body, order = oldestFirst, maxPageSize }: List<T>): Reply {
  const page = pageOf(call, rows, { order, max: maxPageSize ?? MAX_PAGE_SIZE });
  const url = (number: number, token?: string) => pageUrl(call, host, page.size, number, token);
  return ok({
    [key]: page.rows.map(body),
    meta: {
      page: page.number,
      page_size: page.size,
      first_page_url: url(0),
      previous_page_url: page.previous === undefined ? null : url(Math.max(0, page.number - 1), page.previous),
      url: url(page.number, call.params.text("PageToken")),
      next_page_url: page.next === undefined ? null : url(page.number + 1, page.next),
      key,
    },
  });
}

/** Builds a list of the 2010 API: the rows under `key`, newest first, and paging properties with paths, not URLs. */
export function list2010<T extends Listed>(call: Call, { key, rows, body }: List<T>): Reply {
  const page = pageOf(call, rows, { order: newestFirst, max: MAX_PAGE_SIZE });
  const uri = (number: number, token?: string) => pageUrl(call, "", page.size, number, token);
  const start = page.number * page.size;
  return ok({
    [key]: page.rows.map(body),
    page: page.number,
    page_size: page.size,
    start,
    end: start + Math.max(0, page.rows.length - 1),
    uri: uri(page.number, call.params.text("PageToken")),
    first_page_uri: uri(0),
    previous_page_uri: page.previous === undefined ? null : uri(Math.max(0, page.number - 1), page.previous),
    next_page_uri: page.next === undefined ? null : uri(page.number + 1, page.next),
  });
}

/** Returns the first rows of a list without further pages, such as the search for available numbers. */
export function firstPage<T>(call: Call, rows: readonly T[], max = MAX_PAGE_SIZE): T[] {
  return rows.slice(0, readSize(call, max));
}
