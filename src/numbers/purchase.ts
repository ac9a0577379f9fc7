import type { Context, Purchase } from "../core/lifecycle/definition";
import { e164 } from "../core/lifecycle/formats";
import { type Note, noteDigest } from "../core/lifecycle/note";
import { isOlder } from "../core/lifecycle/pending-create";
import { askOnce } from "../core/lifecycle/preview-lookups";
import { isUnknown, type Props, stable } from "../core/lifecycle/props";
import { secretsOf } from "../core/lifecycle/secrets";
import { TwilioError, UsageError } from "../core/twilio/errors";
import { verifyNames } from "../core/twilio/response";
import type { Body, Twilio } from "../core/twilio/twilio";
import { warnOfFormerNumber, warnOfFormerStack } from "./former-number";
import { firstUsable } from "./number-for-sale";
import { candidates, offerOf, owned, ownedByName, ownersMark, stillForSale } from "./number-search";
import { monthlyCost } from "./number-type";
import { formatOffer } from "./offer";
import {
  boughtBefore,
  type Candidate,
  candidateKey,
  createKey,
  findBought,
  isPinned,
  isReplaced,
  isSearched,
  refuseNamesake,
  retainedKey,
  runOf,
} from "./own-numbers";
import { warnOfRegulation } from "./regulation";
import type { WantedNumber } from "./wanted-number";

const conditionsOf = (news: WantedNumber): string => noteDigest(stable(news.areaCode ?? news.search));
const substituteKey = (urn: unknown) => `substitute ${urn}`;

/** The number that was bought in place of the planned one. The inputs hold the plan; the next check replaces it. */
interface Substitute {
  readonly planned: string;
  readonly number: string;
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
  if (isUnknown(news.adopt ?? news.areaCode ?? news.search) || urn === undefined) return news;
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

async function adoptedNumber(key: unknown, context: Context): Promise<unknown> {
  if (e164(key) === undefined) return key;
  const { accountSid } = context.twilio;
  const body = await askOnce(context, { product: "api", path: `/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers/${key}.json` });
  if (!body) throw new UsageError(`must be a number of account ${accountSid}; received ${JSON.stringify(key)}`, "adopt");
  verifyNames(body, { sid: String(key), account_sid: accountSid }, `Cannot adopt PhoneNumber ${key}`, true);
  return body.phone_number;
}

/** The number that was bought for this resource before, else the best offer that meets the conditions. */
async function offeredNumber(news: WantedNumber, context: Context): Promise<unknown> {
  const { log } = context;
  const mine = await boughtBefore(news, context, context.notes.read<Note>(createKey(context.urn)));
  if (mine) {
    const { phone_number: number, sid } = mine.body;
    const reason =
      mine.whose === "ours"
        ? "was bought for this resource by an interrupted run and is used again; nothing is bought."
        : `carries the mark of this resource and is used again; nothing is bought. ${keptLater(String(number))}`;
    log(mine.whose === "ours" ? "info" : "warn", `${number} (${sid}) ${reason}`);
    return number;
  }
  await refuseNamesake(news, context);
  await warnOfFormerStack(context);
  await warnOfFormerNumber(context);
  return chosenOffer(news, context);
}

const keptLater = (number: string): string =>
  "Nothing shows that this stack has it now, so it is treated as adopted: a destroy keeps it. " +
  `To own it fully, declare adopt: "${number}" in place of the search, and onDelete: "release".`;

/** The number that a preview has shown, while it is for sale, else the first one. */
async function chosenOffer(news: WantedNumber, context: Context): Promise<string> {
  const { twilio, notes, log, urn } = context;
  const noted = notes.read<Candidate>(candidateKey(urn));
  const conditions = conditionsOf(news);
  const shown = noted && noted.conditions === conditions ? noted : undefined;
  const remembered = shown && (await stillForSale(twilio, news, shown.number));
  const offers = remembered && isFree(context)(remembered) ? [remembered] : await candidates(twilio, news, pageSize(twilio));
  const candidate = firstUsable(news, offers.filter(isFree(context)));
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
  await warnOfRegulation(news, news.search?.type ?? "local", candidate, context);
  return number;
}

/** What Twilio would say of a number that somebody else has bought. */
const takenCode = 21422;
const taken = (reason: string) => new TwilioError("Cannot create PhoneNumber", { status: 400, code: takenCode, message: reason });

/** The response is about a number that the account had before, and not about the one that was just bought. */
const notAbout = (sid: string, other: string) => ({ status: 0, message: `the response is about ${other}, not ${sid}`, isInvalid: true });

/** The choice of the number within the one creation that all resources share. */
export const purchase: Purchase<WantedNumber> = {
  // By number: two stacks that search for the same would otherwise both buy the first offer.
  lock: ({ phoneNumber }, { twilio }) => `${twilio.accountSid} ${phoneNumber}`,

  async before(news, context, note) {
    const { twilio } = context;
    const found = await findBought(news, context, note);
    if (found && !isReplaced(found, context)) return found;
    if (isSearched(news)) await refuseNamesake(news, context);
    const other = await owned(twilio, news.phoneNumber as string);
    if (!other) return undefined;
    // Twilio may answer a purchase of an owned number as an update of it, which would overwrite its name.
    if (isSearched(news)) throw taken(`the account has ${other.phone_number} already`);
    const holder = context.holderOf(String(other.sid));
    // Not its name, which may be a secret of the resource that has it.
    throw new UsageError(
      `${other.phone_number} already belongs to this account (${other.sid}${holder ? `, of ${holder}` : ""}); nothing was bought. To adopt it, declare adopt: "${other.phone_number}".`,
    );
  },

  isTaken: ({ code }) => code === takenCode,

  async verifyBought(body, { phoneNumber }, begun, context) {
    const { twilio } = context;
    const now = await owned(twilio, String(body.phone_number)).catch(() => undefined);
    // However late it was bought: Twilio may have made the request wait.
    if (isOlder(begun, body, twilio)) {
      const isBought = now && now.sid !== body.sid && now.friendly_name === ownersMark(context) && !isOlder(begun, now, twilio);
      if (isBought) throw new TwilioError("Cannot create PhoneNumber", notAbout(String(now.sid), String(body.sid)));
      throw taken(`the account has had ${phoneNumber} since ${body.date_created}`);
    }
    // Another machine may have bought it in the same moment; the last one to write its mark keeps it.
    if (now && context.urn !== undefined && now.friendly_name !== ownersMark(context))
      throw taken(`another stack has bought ${phoneNumber} at the same time`);
  },

  record(body, planned, { notes, log, urn }, isBought) {
    const number = body.phone_number as string;
    if (urn === undefined || planned.adopt !== undefined) return;
    notes.remove(retainedKey(body.sid));
    // The SID alone identifies a number that the program keeps secret.
    const shown = secretsOf(planned as Props).includes("phoneNumber") ? "" : number;
    notes.write(candidateKey(urn), { conditions: conditionsOf(planned), number: shown, sid: body.sid, urn } satisfies Candidate);
    if (!isSearched(planned) || number === planned.phoneNumber) return;
    notes.write(substituteKey(urn), { planned: planned.phoneNumber as string, number } satisfies Substitute);
    if (isBought) log("warn", `${planned.phoneNumber} was no longer for sale; ${number} was bought instead.`);
  },

  recordGone: ({ twilio, urn }) => void runOf(twilio).held.delete(urn),

  monthlyCost,

  recordRetained: (sid, { notes }) => void notes.write(retainedKey(sid), { at: new Date().toISOString() }),

  // Two runs on two machines share no lock: the later one reports it.
  async afterPurchase(bought, planned, context) {
    const { twilio, log, urn } = context;
    if (urn === undefined || !isSearched(planned)) return;
    const marked = await ownedByName(twilio, ownersMark(context)).catch(() => []);
    const held = [...runOf(twilio).held.values()];
    const isOfThisMoment = ({ date_created: at }: Body) =>
      Math.abs(Date.parse(String(at)) - Date.parse(String(bought.date_created))) < 90_000;
    for (const other of marked.filter(({ sid }) => sid !== bought.sid).filter(isOfThisMoment)) {
      if (held.includes(other.phone_number) || context.holderOf(String(other.sid)) !== undefined) continue;
      log(
        "warn",
        `${other.phone_number} (${other.sid}) carries the mark of this resource too: another run bought it at the same time. Release one of them.`,
      );
    }
  },
};

/** The next offer that nobody has refused. */
export async function anotherNumber<Inputs extends WantedNumber>(
  news: Inputs,
  refused: readonly Inputs[],
  context: Context,
): Promise<Inputs | undefined> {
  const tried = new Set<unknown>(refused.map(({ phoneNumber }) => phoneNumber));
  const others = (await candidates(context.twilio, news, pageSize(context.twilio))).filter(isFree(context));
  const number = others.map(({ phone_number }) => phone_number as string).find((other) => !tried.has(other));
  if (number === undefined) return undefined;
  runOf(context.twilio).promised.set(number, context.urn);
  return { ...news, phoneNumber: number };
}
