import { operation } from "../../../../core/process/operation";
import { monthlyPrice } from "../../../../numbers/number-search";
import { openTarget } from "../../../shared/target";
import { type Price, type Prices, unpricedTypes } from "./cost";
import type { Plan } from "./plan";

/**
 * Reads from Twilio the prices that the preview does not have, such as those of existing numbers. Without credentials or an answer the comment
 * reports unknown prices; it is still useful.
 */
export async function lookUpPrices(plan: Plan): Promise<Prices> {
  const types = unpricedTypes(plan);
  if (types.length === 0) return new Map();
  // `--preview file=name` may give the stack a name for the comment only; its credentials are under the name in the URNs.
  for (const stack of new Set([plan.deployedStack ?? plan.stack, plan.stack])) {
    try {
      return await pricesOf(types, stack);
    } catch {
      // The next name may have credentials.
    }
  }
  return new Map();
}

async function pricesOf(types: readonly string[], stack: string): Promise<Prices> {
  const target = await openTarget({ stack });
  try {
    const found = await Promise.all(types.map((type) => operation(() => priceOf(target, type))));
    return new Map(found.flat());
  } finally {
    await target.close();
  }
}

async function priceOf({ twilio }: Awaited<ReturnType<typeof openTarget>>, numberType: string): Promise<[string, Price][]> {
  const [country = "", ...type] = numberType.split(" ");
  const found = await monthlyPrice(twilio, country, type.join(" "));
  return found ? [[numberType, { amount: Number(found.amount), currency: found.currency }]] : [];
}
