import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Body } from "../../../core/twilio/twilio";
import { makeFolders } from "../../../process/make-folders";

/** A page of a list, as it was read. */
export interface ScannedPage {
  /** Empty if only the count is needed. */
  readonly items: readonly Body[];
  readonly count: number;
  /** The next page; unset for the last one. */
  readonly next?: string;
}

/** The scope of a scan. A scan of another scope is not resumed. */
export interface Scope {
  readonly accountSid: string;
  readonly place: string;
  readonly what: string;
}

/** The pages that a scan has read so far. */
export interface ScanFile {
  /** When the resumed scan started, ISO 8601. Unset for a new scan. */
  readonly resumed?: string;
  pagesOf(list: string): readonly ScannedPage[];
  add(list: string, page: ScannedPage): void;
}

type Line = ScannedPage & { readonly list: string };

/**
 * Opens the file with the pages of an interrupted run; without a path, keeps nothing. Each page is one line. A killed process may leave a part of
 * a line at the end, which is removed. The file contains data of the account, so only its owner may read it.
 */
export function openScanFile(path: string | undefined, scope: Scope): ScanFile {
  const lists = new Map<string, ScannedPage[]>();
  const put = ({ list, ...page }: Line) => {
    const pages = lists.get(list);
    if (pages) pages.push(page);
    else lists.set(list, [page]);
  };
  const resumed = path === undefined ? undefined : readBack(path, scope, put);
  if (path !== undefined && resumed === undefined) {
    makeFolders(dirname(path));
    rmSync(path, { force: true });
    writeFileSync(path, `${JSON.stringify({ ...scope, at: new Date().toISOString() })}\n`, { mode: 0o600 });
  }
  return {
    ...(resumed === undefined ? {} : { resumed }),
    pagesOf: (list) => lists.get(list) ?? [],
    add(list, page) {
      const { items } = page;
      const line: Line = { list, ...page, items: items.map(withoutToken) };
      if (path !== undefined) appendFileSync(path, `${JSON.stringify(line)}\n`);
      put(line);
    },
  };
}

/** What a list of accounts says of one, without the token that signs in to it: no export needs it, and the file is not encrypted. */
const withoutToken = ({ auth_token: _token, ...body }: Body): Body => body;

/** Reads the file. Returns when its scan started; `undefined` if there is no scan of this scope. */
function readBack(path: string, scope: Scope, put: (line: Line) => void): string | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path);
  const whole = text.subarray(0, text.lastIndexOf("\n") + 1);
  const [first, ...lines] = whole.toString().split("\n").slice(0, -1);
  if (first === undefined) return undefined;
  const { at, ...found } = JSON.parse(first) as Scope & { at: string };
  if (JSON.stringify(found) !== JSON.stringify(scope)) return undefined;
  truncateSync(path, whole.length);
  for (const line of lines) put(JSON.parse(line) as Line);
  return at;
}
