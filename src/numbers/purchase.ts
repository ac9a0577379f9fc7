import { type Body, type Context, lateCreateWindowMs, matchesNote, type Note, type Props } from "../core/lifecycle/definition";
import { e164 } from "../core/lifecycle/formats";
import { isUnknown, same } from "../core/lifecycle/props";
import { withMachineLock } from "../core/process/machine-lock";
import { TwilioError, UsageError } from "../core/twilio/errors";
import type { Twilio } from "../core/twilio/transport";
import { candidates, describe, owned, ownedByName, ownersMark, stillForSale } from "./number-search";

type Form = Record<string, string | string[]>;

/** Whether the number was chosen for the program, which then holds to it whatever its conditions say later. */
export const isPinned = (news: Props): boolean => news.search !== undefined || news.areaCode !== undefined || news.adopt !== undefined;

const conditionsOf = (news: Props): unknown => news.areaCode ?? news.search;
const candidateKey = (urn: unknown) => `candidate ${urn}`;
const substituteKey = (urn: unknown) => `substitute ${urn}`;

/** What a preview has shown, so that the update buys just that. */
interface Candidate {
  readonly conditions: unknown;
  readonly number: string;
  /** Of the number when it was bought: the program may have given it a name in place of the mark. */
  readonly sid?: unknown;
}

/** What one run knows of numbers before Twilio does. */
interface Run {
  /** Who is to buy which number: Twilio offers it until it is bought, so two resources would choose the same. */
  readonly promised: Map<string, unknown>;
  /** The number that each resource has. When the engine replaces, it asks once more with nothing known, and wants another. */
  readonly held: Map<unknown, unknown>;
}

const runs = new WeakMap<Twilio, Run>();

function runOf(twilio: Twilio): Run {
  const run = runs.get(twilio) ?? { promised: new Map(), held: new Map() };
  runs.set(twilio, run);
  return run;
}

/** Whether a number is promised to no other resource. */
const isFree = (twilio: Twilio, urn: unknown) => (candidate: Body) =>
  (runOf(twilio).promised.get(candidate.phone_number as string) ?? urn) === urn;

/** Asks for so many that some are left, past the 50 that Twilio offers by itself. */
const roomFor = (twilio: Twilio): Record<string, string> =>
  runOf(twilio).promised.size > 0 ? { PageSize: String(Math.min(1000, 50 + runOf(twilio).promised.size)) } : {};

/** Decides once which number this is, and writes it into the inputs: so previews know it, and later changes of the conditions move nothing. */
export async function settle(news: Props, olds: Props, context: Context): Promise<Props> {
  const { twilio, notes: memory, log } = context;
  const urn = news.__urn;
  runOf(twilio).held.set(urn, olds.phoneNumber ?? runOf(twilio).held.get(urn));
  if (!isPinned(news)) return news;
  if (olds.phoneNumber !== undefined) {
    const substitute = memory.read<{ planned: string; number: string }>(substituteKey(urn));
    if (substitute && substitute.planned !== olds.phoneNumber) memory.remove(substituteKey(urn));
    const number = substitute?.planned === olds.phoneNumber ? substitute?.number : olds.phoneNumber;
    runOf(twilio).held.set(urn, number);
    return { ...news, phoneNumber: number };
  }
  const conditions = news.adopt ?? conditionsOf(news);
  if (isUnknown(conditions) || isUnknown(urn)) return news;
  if (news.adopt !== undefined) {
    if (e164(news.adopt) === undefined) return { ...news, phoneNumber: news.adopt };
    const body = await twilio.send({
      attempt: `Cannot adopt PhoneNumber ${news.adopt}`,
      product: "api",
      method: "get",
      path: `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers/${news.adopt}.json`,
    });
    if (!body) throw new UsageError(`there is no number ${news.adopt} in account ${twilio.accountSid}`, "adopt");
    return { ...news, phoneNumber: body.phone_number };
  }
  const property = news.search === undefined ? "areaCode" : "search";
  const mine = await boughtBefore(urn as string, context);
  if (mine) {
    log("info", `${mine.phone_number} (${mine.sid}) was bought for this resource before and is used again; nothing is bought.`, urn);
    return { ...news, phoneNumber: mine.phone_number };
  }
  await refuseNamesake(news, context);
  const noted = memory.read<Candidate>(candidateKey(urn));
  const shown = noted && same(noted.conditions, conditions) ? noted : undefined;
  const remembered = shown && (await stillForSale(twilio, news, shown.number));
  const offered = remembered && isFree(twilio, urn)(remembered) ? [remembered] : await candidates(twilio, news, roomFor(twilio));
  const candidate = offered.find(isFree(twilio, urn));
  if (!candidate) {
    throw new UsageError(
      "no number for sale fulfils all conditions; nothing was bought. Ask for fewer, or for another area or type",
      property,
    );
  }
  const number = candidate.phone_number as string;
  // A note with a SID is of a number that was bought, and given back since.
  if (shown && shown.sid === undefined && shown.number !== number) {
    log("warn", `${shown.number}, which a preview has shown, is no longer for sale; ${number} takes its place.`, urn);
  }
  runOf(twilio).promised.set(number, urn);
  // Another run may have bought one while this one was searching: its note must stay.
  const isNews = memory.read<Candidate>(candidateKey(urn))?.sid === noted?.sid;
  if (isNews) memory.write(candidateKey(urn), { conditions, number } satisfies Candidate);
  log("info", `will buy ${await describe(twilio, news, candidate)}`, urn);
  return { ...news, phoneNumber: number };
}

/** The number that was bought for this resource, which may have got another name since: by the note of its purchase, else by its mark. */
async function boughtBefore(urn: string, { twilio, notes: memory }: Context): Promise<Body | undefined> {
  const noted = memory.read<Candidate>(candidateKey(urn));
  // Not the number that is being replaced. And a resource that was renamed keeps the mark of its old name, which a new one may have now.
  const taken = new Set(runOf(twilio).held.values());
  const found = noted?.sid === undefined || taken.has(noted.number) ? undefined : await owned(twilio, noted.number);
  if (found && found.sid === noted?.sid) return found;
  return (await ownedByName(twilio, ownersMark(urn))).find(({ phone_number }) => !taken.has(phone_number));
}

/** The number that a create bought whose answer, or whose state, was lost. */
export async function findBought(news: Props, context: Context, note: Note | undefined): Promise<Body | undefined> {
  const urn = news.__urn as string;
  if (conditionsOf(news) !== undefined) return boughtBefore(urn, context);
  const found = await owned(context.twilio, news.phoneNumber as string);
  if (!found) return undefined;
  const isOurs = found.friendly_name === ownersMark(urn);
  const isOurName = news.friendlyName !== undefined && found.friendly_name === news.friendlyName;
  return isOurs || (isOurName && note && matchesNote(note, found, context.twilio)) ? found : undefined;
}

/**
 * A name that the program declares takes the mark's place, and only a note on this machine then tells whose the number is. Where the note is
 * lost with the state, a number of that name may be the one that was bought before: it is asked about and not bought again.
 */
async function refuseNamesake({ friendlyName, __urn: urn }: Props, { twilio, notes: memory }: Context): Promise<void> {
  if (typeof friendlyName !== "string" || friendlyName === "" || isUnknown(friendlyName)) return;
  const { held, promised } = runOf(twilio);
  const noted = new Set<unknown>((memory.all() as Partial<Candidate>[]).flatMap(({ sid }) => sid ?? []));
  const isOthers = ({ sid, phone_number: number }: Body) =>
    noted.has(sid) || [...held.values()].includes(number) || (promised.get(number as string) ?? urn) !== urn;
  const namesake = (await ownedByName(twilio, friendlyName)).find((body) => !isOthers(body));
  if (!namesake) return;
  throw new UsageError(
    `the account has a number of that name already, ${namesake.phone_number} (${namesake.sid}); nothing was bought. If it was bought for this ` +
      `resource, take it over with adopt: "${namesake.phone_number}" in place of the search; if it is another's, give this one another name, or declare it after the resource that has it`,
    "friendlyName",
  );
}

/** Buys the number that was settled on, once, also where two runs are about to; for what is bought, the other one finds. */
export function buy(news: Props, form: Form, context: Context, pending: Note | undefined): Promise<Body> {
  const { twilio } = context;
  return withMachineLock(`${twilio.accountSid} ${news.__urn}`, twilio.pause, () => buyAlone(news, form, context, pending));
}

/** Waits for a purchase that Twilio may still be at work on, which keeps the number from everybody, this resource too. */
async function arrivesLate(news: Props, context: Context, pending: Note): Promise<Body | undefined> {
  const { twilio, log } = context;
  const leftMs = () => Date.parse(pending.at) + lateCreateWindowMs - Date.now();
  log("info", `${news.phoneNumber} may be on its way from a purchase without an answer; looking for it.`, news.__urn);
  for (;;) {
    const found = await findBought(news, context, pending);
    if (found || leftMs() <= 0) return found;
    if (await twilio.pause(Math.min(2_000, leftMs()))) continue;
    throw new UsageError(`Whether ${news.phoneNumber} was bought is not known yet; no other is bought. Run \`pulumi up\` again.`);
  }
}

/** When somebody else was faster, the next number that fulfils the conditions. */
async function buyAlone(news: Props, form: Form, context: Context, pending: Note | undefined): Promise<Body> {
  const { twilio, notes: memory, log } = context;
  const urn = news.__urn as string;
  const planned = news.phoneNumber as string;
  const bySearch = news.search !== undefined || news.areaCode !== undefined;
  const found = bySearch ? await boughtBefore(urn, context) : await owned(twilio, planned);
  const mark = ownersMark(urn);
  // The inputs hold what was planned, for good; the next check puts into its place what it became.
  const instead = (body: Body) => {
    if (body.phone_number !== planned) memory.write(substituteKey(urn), { planned, number: body.phone_number });
    return body;
  };
  const isMine = (body: Body) => body.friendly_name === mark || body.sid === memory.read<Candidate>(candidateKey(urn))?.sid;
  // Bought by another run since this one looked: taken, and not bought again. Only the number that is being replaced is not wanted, for
  // the engine deletes it afterwards.
  if (found && isMine(found) && found.phone_number !== runOf(twilio).held.get(urn)) return instead(found);
  if (bySearch) await refuseNamesake(news, context);
  if (found && !bySearch) {
    throw new UsageError(
      `${planned} is a number of this account already (${found.sid}); nothing was bought. Take it over with adopt: "${planned}". ` +
        `Its name is ${JSON.stringify(found.friendly_name)}.`,
    );
  }
  const tried = new Set<string>();
  for (let number: string | undefined = planned; number !== undefined; ) {
    tried.add(number);
    try {
      // The mark comes with the purchase itself; a name that the program declares takes its place afterwards.
      const body = await purchase(bySearch ? { ...form, FriendlyName: mark } : { FriendlyName: mark, ...form }, number, context);
      memory.write(candidateKey(urn), { conditions: conditionsOf(news) ?? null, number, sid: body.sid } satisfies Candidate);
      if (bySearch) await tellOfOthers(body, mark, context);
      if (number !== planned) log("warn", `${planned} was gone by the time it was to be bought; ${number} was bought instead.`, urn);
      return instead(body);
    } catch (error) {
      if (!(error instanceof TwilioError && error.code === 21422 && bySearch)) throw error;
      // Twilio also says so of a number that this very request, its answer lost, has bought; a mark tells it from one of another resource.
      const bought = await owned(twilio, number);
      const late = pending && !bought ? await arrivesLate(news, context, pending) : undefined;
      if (late) return instead(late);
      if (bought?.friendly_name === mark && (await boughtBefore(urn, context))?.sid === bought.sid) return instead(bought);
      const others: Body[] = (await candidates(twilio, news, roomFor(twilio))).filter(isFree(twilio, urn));
      number = others.map((other) => other.phone_number as string).find((other) => !tried.has(other));
      if (number !== undefined) runOf(twilio).promised.set(number, urn);
      if (number === undefined || tried.size > 5) throw error;
    }
  }
  throw new UsageError(`PhoneNumber has no number to buy; run \`pulumi up\` again.`);
}

/** Two runs on two machines, each with a backend of its own, have no lock in common: at least it is said. */
async function tellOfOthers(bought: Body, mark: string, { twilio, log }: Context): Promise<void> {
  const marked = await ownedByName(twilio, mark).catch(() => []);
  const held = [...runOf(twilio).held.values()];
  for (const { sid, phone_number } of marked.filter((other) => other.sid !== bought.sid && !held.includes(other.phone_number))) {
    log(
      "warn",
      `${phone_number} (${sid}) carries the mark of this resource too: another run bought it at the same time. Release one of the two.`,
    );
  }
}

async function purchase(form: Form, number: string, { twilio }: Context): Promise<Body> {
  const body = await twilio.send({
    attempt: `Cannot buy ${number}`,
    product: "api",
    method: "post",
    path: `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers.json`,
    form: { ...form, PhoneNumber: number },
  });
  return body as Body;
}
