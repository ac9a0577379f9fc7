import { NotRun } from "./terms";

/** The costs of a run. Nothing is bought before its price is reserved here. */
export class Budget {
  private reserved = 0;
  private unit: string | undefined;

  constructor(private readonly limit: number) {}

  /** Reserves a price in the account's currency. Throws if the total would exceed the limit. Returns what cancels it. */
  reserve(
    what: string,
    price: { readonly amount: string; readonly currency: string } | undefined,
    currency: string | undefined,
  ): () => void {
    const amount = Number(price?.amount);
    if (price === undefined || !Number.isFinite(amount)) throw new NotRun(`Twilio has no price for ${what}`);
    if (currency !== undefined && currency !== price.currency) {
      throw new NotRun(`the price of ${what} is in ${price.currency}, and the account's currency is ${currency}`);
    }
    if (this.reserved + amount > this.limit) {
      const total = (this.reserved + amount).toFixed(2);
      throw new NotRun(`with ${what}, the run would cost ${total} ${price.currency}; the limit is ${this.limit}`);
    }
    this.reserved += amount;
    this.unit = price.currency;
    return () => {
      this.reserved -= amount;
    };
  }

  /** What the run has cost at most. */
  get cost(): { limit: number; spent: number; currency: string | undefined } {
    return { limit: this.limit, spent: this.reserved, currency: this.unit };
  }
}
