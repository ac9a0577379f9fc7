import type { CatalogEntry } from "../../../catalog";
import { catalogEntries } from "../../../catalog";
import { resourceName } from "../../../core/lifecycle/check";
import { suffixOf } from "../../../core/lifecycle/define";
import { TwilioError } from "../../../core/twilio/errors";
import { parentEntry } from "../../shared/catalog";
import type { LeftOut } from "./account";
import type { Reader } from "./reader";

/** Whether a program declares the objects of a type. */
export const isDeclared = ({ facts }: CatalogEntry): boolean => !facts.export?.leftOut && !facts.export?.isDeclaredAsOthers;

interface Scanned {
  readonly read: Reader;
  readonly accountSid: string;
  /** Whether the program contains only one service. */
  readonly isPart: boolean;
  /** Whether the program has an object of this type. */
  readonly has: (entry: CatalogEntry) => boolean;
}

/** The types whose objects no program declares. Objects of the account are counted; those in others are too many lists to read. */
export async function withoutResource({ read, accountSid, isPart, has }: Scanned): Promise<readonly LeftOut[]> {
  const found = catalogEntries.map(async (entry): Promise<LeftOut | undefined> => {
    const { plural, export: { leftOut: why } = {} } = entry.facts;
    if (why === undefined) return undefined;
    const one = { what: plural, className: resourceName(entry.definition), why };
    const parent = parentEntry(entry);
    if (parent) return has(parent) ? one : undefined;
    return isPart ? undefined : counted(read, entry, accountSid, one);
  });
  return (await Promise.all(found)).filter((one) => one !== undefined);
}

/** A list that cannot be counted, such as one that a key may not read, does not fail the export. */
async function counted(read: Reader, { definition }: CatalogEntry, accountSid: string, one: LeftOut): Promise<LeftOut | undefined> {
  const { product, path, list, listQuery } = definition;
  const query = listQuery ? `?${new URLSearchParams(listQuery(accountSid))}` : "";
  try {
    const count = await read.count({ product, path: `${path([], accountSid)}${suffixOf(product)}${query}`, key: list?.key as string });
    return count > 0 ? { ...one, count } : undefined;
  } catch (error) {
    if (!(error instanceof TwilioError) || error.status === 0 || error.status >= 500) throw error;
    return { ...one, why: `${one.why}; Twilio does not report how many there are (${error.reason})` };
  }
}
