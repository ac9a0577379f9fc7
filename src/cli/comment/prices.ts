import { operation } from "../../core/process/operation";
import { monthlyPrice } from "../../numbers/number-search";
import { openTarget } from "../target";
import { kindsUnpriced, type Price, type Prices } from "./cost";
import type { Plan } from "./plan";

/**
 * Asks Twilio what numbers cost of which the preview tells no price, as those that are there already. Where there are no credentials, or Twilio
 * does not tell, the comment says so: it is worth having without.
 */
export async function lookUpPrices(plan: Plan): Promise<Prices> {
  const kinds = kindsUnpriced(plan);
  if (kinds.length === 0) return new Map();
  try {
    const target = await openTarget({ stack: plan.stack });
    try {
      const found = await Promise.all(kinds.map((kind) => operation(() => priceOf(target, kind))));
      return new Map(found.flat());
    } finally {
      await target.close();
    }
  } catch {
    return new Map();
  }
}

async function priceOf({ twilio }: Awaited<ReturnType<typeof openTarget>>, kind: string): Promise<[string, Price][]> {
  const [country = "", ...type] = kind.split(" ");
  const found = await monthlyPrice(twilio, country, type.join(" "));
  return found ? [[kind, { amount: Number(found.amount), currency: found.currency }]] : [];
}
