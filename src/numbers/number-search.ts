import { digest } from "../core/lifecycle/default-name";
import { itemsOf, verifyNames } from "../core/twilio/response";
import type { Body, Twilio } from "../core/twilio/twilio";
import type { MonthlyPrice, Offer } from "./offer";
import type { WantedNumber } from "./wanted-number";

const accountPath = ({ accountSid }: Twilio) => `/2010-04-01/Accounts/${accountSid}`;
const pathSegments = { local: "Local", mobile: "Mobile", "toll-free": "TollFree" } as const;
type NumberType = keyof typeof pathSegments;

/** The searches to try in turn for the conditions that a program declares. */
function searchesFor(news: WantedNumber): { country: string; type: NumberType; query: Record<string, string> }[] {
  if (news.areaCode !== undefined) {
    // The United States and Canada share the area codes.
    return ["US", "CA"].map((country) => ({ country, type: "local", query: { AreaCode: String(news.areaCode) } }));
  }
  if (news.search === undefined) return [];
  const { country, type = "local", ...conditions } = news.search;
  const query = Object.fromEntries(
    Object.entries(conditions).map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), String(value)]),
  );
  return [{ country, type, query }];
}

/** Numbers for sale that meet the conditions, in Twilio's order, which differs from call to call. */
export async function candidates(twilio: Twilio, news: WantedNumber, more: Record<string, string> = {}): Promise<Body[]> {
  for (const { country, type, query } of searchesFor(news)) {
    const attempt = "Cannot search for a number";
    const found = await twilio.send({
      attempt,
      product: "api",
      method: "get",
      path: `${accountPath(twilio)}/AvailablePhoneNumbers/${country}/${pathSegments[type]}.json`,
      query: { ...query, ...more },
    });
    const numbers = found ? itemsOf(found, "available_phone_numbers", attempt) : [];
    // Countries share toll-free numbers.
    for (const number of type === "toll-free" ? [] : numbers) verifyNames(number, { iso_country: country }, attempt);
    if (numbers.length > 0) return numbers.map((number) => ({ ...number, iso_country: number.iso_country ?? country }));
  }
  return [];
}

/** A number found earlier, if it is still for sale. */
export async function stillForSale(twilio: Twilio, news: WantedNumber, number: string): Promise<Body | undefined> {
  const found = await candidates(twilio, news, { Contains: number.slice(1) });
  return found.find((candidate) => candidate.phone_number === number);
}

/** The number, if the account owns it. Twilio matches patterns, so each result is compared. */
export async function owned(twilio: Twilio, number: string): Promise<Body | undefined> {
  for await (const body of listOwned(twilio, { PhoneNumber: number })) if (body.phone_number === number) return body;
  return undefined;
}

/** The account's numbers with exactly this name. The ownership mark is such a name, so this finds a resource's number without the state. */
export async function ownedByName(twilio: Twilio, name: string): Promise<Body[]> {
  const found: Body[] = [];
  for await (const body of listOwned(twilio, { FriendlyName: name })) if (body.friendly_name === name) found.push(body);
  return found;
}

async function* listOwned(twilio: Twilio, query: Record<string, string>): AsyncGenerator<Body> {
  const path = `${accountPath(twilio)}/IncomingPhoneNumbers.json`;
  const attempt = "Cannot list the account's numbers";
  for await (const body of twilio.list({ attempt, product: "api", path, query }, "incoming_phone_numbers")) {
    verifyNames(body, { account_sid: twilio.accountSid }, attempt);
    yield body;
  }
}

/**
 * The ownership mark: the friendly name under which a number is bought. It consists of project, stack and resource name, shortened with a digest
 * if it exceeds 64 characters or the resource belongs to a component, and of a digest of the stack's organization and backend.
 */
export function ownersMark({ urn = "", place = "" }: Owner): string {
  const [head = "", project = "", type = "", ...name] = urn.split("::");
  const plain = `pulumi ${project}/${head.slice("urn:pulumi:".length)}/${name.join("::")}`;
  const ofPlace = place && ` @${digest(place, 5)}`;
  const room = 64 - ofPlace.length;
  if (plain.length <= room && !type.includes("$")) return plain + ofPlace;
  return `${plain.slice(0, room - 9)}~${digest(urn, 8)}${ofPlace}`;
}

/** Whose mark it is. */
export interface Owner {
  readonly urn?: string | undefined;
  readonly place?: string;
}

const withoutPlace = (mark: string): string => mark.replace(/ @[0-9a-f]{5}$/, "");

/** The marks that a resource's number may have: the present one, and the one of releases that did not know the place. */
export const marksOf = (owner: Owner): string[] => [...new Set([ownersMark(owner), ownersMark({ urn: owner.urn })])];

/** Whether a name is the mark of another resource. The place does not count: a state may have moved to another backend. */
export function isMarkOfAnother(name: unknown, owner: Owner): boolean {
  if (typeof name !== "string" || !/^pulumi [^/]+\/[^/]+\/./.test(name)) return false;
  return !marksOf(owner).map(withoutPlace).includes(withoutPlace(name));
}

/** A candidate as a preview shows it. Without a price, it is still an offer. */
export async function offerOf(twilio: Twilio, news: WantedNumber, candidate: Body): Promise<Offer> {
  const type = news.search?.type ?? "local";
  const price = await monthlyPrice(twilio, String(candidate.iso_country), type).catch(() => undefined);
  const requirement = candidate.address_requirements;
  return {
    number: String(candidate.phone_number),
    place: [candidate.locality, candidate.region, candidate.iso_country].filter(Boolean).map(String),
    capabilities: Object.entries((candidate.capabilities ?? {}) as Record<string, boolean>)
      .filter(([, isAvailable]) => isAvailable)
      .map(([capability]) => capability.toLowerCase()),
    ...(requirement && requirement !== "none" ? { addressRequirement: String(requirement) } : {}),
    ...(price ? { price } : {}),
  };
}

/** The monthly price of a number of this country and type. */
export async function monthlyPrice(twilio: Twilio, country: string, type: string): Promise<MonthlyPrice | undefined> {
  const found = await pricesOf(twilio, country);
  const price = found?.prices.find(({ number_type }) => String(number_type).replace("-", " ") === type.replace("-", " "));
  return found && price && { amount: String(price.current_price), currency: found.currency };
}

/** The monthly prices of a country's numbers, as Twilio writes them; nothing where it sells none. */
export async function pricesOf(twilio: Twilio, country: string): Promise<{ name: string; currency: string; prices: Body[] } | undefined> {
  const attempt = "Cannot read the price";
  const path = `/v1/PhoneNumbers/Countries/${country}`;
  const body = await twilio.send({ attempt, product: "pricing", method: "get", path });
  if (!body) return undefined;
  verifyNames(body, { iso_country: country }, attempt);
  const prices = itemsOf(body, "phone_number_prices", attempt);
  return { name: String(body.country), currency: String(body.price_unit).toUpperCase(), prices };
}
