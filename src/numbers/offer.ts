/** What a number costs a month, without taxes. */
export interface MonthlyPrice {
  /** A decimal, as Twilio writes it: `1.15`. */
  readonly amount: string;
  /** `USD`. */
  readonly currency: string;
}

/** A number that the next `pulumi up` will buy. */
export interface Offer {
  /** E.164. */
  readonly number: string;
  /** Where it is, most precise first: `Cheyenne`, `WY`, `US`. */
  readonly place: readonly string[];
  /** What it can do: `voice`, `sms`. */
  readonly capabilities: readonly string[];
  /** The address that Twilio requires: `any`, `local` or `foreign`. Unset where it requires none. */
  readonly addressRequirement?: string;
  /** Unset where Twilio did not report it. */
  readonly price?: MonthlyPrice;
}

const UNPRICED = "at a price that Twilio did not report";

/**
 * The line that a preview shows for an offer. People read it, and `ci comment` gets the price from it with {@link parseOffer}: the engine passes
 * nothing else from a provider's preview on. Change both functions together.
 */
export function formatOffer({ number, place, capabilities, addressRequirement: address, price }: Offer): string {
  const requirement = address === undefined ? "" : `; requires ${address === "any" ? "an" : `a ${address}`} address`;
  const details = `${place.join(", ")}; ${capabilities.join(", ")}${requirement}`.replace(/\s+/g, " ");
  const isReported = price !== undefined && /^\d+(\.\d+)?$/.test(price.amount) && /^[A-Z]{3}$/.test(price.currency);
  return `will buy ${number} (${details}) ${isReported ? `for ${price.amount} ${price.currency} a month` : UNPRICED}`;
}

/** Reads a line of {@link formatOffer}; nothing for any other line. */
export function parseOffer(line: string): Pick<Offer, "number" | "price"> | undefined {
  const [, number, , amount, currency] = offerLine.exec(line) ?? [];
  if (number === undefined) return undefined;
  return amount === undefined || currency === undefined ? { number } : { number, price: { amount, currency } };
}

const offerLine = new RegExp(`^will buy (\\+\\d+) \\((.*)\\) (?:for (\\d+(?:\\.\\d+)?) ([A-Z]{3}) a month|${UNPRICED})$`);
