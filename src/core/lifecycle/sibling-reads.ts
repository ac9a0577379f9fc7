import { TwilioError } from "../twilio/errors";
import type { Body, Twilio } from "../twilio/twilio";
import { itemPath } from "./define";
import type { Context, Definition } from "./definition";
import { lastSid, parentIdOf } from "./props";
import { isSid, verifyResponse } from "./response-check";

/** The objects of one collection that a run reads. */
interface Collection {
  readonly begunAt: number;
  /** The objects that were listed, by their SIDs. */
  readonly listed: Map<string, Body>;
  readonly items: AsyncGenerator<Body>;
  /** The list has ended, or cannot be read. */
  isOver: boolean;
  /** How many objects were asked for, and how many of them were listed. */
  asked: number;
  /** How many objects will be asked for, where a caller has said so. */
  expected: number;
  found: number;
  /** One at a time goes on with the list. */
  turn: Promise<unknown>;
}

/** A list that is older does not say what Twilio has. */
const maxAgeMs = 60_000;
/** Where so many objects are to be read, a list may take one request for each of this many. */
const savedByList = 4;
/** So many pages may be in vain. A collection may hold far more objects than the stack. */
const pagesInVain = 8;

const collections = new WeakMap<Twilio, Map<string, Collection>>();

/** Twilio for one process, in which every write ends what was listed before: it may change. */
export function forgettingLists(twilio: Twilio): Twilio {
  const own: Twilio = {
    ...twilio,
    send(request) {
      if (request.method !== "get") collections.delete(own);
      return twilio.send(request);
    },
  };
  return own;
}

/**
 * Reads objects that exist. The first one of a collection is read by itself; where the run reads more of them, a list of the collection answers as
 * long as it costs no more requests than they would. What it does not have is for the caller to read.
 */
export async function readFromList(definition: Definition, id: string, context: Pick<Context, "twilio">): Promise<Body | undefined> {
  const sid = lastSid(id);
  if (!isListed(definition) || !isSid(sid)) return undefined;
  const of = collectionOf(definition, id, context);
  of.asked += 1;
  if (Math.max(of.asked, of.expected) > 1 && !of.listed.has(sid)) {
    of.turn = of.turn.then(() => listUntil(definition, sid, of));
    await of.turn;
  }
  const body = of.listed.get(sid);
  if (!body) return undefined;
  of.found += 1;
  const parents = parentIdOf(id).split("/");
  verifyResponse(definition, body, { sid, parents }, { attempt: `Cannot list ${definition.list?.key}`, method: "get" }, context.twilio);
  return body;
}

/**
 * Says that these objects are about to be read. The list then goes on for longer although none of the first pages has what is asked for: the
 * objects that were created first are on its last page.
 */
export function expectReads(definition: Definition, ids: readonly string[], context: Pick<Context, "twilio">): void {
  if (!isListed(definition)) return;
  for (const id of ids) collectionOf(definition, id, context).expected += 1;
}

/** Whether the objects are in one list with all their properties. */
const isListed = ({ list, singleton, groups, secretOutputs }: Definition): boolean =>
  list !== undefined && !singleton && groups?.collections === undefined && secretOutputs === undefined;

function collectionOf(definition: Definition, id: string, { twilio }: Pick<Context, "twilio">): Collection {
  const known = collections.get(twilio) ?? new Map<string, Collection>();
  collections.set(twilio, known);
  const path = itemPath(definition, id, twilio.accountSid).replace(/\/[^/]*?(\.json)?$/, "$1");
  const key = `${definition.type} ${path}`;
  const current = known.get(key);
  if (current && Date.now() - current.begunAt < maxAgeMs) return current;
  const { list, listQuery, product } = definition;
  const query = { ...listQuery?.(twilio.accountSid), PageSize: String(list?.maxPageSize ?? 100) };
  const items = twilio.list({ attempt: `Cannot list ${list?.key}`, product, path, query }, list?.key as string);
  const begun = { begunAt: Date.now(), listed: new Map(), items, isOver: false, asked: 0, expected: 0, found: 0, turn: Promise.resolve() };
  known.set(key, begun);
  return begun;
}

/** Goes on with a list until it has an object, it ends, or it is not worth its requests. */
async function listUntil(definition: Definition, sid: string, of: Collection): Promise<void> {
  const pageSize = definition.list?.maxPageSize ?? 100;
  while (!of.isOver && !of.listed.has(sid)) {
    const pages = of.listed.size / pageSize;
    if (pages >= Math.max(of.asked, of.expected) || (pages >= Math.max(pagesInVain, of.expected / savedByList) && of.found < pages)) return;
    await listPage(of, pageSize);
  }
}

async function listPage(of: Collection, pageSize: number): Promise<void> {
  try {
    for (let count = 0; count < pageSize && !of.isOver; count++) {
      const { done, value } = await of.items.next();
      if (done) of.isOver = true;
      else of.listed.set(String(value.sid), value);
    }
  } catch (error) {
    of.isOver = true;
    // A key may be allowed to read objects and not to list them.
    if (!(error instanceof TwilioError && error.status >= 400 && error.status < 500)) throw error;
  }
}
