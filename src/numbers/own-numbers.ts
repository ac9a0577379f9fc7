import type { Bought, Context } from "../core/lifecycle/definition";
import type { Note } from "../core/lifecycle/note";
import { type Ownership, ownershipOf } from "../core/lifecycle/ownership";
import { matchesNote } from "../core/lifecycle/pending-create";
import { isUnknown } from "../core/lifecycle/props";
import { UsageError } from "../core/twilio/errors";
import type { Body, Twilio } from "../core/twilio/twilio";
import { unmetConditions } from "./meets-search";
import { marksOf, owned, ownedByName } from "./number-search";
import { phoneNumberType, type WantedNumber } from "./wanted-number";

/** Whether the number was chosen for the program; the resource then keeps it, whatever the conditions say later. */
export const isPinned = (news: WantedNumber): boolean => isSearched(news) || news.adopt !== undefined;
export const isSearched = (news: WantedNumber): boolean => news.search !== undefined || news.areaCode !== undefined;

export const candidateKey = (urn: unknown) => `candidate ${urn}`;
export const retainedKey = (sid: unknown) => `retained ${sid}`;
/** The note of an unfinished purchase. */
export const createKey = (urn: unknown) => `${phoneNumberType} ${urn}`;

/** What a preview has shown, so that the update buys exactly that. */
export interface Candidate {
  readonly conditions: unknown;
  readonly number: string;
  /** The number's SID and the resource that has it, once it was bought. It shows other resources that the number is not theirs. */
  readonly sid?: unknown;
  readonly urn?: string;
}

/** What one run knows of numbers before Twilio does. */
interface Run {
  /** Which resource buys which number: Twilio offers a number until it is bought, so two resources would choose the same. */
  readonly promised: Map<string, unknown>;
  /** The number of each resource. When the engine replaces a resource, it checks it again as a new one, which must get another number. */
  readonly held: Map<unknown, unknown>;
}

const runs = new WeakMap<Twilio, Run>();

export function runOf(twilio: Twilio): Run {
  const run = runs.get(twilio) ?? { promised: new Map(), held: new Map() };
  runs.set(twilio, run);
  return run;
}

/** Whose a number of the account is, as far as this resource is concerned. */
function whoseNumber(body: Body, context: Context, note: Note | undefined): Ownership {
  const { twilio, notes, urn } = context;
  const isMarked = urn !== undefined && marksOf(context).includes(String(body.friendly_name));
  return ownershipOf({
    isHeldByAnother: context.holderOf(String(body.sid)) !== undefined,
    isOfUnfinishedCreate: note !== undefined && (note.sid === body.sid || (isMarked && matchesNote(note, body, twilio))),
    carriesMark: isMarked || (isRetained(body.sid, context) && notes.read<Candidate>(candidateKey(urn))?.sid === body.sid),
  });
}

/**
 * Whether a number is the one that the engine replaces, and deletes afterwards. If that was released, the same number may be for sale: what an
 * unfinished create bought is the new one.
 */
export const isReplaced = ({ body, whose }: Bought, { twilio, urn }: Context): boolean =>
  whose !== "ours" && body.phone_number === runOf(twilio).held.get(urn);

/** The number that was bought for this resource, by its mark, or that an earlier destroy of it has kept. */
export async function boughtBefore(news: WantedNumber, context: Context, note: Note | undefined): Promise<Bought | undefined> {
  const { twilio, urn, log } = context;
  if (urn === undefined) return undefined;
  const { held } = runOf(twilio);
  const others = new Set([...held].filter(([owner]) => owner !== urn).map(([, number]) => number));
  for await (const body of ownNumbers(context, note)) {
    const whose = whoseNumber(body, context, note);
    if (others.has(body.phone_number) || (whose !== "ours" && whose !== "adopted")) continue;
    if (isReplaced({ body, whose }, context)) continue;
    const unmet = whose === "ours" ? [] : unmetConditions(body, news);
    if (unmet.length === 0) return { body, whose };
    log(
      "warn",
      `${body.phone_number} (${body.sid}), which was bought for this resource before, does not meet ${unmet.join(", ")} and is not used. ` +
        "The account still pays for it: release it, or adopt it.",
    );
  }
  return undefined;
}

/** The numbers that may be this resource's. The program's own name replaces the mark right after the purchase; notes then name the number. */
async function* ownNumbers(context: Context, note: Note | undefined): AsyncGenerator<Body> {
  const { twilio, notes, urn } = context;
  const seen = new Set<unknown>();
  for (const mark of marksOf(context)) {
    for (const body of await ownedByName(twilio, mark)) {
      seen.add(body.sid);
      yield body;
    }
  }
  const noted = notes.read<Candidate>(candidateKey(urn));
  const isNoted = noted?.sid !== undefined && (noted.sid === note?.sid || isRetained(noted.sid, context)) && !seen.has(noted.sid);
  const body = isNoted ? await owned(twilio, noted.number) : undefined;
  if (body && body.sid === noted?.sid) yield body;
}

/** Whether a destroy has kept this number. */
const isRetained = (sid: unknown, { notes }: Context): boolean => notes.read(retainedKey(sid)) !== undefined;

/** The number that a create bought whose response, or whose state, was lost. */
export async function findBought(news: WantedNumber, context: Context, note: Note | undefined): Promise<Bought | undefined> {
  if (isSearched(news)) return boughtBefore(news, context, note);
  const body = await owned(context.twilio, news.phoneNumber as string);
  if (!body) return undefined;
  const whose = whoseNumber(body, context, note);
  return whose === "ours" || whose === "adopted" ? { body, whose } : undefined;
}

/**
 * A name that the program declares replaces the mark, and only a note on this machine then shows whose the number is. Where the note is lost
 * with the state, a number of that name may be the one that was bought before: the error asks, and no second one is bought.
 */
export async function refuseNamesake({ friendlyName }: WantedNumber, context: Context): Promise<void> {
  const { twilio, notes, urn } = context;
  if (typeof friendlyName !== "string" || friendlyName === "" || isUnknown(friendlyName)) return;
  const { held, promised } = runOf(twilio);
  const candidatesOfOthers = (notes.all() as Partial<Candidate>[]).filter((candidate) => candidate.urn !== urn);
  const noted = new Set<unknown>(candidatesOfOthers.flatMap(({ sid }) => sid ?? []));
  const isOthers = ({ sid, phone_number: number }: Body) =>
    noted.has(sid) ||
    context.holderOf(String(sid)) !== undefined ||
    [...held.values()].includes(number) ||
    (promised.get(number as string) ?? urn) !== urn;
  const namesake = (await ownedByName(twilio, friendlyName)).find((body) => !isOthers(body));
  if (!namesake) return;
  throw new UsageError(
    `must not be the name of another number; the account has ${namesake.phone_number} (${namesake.sid}) with this name, and nothing was bought. ` +
      `If it was bought for this resource, declare adopt: "${namesake.phone_number}" in place of the search; otherwise choose another name, or ` +
      "declare this resource after the one that has the number",
    "friendlyName",
  );
}
