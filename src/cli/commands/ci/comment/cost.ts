import { typeOfNumber } from "../../../../numbers/number-type";
import { parseOffer } from "../../../../numbers/offer";
import { counted } from "../../../shared/words";
import { type Change, isLost, isNumber, numberOf, type Plan } from "./plan";

/** What the stack's numbers cost a month, before and after. Excludes messages, calls and taxes, which depend on use. */
export interface Cost {
  readonly before: Sum;
  readonly after: Sum;
  /** Numbers that leave the stack and stay in the account. They still cost, so they count after as well as before. */
  readonly kept: number;
}

/** A sum of prices, as far as they are known. */
export interface Sum {
  readonly numbers: number;
  /** By currency, `USD`. */
  readonly amounts: Readonly<Record<string, number>>;
  /** Numbers whose price is not known. */
  readonly unpriced: number;
}

/** A number's price a month. */
export interface Price {
  readonly amount: number;
  /** `USD`. */
  readonly currency: string;
}

/** Prices by country and type of number, `US local`. */
export type Prices = ReadonlyMap<string, Price>;

/**
 * Adds up what the numbers cost: the preview has the prices of the numbers to buy, and `prices` those of existing numbers. An existing number
 * costs as much as a new one of its country and type.
 */
export function costOf({ changes, messages }: Pick<Plan, "changes" | "messages">, prices: Prices = new Map()): Cost {
  const numbers = changes.filter(isNumber);
  const byType = new Map(prices);
  for (const { urn, after } of numbers) {
    const [price, type] = [offeredPrice(urn, messages), typeOf(after)];
    if (price && type) byType.set(type, price);
  }
  const old = numbers.filter(({ before, action }) => before !== undefined && action !== "create");
  const kept = old.filter((change) => (change.action === "delete" || change.action === "replace") && !isLost(change));
  const next = numbers.filter(({ action }) => action !== "delete");
  const priceBefore = ({ before }: Change) => byType.get(typeOf(before) ?? "");
  const priceAfter = ({ urn, after }: Change) => offeredPrice(urn, messages) ?? byType.get(typeOf(after) ?? "");
  return {
    before: sum(old.map(priceBefore)),
    after: sum([...next.map(priceAfter), ...kept.map(priceBefore)]),
    kept: kept.length,
  };
}

/** Countries and types of the numbers whose price the preview does not have, `US local`. */
export function unpricedTypes({ changes, messages }: Pick<Plan, "changes" | "messages">): string[] {
  const numbers = changes.filter(isNumber);
  const priced = new Set(numbers.flatMap(({ urn, after }) => (offeredPrice(urn, messages) ? [typeOf(after)] : [])));
  const types = numbers.flatMap(({ before, after }) => [typeOf(before), typeOf(after)]);
  return [...new Set(types.filter((type) => type !== undefined && !priced.has(type)))] as string[];
}

/** The price that the provider reports for a number to buy. */
function offeredPrice(urn: string, messages: Plan["messages"]): Price | undefined {
  const price = (messages.get(urn) ?? []).map(parseOffer).find((offer) => offer?.price !== undefined)?.price;
  return price && { amount: Number(price.amount), currency: price.currency };
}

/** Country and type, which determine the price: those of the search, or else those of the number. */
function typeOf(state: Change["before"]): string | undefined {
  const search = state?.inputs?.search as { country?: unknown; type?: unknown } | undefined;
  if (typeof search?.country === "string") return `${search.country} ${search.type ?? "local"}`;
  const found = typeOfNumber(state?.outputs?.phoneNumber ?? state?.inputs?.phoneNumber ?? state?.inputs?.adopt);
  return found && `${found.country} ${found.type}`;
}

function sum(prices: readonly (Price | undefined)[]): Sum {
  const amounts: Record<string, number> = {};
  for (const price of prices) if (price) amounts[price.currency] = (amounts[price.currency] ?? 0) + price.amount;
  return { numbers: prices.length, amounts, unpriced: prices.filter((price) => price === undefined).length };
}

/** A sum in words: `2.30 USD (2 numbers)`. */
export function sumInWords({ numbers, amounts, unpriced }: Sum): string {
  if (numbers === 0) return "nothing, no number";
  const known = Object.entries(amounts).map(([currency, amount]) => `${amount.toFixed(2)} ${currency}`);
  const missing = unpriced === 0 ? "" : `${known.length > 0 ? " and " : ""}${unpriced === 1 ? "one" : unpriced} without a known price`;
  return `${known.join(" + ")}${missing} (${counted(numbers, "number")})`;
}

/** The numbers that are released, with the resources that had them. */
export function releasesIn(changes: readonly Change[]): { readonly change: Change; readonly number: string }[] {
  return changes.filter((change) => isNumber(change) && isLost(change)).map((change) => ({ change, number: numberOf(change, "before") }));
}
