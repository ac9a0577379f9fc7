import { type Change, isLost, isNumber, numberOf, type Plan } from "./plan";

/** What the stack's numbers cost a month, before and after. Messages, calls and taxes are not in it: those depend on use. */
export interface Cost {
  readonly before: Sum;
  readonly after: Sum;
  /** Numbers that leave the stack and stay in the account, where they go on costing; they count after as before. */
  readonly kept: number;
}

/** A sum of prices, as far as they are known. */
export interface Sum {
  readonly numbers: number;
  /** By currency, `USD`. */
  readonly amounts: Readonly<Record<string, number>>;
  /** Numbers whose price the preview does not tell. */
  readonly unpriced: number;
}

/** A number's price a month. */
export interface Price {
  readonly amount: number;
  /** `USD`. */
  readonly currency: string;
}

/** Prices by country and kind of number, `US local`. */
export type Prices = ReadonlyMap<string, Price>;

/** What the provider says of a number it will buy: `will buy +1… (Cheyenne, WY, US; voice, sms) for 1.15 USD a month`. */
const offer = /^will buy (\+\d+) .* for (\d+(?:\.\d+)?) ([A-Z]{3}) a month$/m;

/**
 * Adds up what the numbers cost: what the preview says of those that are bought, and `prices` for those that are there. A number that is there
 * costs what a new one of its country and kind does.
 */
export function costOf({ changes, said }: Pick<Plan, "changes" | "said">, prices: Prices = new Map()): Cost {
  const numbers = changes.filter(isNumber);
  const byKind = new Map(prices);
  for (const { urn, after } of numbers) {
    const [price, kind] = [offerFor(urn, said), kindOf(after)];
    if (price && kind) byKind.set(kind, price);
  }
  const old = numbers.filter(({ before, action }) => before !== undefined && action !== "create");
  const kept = old.filter((change) => (change.action === "delete" || change.action === "replace") && !isLost(change));
  const next = numbers.filter(({ action }) => action !== "delete");
  const priceBefore = ({ before }: Change) => byKind.get(kindOf(before) ?? "");
  const priceAfter = ({ urn, after }: Change) => offerFor(urn, said) ?? byKind.get(kindOf(after) ?? "");
  return {
    before: sum(old.map(priceBefore)),
    after: sum([...next.map(priceAfter), ...kept.map(priceBefore)]),
    kept: kept.length,
  };
}

/** Countries and kinds of the numbers whose price the preview does not tell, `US local`. */
export function kindsUnpriced({ changes, said }: Pick<Plan, "changes" | "said">): string[] {
  const numbers = changes.filter(isNumber);
  const told = new Set(numbers.flatMap(({ urn, after }) => (offerFor(urn, said) ? [kindOf(after)] : [])));
  const kinds = numbers.flatMap(({ before, after }) => [kindOf(before), kindOf(after)]);
  return [...new Set(kinds.filter((kind) => kind !== undefined && !told.has(kind)))] as string[];
}

function offerFor(urn: string, said: Plan["said"]): Price | undefined {
  const [, , amount, currency] = offer.exec((said.get(urn) ?? []).join("\n")) ?? [];
  return amount !== undefined && currency !== undefined ? { amount: Number(amount), currency } : undefined;
}

/** Country and kind, of which the price is one: known where the number was searched for. */
function kindOf(state: Change["before"]): string | undefined {
  const search = state?.inputs?.search as { country?: unknown; type?: unknown } | undefined;
  return typeof search?.country === "string" ? `${search.country} ${search.type ?? "local"}` : undefined;
}

function sum(prices: readonly (Price | undefined)[]): Sum {
  const amounts: Record<string, number> = {};
  for (const price of prices) if (price) amounts[price.currency] = (amounts[price.currency] ?? 0) + price.amount;
  return { numbers: prices.length, amounts, unpriced: prices.filter((price) => price === undefined).length };
}

/** A sum in words: `2.30 USD for 2 numbers`. */
export function sumInWords({ numbers, amounts, unpriced }: Sum): string {
  if (numbers === 0) return "nothing, no number";
  const known = Object.entries(amounts).map(([currency, amount]) => `${amount.toFixed(2)} ${currency}`);
  const missing = unpriced === 0 ? "" : `${known.length > 0 ? " and " : ""}${unpriced === 1 ? "one" : unpriced} without a known price`;
  return `${known.join(" + ")}${missing} (${count(numbers)})`;
}

const count = (numbers: number): string => (numbers === 1 ? "1 number" : `${numbers} numbers`);

/** Numbers that are given back, with the resource that had them. */
export function releasesIn(changes: readonly Change[]): { readonly change: Change; readonly number: string }[] {
  return changes.filter((change) => isNumber(change) && isLost(change)).map((change) => ({ change, number: numberOf(change, "before") }));
}
