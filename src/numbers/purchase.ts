import type { Context, Purchase } from "../core/lifecycle/definition";
import { e164 } from "../core/lifecycle/formats";
import type { Note } from "../core/lifecycle/note";
import { matchesNote } from "../core/lifecycle/pending-create";
import { isUnknown, same } from "../core/lifecycle/props";
import { UsageError } from "../core/twilio/errors";
import type { Body, Twilio } from "../core/twilio/twilio";
import { candidates, offerOf, owned, ownedByName, ownersMark, stillForSale } from "./number-search";
import { formatOffer } from "./offer";
import type { WantedNumber } from "./wanted-number";

/** Whether the number was chosen for the program; the resource then keeps it, whatever the conditions say later. */
export const isPinned = (news: WantedNumber): boolean => isSearched(news) || news.adopt !== undefined;
const isSearched = (news: WantedNumber): boolean => news.search !== undefined || news.areaCode !== undefined;

const conditionsOf = (news: WantedNumber): unknown => news.areaCode ?? news.search;
const candidateKey = (urn: unknown) => `candidate ${urn}`;
const substituteKey = (urn: unknown) => `substitute ${urn}`;

/** What a preview has shown, so that the update buys exactly that. */
interface Candidate {
  readonly conditions: unknown;
  readonly number: string;
  /** The number's SID, once it was bought: the program may have given it a name in place of the mark. */
  readonly sid?: unknown;
}

/** The number that was bought in place of the planned one. The inputs hold the plan; the next check replaces it. */
interface Substitute {
  readonly planned: string;
  readonly number: string;
}

/** What one run knows of numbers before Twilio does. */
interface Run {
  /** Which resource buys which number: Twilio offers a number until it is bought, so two resources would choose the same. */
  readonly promised: Map<string, unknown>;
  /** The number of each resource. When the engine replaces a resource, it checks it again as a new one, which must get another number. */
  readonly held: Map<unknown, unknown>;
}

const runs = new WeakMap<Twilio, Run>();

function runOf(twilio: Twilio): Run {
  const run = runs.get(twilio) ?? { promised: new Map(), held: new Map() };
  runs.set(twilio, run);
  return run;
}

/** Whether a number is promised to no other resource. */
const isFree =
  ({ twilio, urn }: Context) =>
  (candidate: Body) =>
    (runOf(twilio).promised.get(candidate.phone_number as string) ?? urn) === urn;

/** A page that has free numbers beyond the promised ones; Twilio's default page has 50. */
const pageSize = (twilio: Twilio): Record<string, string> =>
  runOf(twilio).promised.size > 0 ? { PageSize: String(Math.min(1000, 50 + runOf(twilio).promised.size)) } : {};

/** Chooses the number once and writes it into the inputs: previews then know it, and a later change of the conditions moves nothing. */
export async function chooseNumber<Inputs extends WantedNumber>(
  news: Inputs,
  olds: Partial<WantedNumber>,
  context: Context,
): Promise<Inputs> {
  const { twilio, urn } = context;
  runOf(twilio).held.set(urn, olds.phoneNumber ?? runOf(twilio).held.get(urn));
  if (!isPinned(news)) return news;
  if (olds.phoneNumber !== undefined) return { ...news, phoneNumber: keptNumber(olds.phoneNumber, context) };
  const conditions = news.adopt ?? conditionsOf(news);
  if (isUnknown(conditions) || urn === undefined) return news;
  if (news.adopt !== undefined) return { ...news, phoneNumber: await adoptedNumber(news.adopt, context) };
  return { ...news, phoneNumber: await offeredNumber(news, context) };
}

/** The number that the resource has. */
function keptNumber(planned: unknown, { twilio, notes, urn }: Context): unknown {
  const substitute = notes.read<Substitute>(substituteKey(urn));
  if (substitute && substitute.planned !== planned) notes.remove(substituteKey(urn));
  const number = substitute?.planned === planned ? substitute?.number : planned;
  runOf(twilio).held.set(urn, number);
  return number;
}

async function adoptedNumber(key: unknown, { twilio }: Context): Promise<unknown> {
  if (e164(key) === undefined) return key;
  const path = `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers/${key}.json`;
  const body = await twilio.send({ attempt: `Cannot adopt PhoneNumber ${key}`, product: "api", method: "get", path });
  if (!body) throw new UsageError(`must be a number of account ${twilio.accountSid}; received ${JSON.stringify(key)}`, "adopt");
  return body.phone_number;
}

/** The number that was bought for this resource before, else the best offer that meets the conditions. */
async function offeredNumber(news: WantedNumber, context: Context): Promise<unknown> {
  const { twilio, notes, log, urn } = context;
  const mine = await boughtBefore(context);
  if (mine) {
    log("info", `${mine.phone_number} (${mine.sid}) was bought for this resource before and is used again; nothing is bought.`);
    return mine.phone_number;
  }
  await refuseNamesake(news, context);
  const noted = notes.read<Candidate>(candidateKey(urn));
  const conditions = conditionsOf(news);
  const shown = noted && same(noted.conditions, conditions) ? noted : undefined;
  const remembered = shown && (await stillForSale(twilio, news, shown.number));
  const offers = remembered && isFree(context)(remembered) ? [remembered] : await candidates(twilio, news, pageSize(twilio));
  const candidate = offers.find(isFree(context));
  if (!candidate) {
    throw new UsageError(
      "must match a number for sale; none matches, and nothing was bought. Declare fewer conditions, or another area or type",
      news.search === undefined ? "areaCode" : "search",
    );
  }
  const number = candidate.phone_number as string;
  // A note with a SID is about a number that was bought, and released since.
  if (shown && shown.sid === undefined && shown.number !== number) {
    log("warn", `${shown.number}, which a preview has shown, is no longer for sale; ${number} replaces it.`);
  }
  runOf(twilio).promised.set(number, urn);
  // Another run may have bought a number while this one searched: its note must stay.
  const isUnchanged = notes.read<Candidate>(candidateKey(urn))?.sid === noted?.sid;
  if (isUnchanged) notes.write(candidateKey(urn), { conditions, number } satisfies Candidate);
  log("info", formatOffer(await offerOf(twilio, news, candidate)));
  return number;
}

/** The number that was bought for this resource, which may have another name since: by the note of its purchase, else by its mark. */
async function boughtBefore({ twilio, notes, urn }: Context): Promise<Body | undefined> {
  if (urn === undefined) return undefined;
  const noted = notes.read<Candidate>(candidateKey(urn));
  // Not the number that is being replaced. And a renamed resource keeps the mark of its old name, which a new one may have now.
  const taken = new Set(runOf(twilio).held.values());
  const found = noted?.sid === undefined || taken.has(noted.number) ? undefined : await owned(twilio, noted.number);
  if (found && found.sid === noted?.sid) return found;
  return (await ownedByName(twilio, ownersMark(urn))).find(({ phone_number }) => !taken.has(phone_number));
}

/** The number that a create bought whose response, or whose state, was lost. */
export async function findBought(news: WantedNumber, context: Context, note: Note | undefined): Promise<Body | undefined> {
  if (isSearched(news)) return boughtBefore(context);
  const found = await owned(context.twilio, news.phoneNumber as string);
  if (!found) return undefined;
  const isMarked = context.urn !== undefined && found.friendly_name === ownersMark(context.urn);
  const isNamed = news.friendlyName !== undefined && found.friendly_name === news.friendlyName;
  return isMarked || (isNamed && note && matchesNote(note, found, context.twilio)) ? found : undefined;
}

/**
 * A name that the program declares replaces the mark, and only a note on this machine then shows whose the number is. Where the note is lost
 * with the state, a number of that name may be the one that was bought before: the error asks, and no second one is bought.
 */
async function refuseNamesake({ friendlyName }: WantedNumber, { twilio, notes, urn }: Context): Promise<void> {
  if (typeof friendlyName !== "string" || friendlyName === "" || isUnknown(friendlyName)) return;
  const { held, promised } = runOf(twilio);
  const noted = new Set<unknown>((notes.all() as Partial<Candidate>[]).flatMap(({ sid }) => sid ?? []));
  const isOthers = ({ sid, phone_number: number }: Body) =>
    noted.has(sid) || [...held.values()].includes(number) || (promised.get(number as string) ?? urn) !== urn;
  const namesake = (await ownedByName(twilio, friendlyName)).find((body) => !isOthers(body));
  if (!namesake) return;
  throw new UsageError(
    `must not be the name of another number; the account has ${namesake.phone_number} (${namesake.sid}) with this name, and nothing was bought. ` +
      `If it was bought for this resource, declare adopt: "${namesake.phone_number}" in place of the search; otherwise choose another name, or ` +
      "declare this resource after the one that has the number",
    "friendlyName",
  );
}

/** The choice of the number within the one creation that all resources share. */
export const purchase: Purchase<WantedNumber> = {
  lock: ({ twilio, urn }) => `${twilio.accountSid} ${urn}`,

  async before(news, context) {
    const { twilio, notes, urn } = context;
    if (!isSearched(news)) {
      const found = await owned(twilio, news.phoneNumber as string);
      if (!found) return undefined;
      const isMarked = urn !== undefined && found.friendly_name === ownersMark(urn);
      const isOurs = isMarked || found.sid === notes.read<Candidate>(candidateKey(urn))?.sid;
      if (isOurs && found.phone_number !== runOf(twilio).held.get(urn)) return found;
      throw new UsageError(
        `${found.phone_number} already belongs to this account (${found.sid}, named ${JSON.stringify(found.friendly_name)}); nothing was bought. ` +
          `To adopt it, declare adopt: "${found.phone_number}".`,
      );
    }
    const found = await boughtBefore(context);
    // Only the number that is being replaced is not wanted: the engine deletes it afterwards.
    if (found && found.phone_number !== runOf(twilio).held.get(urn)) return found;
    await refuseNamesake(news, context);
    return undefined;
  },

  isTaken: ({ code }) => code === 21422,

  async another(news, refused, context) {
    if (!isSearched(news)) return undefined;
    refused.add(news.phoneNumber as string);
    const others = (await candidates(context.twilio, news, pageSize(context.twilio))).filter(isFree(context));
    const number = others.map(({ phone_number }) => phone_number as string).find((other) => !refused.has(other));
    if (number === undefined) return undefined;
    runOf(context.twilio).promised.set(number, context.urn);
    return { ...news, phoneNumber: number };
  },

  record(body, planned, { notes, log, urn }) {
    const number = body.phone_number as string;
    if (urn === undefined || planned.adopt !== undefined) return;
    notes.write(candidateKey(urn), { conditions: conditionsOf(planned) ?? null, number, sid: body.sid } satisfies Candidate);
    if (!isSearched(planned) || number === planned.phoneNumber) return;
    notes.write(substituteKey(urn), { planned: planned.phoneNumber as string, number } satisfies Substitute);
    log("warn", `${planned.phoneNumber} was no longer for sale; ${number} was bought instead.`);
  },

  // Two runs on two machines, each with a backend of its own, share no lock: the later one reports it.
  async afterPurchase(bought, planned, { twilio, log, urn }) {
    if (urn === undefined || !isSearched(planned)) return;
    const marked = await ownedByName(twilio, ownersMark(urn)).catch(() => []);
    const held = [...runOf(twilio).held.values()];
    for (const { sid, phone_number } of marked.filter((other) => other.sid !== bought.sid && !held.includes(other.phone_number))) {
      log(
        "warn",
        `${phone_number} (${sid}) carries the mark of this resource too: another run bought it at the same time. Release one of them.`,
      );
    }
  },
};
