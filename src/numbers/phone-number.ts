import type { Input } from "@pulumi/pulumi";
import { type Body, type Context, define, type Props } from "../core/definition";
import { TwilioError, UsageError } from "../core/errors";
import { boolean, e164, either, integer, matching, oneOf, sid, text, url } from "../core/formats";
import { isUnknown, same } from "../core/props";
import { type CommonArgs, resourceClass } from "../core/resource";
import type { Twilio } from "../core/transport";
import { createForm, isDeclared } from "../core/wire";
import { candidates, describe, owned, ownedByMark, ownersMark, stillForSale } from "./number-search";

/** Which number to buy. Each condition that is given must hold. */
export interface NumberSearch {
  /** Country, ISO 3166-1 alpha-2 such as `US`. */
  country: Input<string>;
  /** Kind of number. Default: `"local"`. */
  type?: Input<"local" | "mobile" | "toll-free">;
  /** Area code, digits, US and Canada only. */
  areaCode?: Input<string>;
  /** Digits or letters in it, 2 to 16 characters; `*` stands for one digit, `%` for several, `+` for the start, `$` for the end. */
  contains?: Input<string>;
  /** Close to this number, E.164, US and Canada only. */
  nearNumber?: Input<string>;
  /** Close to this place: latitude and longitude, `37.840699,-122.461853`, US and Canada only. */
  nearLatLong?: Input<string>;
  /** How close, in miles, 1 to 500. Default: 25. */
  distance?: Input<number>;
  /** Postal code, US and Canada only. */
  inPostalCode?: Input<string>;
  /** State or province, `CA`, US and Canada only. */
  inRegion?: Input<string>;
  /** City. */
  inLocality?: Input<string>;
  /** Rate centre, US and Canada only. */
  inRateCenter?: Input<string>;
  /** Local access and transport area, three digits, US and Canada only. */
  inLata?: Input<string>;
  /** Can text. */
  smsEnabled?: Input<boolean>;
  /** Can send pictures. */
  mmsEnabled?: Input<boolean>;
  /** Can call. */
  voiceEnabled?: Input<boolean>;
  /** Can fax. */
  faxEnabled?: Input<boolean>;
  /** Leaves out numbers that want any address. */
  excludeAllAddressRequired?: Input<boolean>;
  /** Leaves out numbers that want an address in their own country. */
  excludeLocalAddressRequired?: Input<boolean>;
  /** Leaves out numbers that want an address in another country. */
  excludeForeignAddressRequired?: Input<boolean>;
  /** `false` leaves out numbers that are new to Twilio's platform. Default: `true`. */
  beta?: Input<boolean>;
}

/** What you may set on a {@link PhoneNumber}: exactly one of `phoneNumber`, `areaCode`, `search` and `adopt`, and how the number behaves. */
export interface PhoneNumberArgs extends Pick<CommonArgs, "adopt"> {
  /** Buys this number, E.164. A change replaces. */
  phoneNumber?: Input<string>;
  /** Buys a local number with this area code, three digits, US or Canada. Matters at creation only; a later change does nothing. */
  areaCode?: Input<string>;
  /** Buys a number that fulfils these conditions. They matter at creation only; a later change does nothing. */
  search?: Input<NumberSearch>;
  /**
   * Takes over a number that the account has: its SID `PN…` or the number in E.164. Matters at creation only; a later change does nothing.
   */
  adopt?: Input<string>;
  /**
   * What destroying the resource does: `"retain"` keeps the number in the account, where it goes on costing its monthly price; `"release"`
   * gives it back to Twilio, from where it can be bought again for ten days at most. Default: `"retain"`. A change is recorded in place.
   */
  onDelete?: Input<"retain" | "release">;
  /**
   * Name shown in the Console, up to 64 characters. Default: project, stack and name of the resource, by which the number is found again when a
   * run was interrupted or the resource was destroyed. Changed in place.
   */
  friendlyName?: Input<string>;
  /** Called for each incoming message that no conversation takes. Changed in place; removing it clears it. */
  smsUrl?: Input<string>;
  /** How `smsUrl` is called. Default: `"POST"`. Changed in place. */
  smsMethod?: Input<"GET" | "POST">;
  /** Called when `smsUrl` fails. Changed in place; removing it clears it. */
  smsFallbackUrl?: Input<string>;
  /** How `smsFallbackUrl` is called. Default: `"POST"`. Changed in place. */
  smsFallbackMethod?: Input<"GET" | "POST">;
  /** TwiML application for messages, `AP…`; its URLs take the place of the SMS URLs. Changed in place; removing it clears it. */
  smsApplicationSid?: Input<string>;
  /** Called for each incoming call. Changed in place; removing it clears it. */
  voiceUrl?: Input<string>;
  /** How `voiceUrl` is called. Default: `"POST"`. Changed in place. */
  voiceMethod?: Input<"GET" | "POST">;
  /** Called when `voiceUrl` fails. Changed in place; removing it clears it. */
  voiceFallbackUrl?: Input<string>;
  /** How `voiceFallbackUrl` is called. Default: `"POST"`. Changed in place. */
  voiceFallbackMethod?: Input<"GET" | "POST">;
  /** TwiML application for calls, `AP…`; excludes `trunkSid`. Changed in place; removing it clears it. */
  voiceApplicationSid?: Input<string>;
  /** Looks up the caller's name, at a price for each call. Default: `false`. Changed in place. */
  voiceCallerIdLookup?: Input<boolean>;
  /** Whether incoming calls are taken as voice or fax. Default: `"voice"`. Changed in place. */
  voiceReceiveMode?: Input<"voice" | "fax">;
  /** Called when a call's status changes. Changed in place; removing it clears it. */
  statusCallback?: Input<string>;
  /** How `statusCallback` is called. Default: `"POST"`. Changed in place. */
  statusCallbackMethod?: Input<"GET" | "POST">;
  /** SIP trunk that takes the calls, `TK…`; excludes `voiceApplicationSid`. Changed in place; removing it clears it. */
  trunkSid?: Input<string>;
  /** Whether emergency calls may be made from it. Default: left to Twilio. Changed in place. */
  emergencyStatus?: Input<"Active" | "Inactive">;
  /** Address for emergency calls, `AD…`. Changed in place; removing it clears it. */
  emergencyAddressSid?: Input<string>;
  /** Address of the owner, `AD…`; some countries want one. Changed in place; removing it clears it. */
  addressSid?: Input<string>;
  /** Identity of the owner, `RI…`; some countries want one. Changed in place; removing it clears it. */
  identitySid?: Input<string>;
  /** Regulatory bundle, `BU…`; some countries want one. Changed in place; removing it clears it. */
  bundleSid?: Input<string>;
}

/** What Twilio adds to a {@link PhoneNumber}. */
export interface PhoneNumberOutputs {
  /** `PN` and 32 hex digits; also the resource's id. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The number, E.164. Known from the first preview on. */
  phoneNumber: string;
  /** Name shown in the Console. */
  friendlyName: string;
  /** What it can do. */
  capabilities: { voice: boolean; sms: boolean; mms: boolean; fax: boolean };
  /** Which address its use wants. */
  addressRequirements: "none" | "any" | "local" | "foreign";
  /** Whether it is new to Twilio's platform. */
  beta: boolean;
  /** `"twilio"` for a number bought there, `"hosted"` for one brought along. */
  origin: string;
}

const method = { computed: true, cleared: "POST", format: oneOf("GET", "POST") } as const;
const address = { format: url };
const reference = (prefix: string) => ({ format: sid(prefix) });
const once = { local: "create" } as const;
const flag = { ...once, shape: "boolean", format: boolean } as const;

export const phoneNumber = define<PhoneNumberArgs, PhoneNumberOutputs>({
  type: "twilio/numbers:PhoneNumber",
  product: "api",
  sid: "PN",
  path: (_parents, account) => `/2010-04-01/Accounts/${account}/IncomingPhoneNumbers`,
  suffix: ".json",
  owned: true,
  precious: true,
  unique: [{ by: ["phoneNumber"], explain: "a number is bought once" }],
  fields: {
    phoneNumber: { createOnly: true, format: e164 },
    areaCode: { ...once, format: matching(/^[2-9]\d\d$/, "an area code, three digits like 510") },
    "search.country": { ...once, format: matching(/^[A-Z]{2}$/, "a country's two letters, like US") },
    "search.type": { ...once, format: oneOf("local", "mobile", "toll-free") },
    "search.areaCode": { ...once, format: matching(/^[2-9]\d\d$/, "an area code, three digits like 510") },
    "search.contains": { ...once, format: matching(/^[+]?[0-9a-zA-Z*%]{2,16}[$]?$/, "2 to 16 digits, letters, * or %, like 510555****") },
    "search.nearNumber": { ...once, format: e164 },
    "search.nearLatLong": { ...once, format: matching(/^-?\d+(\.\d+)?,-?\d+(\.\d+)?$/, "latitude,longitude, like 37.840699,-122.461853") },
    "search.distance": { ...once, shape: "integer", format: integer({ min: 1, max: 500 }) },
    "search.inPostalCode": once,
    "search.inRegion": once,
    "search.inLocality": once,
    "search.inRateCenter": once,
    "search.inLata": { ...once, format: matching(/^\d{3}$/, "a LATA, three digits like 722") },
    "search.smsEnabled": flag,
    "search.mmsEnabled": flag,
    "search.voiceEnabled": flag,
    "search.faxEnabled": flag,
    "search.excludeAllAddressRequired": flag,
    "search.excludeLocalAddressRequired": flag,
    "search.excludeForeignAddressRequired": flag,
    "search.beta": flag,
    adopt: { ...once, format: either(sid("PN"), e164) },
    onDelete: { local: "delete", format: oneOf("retain", "release") },
    friendlyName: { computed: true, format: text({ max: 64 }) },
    smsUrl: address,
    smsMethod: method,
    smsFallbackUrl: address,
    smsFallbackMethod: method,
    smsApplicationSid: reference("AP"),
    voiceUrl: address,
    voiceMethod: method,
    voiceFallbackUrl: address,
    voiceFallbackMethod: method,
    voiceApplicationSid: reference("AP"),
    voiceCallerIdLookup: { computed: true, cleared: "false", shape: "boolean", format: boolean },
    voiceReceiveMode: { computed: true, cleared: "voice", format: oneOf("voice", "fax") },
    statusCallback: address,
    statusCallbackMethod: method,
    trunkSid: reference("TK"),
    emergencyStatus: { computed: true, cleared: "Inactive", format: oneOf("Active", "Inactive") },
    emergencyAddressSid: reference("AD"),
    addressSid: reference("AD"),
    identitySid: reference("RI"),
    bundleSid: reference("BU"),
  },
  outputs: { capabilities: "capabilities", addressRequirements: "address_requirements", beta: "beta", origin: "origin" },

  validate(news) {
    const ways = ["phoneNumber", "areaCode", "search", "adopt"];
    const given = ways.filter((way) => news[way] !== undefined);
    const problems = [];
    if (given.length === 0) problems.push({ property: "search", reason: `is missing: give one of \`${ways.join("`, `")}\`` });
    if (given.length > 1)
      problems.push({
        property: given[1] as string,
        reason: `does not go with \`${given[0]}\`: give exactly one of \`${ways.join("`, `")}\``,
      });
    const search = news.search as Props | undefined;
    if (search !== undefined && !isUnknown(news.search) && search.country === undefined) {
      problems.push({ property: "search.country", reason: "is missing: the country's two letters, like US" });
    }
    if (news.trunkSid !== undefined && news.voiceApplicationSid !== undefined) {
      problems.push({ property: "trunkSid", reason: "does not go with `voiceApplicationSid`: Twilio lets one of them take the calls" });
    }
    return problems;
  },

  settle,
  align(news, olds) {
    // A name that is no longer declared makes room for the one that the number was bought under.
    const named = news.friendlyName !== undefined || news.__urn === undefined || !isDeclared(olds, "friendlyName");
    const friendlyName = named ? news.friendlyName : ownersMark(news.__urn as string);
    return { ...news, friendlyName, ...(isPinned(news) ? { phoneNumber: olds.phoneNumber } : {}) };
  },
  noteKey: ({ __urn, phoneNumber }) => (__urn === undefined ? undefined : `number ${__urn} ${phoneNumber}`),
  findLost: async (news, { twilio }, note) => (note ? owned(twilio, news.phoneNumber as string) : undefined),
  findByName: (name, _news, { twilio }) => owned(twilio, name),
  create: buy,

  async beforeDelete(id, props, context) {
    context.log("info", `${props.phoneNumber} (${id}) goes back to Twilio; for ten days at most it can be bought again.`, props.__urn);
  },
});

/**
 * A phone number of the account.
 *
 * @example
 * const number = new PhoneNumber("front-desk", { search: { country: "US", type: "local", smsEnabled: true } });
 *
 * @see https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
 */
export class PhoneNumber extends resourceClass<PhoneNumberArgs, PhoneNumberOutputs>(phoneNumber) {}

/** Whether the number was chosen for the program, which then holds to it whatever its conditions say later. */
const isPinned = (news: Props): boolean => news.search !== undefined || news.areaCode !== undefined || news.adopt !== undefined;

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

// What this run has promised to whom: Twilio offers a number until it is bought, so two resources would choose the same.
const promises = new WeakMap<Twilio, Map<string, unknown>>();

function promisedBy(twilio: Twilio): Map<string, unknown> {
  const promised = promises.get(twilio) ?? new Map<string, unknown>();
  promises.set(twilio, promised);
  return promised;
}

/** Whether a number is promised to no other resource. */
const isFree = (twilio: Twilio, urn: unknown) => (candidate: Body) =>
  (promisedBy(twilio).get(candidate.phone_number as string) ?? urn) === urn;

/** Asks for so many that some are left, past the 50 that Twilio offers by itself. */
const roomFor = (twilio: Twilio): Record<string, string> =>
  promisedBy(twilio).size > 0 ? { PageSize: String(Math.min(1000, 50 + promisedBy(twilio).size)) } : {};

/** Decides once which number this is, and writes it into the inputs: so previews know it, and later changes of the conditions move nothing. */
async function settle(news: Props, olds: Props, context: Context): Promise<Props> {
  const { twilio, memory, log } = context;
  const urn = news.__urn;
  if (!isPinned(news)) return news;
  if (olds.phoneNumber !== undefined) {
    const substitute = memory.recall<{ planned: string; number: string }>(substituteKey(urn));
    if (substitute && substitute.planned !== olds.phoneNumber) memory.forget(substituteKey(urn));
    return { ...news, phoneNumber: substitute?.planned === olds.phoneNumber ? substitute?.number : olds.phoneNumber };
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
  const shown = memory.recall<Candidate>(candidateKey(urn));
  const remembered = shown && same(shown.conditions, conditions) ? await stillForSale(twilio, news, shown.number) : undefined;
  const offered = remembered && isFree(twilio, urn)(remembered) ? [remembered] : await candidates(twilio, news, roomFor(twilio));
  const candidate = offered.find(isFree(twilio, urn));
  if (!candidate) {
    throw new UsageError(
      "no number for sale fulfils all conditions; nothing was bought. Ask for fewer, or for another area or type",
      property,
    );
  }
  const number = candidate.phone_number as string;
  promisedBy(twilio).set(number, urn);
  memory.remember(candidateKey(urn), { conditions, number } satisfies Candidate);
  log("info", `will buy ${await describe(twilio, news, candidate)}`, urn);
  return { ...news, phoneNumber: number };
}

/** The number that was bought for this resource, which may have got another name since: by the note of its purchase, else by its mark. */
async function boughtBefore(urn: string, { twilio, memory }: Context): Promise<Body | undefined> {
  const noted = memory.recall<Candidate>(candidateKey(urn));
  const found = noted?.sid === undefined ? undefined : await owned(twilio, noted.number);
  return found && found.sid === noted?.sid ? found : ownedByMark(twilio, urn);
}

/** Buys the number that was settled on; when somebody else was faster, the next one that fulfils the conditions. */
async function buy(news: Props, context: Context): Promise<Body> {
  const { twilio, memory, log } = context;
  const urn = news.__urn as string;
  const planned = news.phoneNumber as string;
  const bySearch = news.search !== undefined || news.areaCode !== undefined;
  const found = bySearch ? await boughtBefore(urn, context) : await owned(twilio, planned);
  const isMine = (body: Body) => body.friendly_name === ownersMark(urn) || body.sid === memory.recall<Candidate>(candidateKey(urn))?.sid;
  if (found && isMine(found)) return found;
  if (found) {
    throw new UsageError(
      `${planned} is a number of this account already (${found.sid}); nothing was bought. Take it over with adopt: "${planned}".`,
    );
  }
  const tried = new Set<string>();
  for (let number: string | undefined = planned; number !== undefined; ) {
    tried.add(number);
    try {
      const body = await purchase(news, number, bySearch ? { FriendlyName: ownersMark(urn) } : {}, context);
      memory.remember(candidateKey(urn), { conditions: conditionsOf(news) ?? null, number, sid: body.sid } satisfies Candidate);
      if (number !== planned) {
        memory.remember(substituteKey(urn), { planned, number });
        log("warn", `${planned} was gone by the time it was to be bought; ${number} was bought instead.`, urn);
      }
      return body;
    } catch (error) {
      if (!(error instanceof TwilioError && error.code === 21422 && bySearch)) throw error;
      // Twilio also says so of a number that this very request, its answer lost, has bought; a mark tells it from one of another resource.
      const bought = await owned(twilio, number);
      if (bought?.friendly_name === ownersMark(urn)) return bought;
      const others: Body[] = (await candidates(twilio, news, roomFor(twilio))).filter(isFree(twilio, urn));
      number = others.map((other) => other.phone_number as string).find((other) => !tried.has(other));
      if (number !== undefined) promisedBy(twilio).set(number, urn);
      if (number === undefined || tried.size > 5) throw error;
    }
  }
  throw new UsageError(`PhoneNumber has no number to buy; run \`pulumi up\` again.`);
}

async function purchase(news: Props, number: string, more: Record<string, string>, { twilio }: Context): Promise<Body> {
  const declared = createForm(phoneNumber, news);
  const body = await twilio.send({
    attempt: `Cannot buy ${number}`,
    product: "api",
    method: "post",
    path: `/2010-04-01/Accounts/${twilio.accountSid}/IncomingPhoneNumbers.json`,
    form: { ...(news.__urn ? { FriendlyName: ownersMark(news.__urn as string) } : {}), ...declared, ...more, PhoneNumber: number },
  });
  return body as Body;
}
