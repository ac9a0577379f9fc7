import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Body } from "../../../core/twilio/twilio";

/** A page of a list, as it was read. */
export interface Noted {
  /** Empty where only their number is wanted. */
  readonly items: readonly Body[];
  readonly count: number;
  /** Where to go on; unset for the last page. */
  readonly next?: string;
}

/** What a scan is about. One of another account, or of another part of it, is not gone on with. */
export interface Scope {
  readonly accountSid: string;
  readonly place: string;
  readonly what: string;
}

/** What a scan has read so far. */
export interface ScanFile {
  /** When the scan began that this run goes on with, ISO 8601. Unset for a new one. */
  readonly resumed?: string;
  pagesOf(list: string): readonly Noted[];
  add(list: string, page: Noted): void;
}

type Line = Noted & { readonly list: string };

/**
 * Opens the file, with what a run that was cut off has left in it; without a path nothing is kept. Each page is one line, appended whole: half a
 * line at the end is that of a process that was killed, and is taken away. It holds what the account holds, so nobody else may read it.
 */
export function openScanFile(path: string | undefined, scope: Scope): ScanFile {
  const lists = new Map<string, Noted[]>();
  const put = ({ list, ...page }: Line) => {
    const pages = lists.get(list);
    if (pages) pages.push(page);
    else lists.set(list, [page]);
  };
  const resumed = path === undefined ? undefined : readBack(path, scope, put);
  if (path !== undefined && resumed === undefined) {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(path, { force: true });
    writeFileSync(path, `${JSON.stringify({ ...scope, at: new Date().toISOString() })}\n`, { mode: 0o600 });
  }
  return {
    ...(resumed === undefined ? {} : { resumed }),
    pagesOf: (list) => lists.get(list) ?? [],
    add(list, page) {
      if (path !== undefined) appendFileSync(path, `${JSON.stringify({ list, ...page })}\n`);
      put({ list, ...page });
    },
  };
}

/** When the scan in the file began; `undefined` where there is none of this scope. */
function readBack(path: string, scope: Scope, put: (line: Line) => void): string | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path);
  const whole = text.subarray(0, text.lastIndexOf("\n") + 1);
  const [first, ...lines] = whole.toString().split("\n").slice(0, -1);
  if (first === undefined) return undefined;
  const { at, ...of } = JSON.parse(first) as Scope & { at: string };
  if (JSON.stringify(of) !== JSON.stringify(scope)) return undefined;
  truncateSync(path, whole.length);
  for (const line of lines) put(JSON.parse(line) as Line);
  return at;
}
