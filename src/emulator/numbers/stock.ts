/** The numbers for sale: the same for the same seed. Who has bought what is in the store, not here. */
import { type AddressRequirement, type Block, COUNTRIES, type Country, type NumberType, type Odds, type Place } from "./plans";

export type { NumberType } from "./plans";

export interface StockNumber extends Place {
  phoneNumber: string;
  friendlyName: string;
  isoCountry: string;
  type: NumberType;
  capabilities: { voice: boolean; sms: boolean; mms: boolean; fax: boolean };
  addressRequirements: AddressRequirement;
  beta: boolean;
}

const BETA_PERCENT = 3;
/** What is decided by chance for each number. */
const DICE = { order: 0, beta: 1, voice: 2, sms: 3, mms: 4, fax: 5 };

export class NumberStock {
  private readonly seed: string;
  private readonly byCountry = new Map<string, Map<string, StockNumber>>();

  constructor(seed: string) {
    this.seed = seed;
  }

  country(code: string): Country | undefined {
    return COUNTRIES.find((country) => country.code === code.toUpperCase());
  }

  /** All numbers of a country in the order in which they are offered. */
  of(country: Country): StockNumber[] {
    return [...this.built(country).values()];
  }

  get(phoneNumber: string): StockNumber | undefined {
    for (const country of COUNTRIES) {
      if (!phoneNumber.startsWith(country.dialCode)) continue;
      const number = this.built(country).get(phoneNumber);
      if (number) return number;
    }
    return undefined;
  }

  /** North American local numbers with that area code. */
  inAreaCode(areaCode: string): StockNumber[] {
    const northAmerican = COUNTRIES.filter((country) => country.dialCode === "+1").flatMap((country) => this.of(country));
    return northAmerican.filter((number) => number.type === "local" && areaCodeOf(number.phoneNumber) === areaCode);
  }

  /** Where a number is, as far as its area tells; also for numbers that are not for sale. */
  placeOf(phoneNumber: string): Place | undefined {
    const exact = this.get(phoneNumber);
    if (exact?.latitude != null || !phoneNumber.startsWith("+1")) return exact;
    return this.inAreaCode(areaCodeOf(phoneNumber))[0];
  }

  private built(country: Country): Map<string, StockNumber> {
    const known = this.byCountry.get(country.code);
    if (known) return known;
    const numbers = country.blocks.flatMap((block) => this.numbersOf(country, block));
    // Offered in an order that looks like none, as numbers for sale do.
    const shuffled = numbers.map((number) => [this.dice(number.phoneNumber, DICE.order), number] as const).sort(([a], [b]) => a - b);
    const built = new Map(shuffled.map(([, number]) => [number.phoneNumber, number]));
    this.byCountry.set(country.code, built);
    return built;
  }

  private numbersOf(country: Country, block: Block): StockNumber[] {
    return this.suffixesOf(block).map((suffix) => {
      const phoneNumber = block.prefix + suffix;
      return {
        ...block.place,
        phoneNumber,
        friendlyName: friendlyName(phoneNumber),
        isoCountry: country.code,
        type: block.type,
        capabilities: this.capabilitiesOf(phoneNumber, block.odds),
        addressRequirements: block.addressRequirements,
        beta: this.dice(phoneNumber, DICE.beta) % 100 < BETA_PERCENT,
      };
    });
  }

  private suffixesOf(block: Block): string[] {
    const { digits, count, spread } = block;
    const pad = (value: number) => String(value).padStart(digits, "0");
    if (!spread) return Array.from({ length: Math.min(count, 10 ** digits) }, (_, value) => pad(value));
    // From 2000 on: what comes before is taken by the fictional hundred and by real services.
    const chosen = new Set<string>();
    for (let turn = 0; chosen.size < count; turn++) chosen.add(pad(2000 + (this.dice(block.prefix, turn) % 8000)));
    return [...chosen];
  }

  private capabilitiesOf(phoneNumber: string, odds: Odds) {
    const has = (capability: keyof Odds) => this.dice(phoneNumber, DICE[capability]) % 100 < odds[capability];
    const sms = has("sms");
    return { voice: has("voice"), sms, mms: sms && has("mms"), fax: has("fax") };
  }

  /** A number that depends on seed and arguments only. */
  private dice(text: string, turn: number): number {
    return mix(hashText(`${this.seed}|${text}`) + Math.imul(turn + 1, 0x9e3779b9));
  }
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** Spreads a hash over all bits (the end of MurmurHash). */
function mix(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

export function areaCodeOf(phoneNumber: string): string {
  return phoneNumber.slice(2, 5);
}

/** `(415) 555-0123` in North America, the plain number elsewhere. */
function friendlyName(phoneNumber: string): string {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phoneNumber);
  return match ? `(${match[1]}) ${match[2]}-${match[3]}` : phoneNumber;
}
