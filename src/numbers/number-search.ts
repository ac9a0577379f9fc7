import { createHash } from "node:crypto";
import type { Props } from "../core/lifecycle/props";
import type { Body, Twilio } from "../core/twilio/twilio";

const account = ({ accountSid }: Twilio) => `/2010-04-01/Accounts/${accountSid}`;
const resourceOf = { local: "Local", mobile: "Mobile", "toll-free": "TollFree" } as const;
type NumberType = keyof typeof resourceOf;

/** Where to look, and for what, from the conditions that a program gives. */
function searches(news: Props): { country: string; type: NumberType; query: Record<string, string> }[] {
  if (news.areaCode !== undefined) {
    // An area code alone does not tell which of the two countries that share them is meant.
    return ["US", "CA"].map((country) => ({ country, type: "local", query: { AreaCode: String(news.areaCode) } }));
  }
  const { country, type = "local", ...conditions } = news.search as Props;
  const query = Object.fromEntries(
    Object.entries(conditions).map(([key, value]) => [key.charAt(0).toUpperCase() + key.slice(1), String(value)]),
  );
  return [{ country: country as string, type: type as NumberType, query }];
}

/** Numbers for sale that fulfil the conditions, Twilio's first choice first. Its order differs from call to call. */
export async function candidates(twilio: Twilio, news: Props, more: Record<string, string> = {}): Promise<Body[]> {
  for (const { country, type, query } of searches(news)) {
    const found = await twilio.send({
      attempt: "Cannot search for a number",
      product: "api",
      method: "get",
      path: `${account(twilio)}/AvailablePhoneNumbers/${country}/${resourceOf[type]}.json`,
      query: { ...query, ...more },
    });
    const numbers = (found?.available_phone_numbers ?? []) as Body[];
    if (numbers.length > 0) return numbers.map((number) => ({ ...number, iso_country: number.iso_country ?? country }));
  }
  return [];
}

/** A number seen before, if it can still be bought. */
export async function stillForSale(twilio: Twilio, news: Props, number: string): Promise<Body | undefined> {
  const found = await candidates(twilio, news, { Contains: number.slice(1) });
  return found.find((candidate) => candidate.phone_number === number);
}

/** The number as the account owns it. Twilio matches patterns, so the answer is compared. */
export async function owned(twilio: Twilio, number: string): Promise<Body | undefined> {
  for await (const body of listOwned(twilio, { PhoneNumber: number })) if (body.phone_number === number) return body;
  return undefined;
}

/** The numbers of this exact name: by its mark, the one that was bought for a resource, whatever became of the state. */
export async function ownedByName(twilio: Twilio, name: string): Promise<Body[]> {
  const found: Body[] = [];
  for await (const body of listOwned(twilio, { FriendlyName: name })) if (body.friendly_name === name) found.push(body);
  return found;
}

function listOwned(twilio: Twilio, query: Record<string, string>): AsyncGenerator<Body> {
  const path = `${account(twilio)}/IncomingPhoneNumbers.json`;
  return twilio.list({ attempt: "Cannot look up the account's numbers", product: "api", path, query }, "incoming_phone_numbers");
}

/**
 * The friendly name that a number is bought under: project, stack and resource, and a digest where 64 characters are too few or the resource
 * lies within a component.
 */
export function ownersMark(urn: string): string {
  const [head = "", project = "", type = "", ...name] = urn.split("::");
  const plain = `pulumi ${project}/${head.slice("urn:pulumi:".length)}/${name.join("::")}`;
  if (plain.length <= 64 && !type.includes("$")) return plain;
  return `${plain.slice(0, 55)}~${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}

/** A candidate in words: number, place, what it can do, what it costs. */
export async function describe(twilio: Twilio, news: Props, candidate: Body): Promise<string> {
  const place = [candidate.locality, candidate.region, candidate.iso_country].filter(Boolean).join(", ");
  const can = Object.entries((candidate.capabilities ?? {}) as Record<string, boolean>)
    .filter(([, able]) => able)
    .map(([capability]) => capability.toLowerCase());
  const needs = candidate.address_requirements;
  const wants = needs && needs !== "none" ? `; wants ${needs === "any" ? "an" : `a ${needs}`} address` : "";
  return `${candidate.phone_number} (${place}; ${can.join(", ")}${wants}) for ${await price(twilio, news, candidate)}`;
}

/** The monthly price in words. A preview does not fail for want of it. */
async function price(twilio: Twilio, news: Props, candidate: Body): Promise<string> {
  try {
    const type = String((news.search as Props | undefined)?.type ?? "local");
    const found = await monthlyPrice(twilio, String(candidate.iso_country), type);
    return found ? `${found.amount} ${found.currency} a month` : "a price that Twilio does not tell";
  } catch {
    return "a price that Twilio does not tell now";
  }
}

/** What a number of a country and kind costs a month, without taxes. The amount is a decimal as Twilio writes it, the currency like `USD`. */
export async function monthlyPrice(
  twilio: Twilio,
  country: string,
  type: string,
): Promise<{ amount: string; currency: string } | undefined> {
  const body = await twilio.send({
    attempt: "Cannot read the price",
    product: "pricing",
    method: "get",
    path: `/v1/PhoneNumbers/Countries/${country}`,
  });
  const prices = (body?.phone_number_prices ?? []) as Body[];
  const found = prices.find(({ number_type }) => String(number_type).replace("-", " ") === type.replace("-", " "));
  return found && { amount: String(found.current_price), currency: String(body?.price_unit).toUpperCase() };
}
