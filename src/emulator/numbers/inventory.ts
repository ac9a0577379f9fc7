/** The phone numbers that accounts can buy: the same for the same seed. The store knows which ones are sold. */
import { type AddressRequirement, type Block, COUNTRIES, type Country, type Location, type NumberType, type Odds } from "./plans";

export type { NumberType } from "./plans";

export interface AvailableNumber extends Location {
  phoneNumber: string;
  friendlyName: string;
  isoCountry: string;
  type: NumberType;
  capabilities: { voice: boolean; sms: boolean; mms: boolean; fax: boolean };
  addressRequirements: AddressRequirement;
  beta: boolean;
}

const BETA_PERCENT = 3;
/** The random decisions about each number. */
const DECISIONS = { order: 0, beta: 1, voice: 2, sms: 3, mms: 4, fax: 5 };

export class NumberInventory {
  /** How many searches asked for more numbers than a page has. */
  searches = 0;
  private readonly seed: string;
  private readonly byCountry = new Map<string, Map<string, AvailableNumber>>();
  private readonly byKind = new Map<string, readonly AvailableNumber[]>();

  constructor(seed: string) {
    this.seed = seed;
  }

  country(code: string): Country | undefined {
    return COUNTRIES.find((country) => country.code === code.toUpperCase());
  }

  /** The numbers of a type in a country, or in one of its area codes, in the order in which a search returns them. */
  of(country: Country, type: NumberType, areaCode?: string): readonly AvailableNumber[] {
    // A country has thousands of numbers, and a search without this would look at each.
    const key = `${country.code} ${type} ${areaCode ?? "any"}`;
    const known = this.byKind.get(key);
    if (known) return known;
    const all = areaCode === undefined ? [...this.numbersIn(country).values()] : this.of(country, type);
    const numbers = all.filter((number) => number.type === type && (areaCode === undefined || areaCodeOf(number.phoneNumber) === areaCode));
    if (numbers.length > 0) this.byKind.set(key, numbers);
    return numbers;
  }

  get(phoneNumber: string): AvailableNumber | undefined {
    for (const country of COUNTRIES) {
      if (!phoneNumber.startsWith(country.dialCode)) continue;
      const number = this.numbersIn(country).get(phoneNumber);
      if (number) return number;
    }
    return undefined;
  }

  /** North American local numbers with that area code. */
  inAreaCode(areaCode: string): AvailableNumber[] {
    return COUNTRIES.filter((country) => country.dialCode === "+1").flatMap((country) => this.of(country, "local", areaCode));
  }

  /** The location of a number. For a number that is not in the inventory, it is that of the area code. */
  locationOf(phoneNumber: string): Location | undefined {
    const exact = this.get(phoneNumber);
    if (exact?.latitude != null || !phoneNumber.startsWith("+1")) return exact;
    return this.inAreaCode(areaCodeOf(phoneNumber))[0];
  }

  private numbersIn(country: Country): Map<string, AvailableNumber> {
    const known = this.byCountry.get(country.code);
    if (known) return known;
    const numbers = country.blocks.flatMap((block) => this.numbersOf(country, block));
    // In a random order, like the results of a real search.
    const shuffled = numbers.map((number) => [this.random(number.phoneNumber, DECISIONS.order), number] as const).sort(([a], [b]) => a - b);
    const built = new Map(shuffled.map(([, number]) => [number.phoneNumber, number]));
    this.byCountry.set(country.code, built);
    return built;
  }

  private numbersOf(country: Country, block: Block): AvailableNumber[] {
    return this.suffixesOf(block).map((suffix) => {
      const phoneNumber = block.prefix + suffix;
      return {
        ...block.location,
        phoneNumber,
        friendlyName: friendlyName(phoneNumber),
        isoCountry: country.code,
        type: block.type,
        capabilities: this.capabilitiesOf(phoneNumber, block.odds),
        addressRequirements: block.addressRequirements,
        beta: this.random(phoneNumber, DECISIONS.beta) % 100 < BETA_PERCENT,
      };
    });
  }

  private suffixesOf(block: Block): string[] {
    const { digits, count, spread } = block;
    const pad = (value: number) => String(value).padStart(digits, "0");
    if (!spread) return Array.from({ length: Math.min(count, 10 ** digits) }, (_, value) => pad(value));
    // From 2000 on: lower numbers are the hundred fictional ones, and those of real services.
    const chosen = new Set<string>();
    for (let turn = 0; chosen.size < count; turn++) chosen.add(pad(2000 + (this.random(block.prefix, turn) % 8000)));
    return [...chosen];
  }

  private capabilitiesOf(phoneNumber: string, odds: Odds) {
    const has = (capability: keyof Odds) => this.random(phoneNumber, DECISIONS[capability]) % 100 < odds[capability];
    const sms = has("sms");
    return { voice: has("voice"), sms, mms: sms && has("mms"), fax: has("fax") };
  }

  /** A pseudorandom number that depends only on the seed and the arguments. */
  private random(text: string, turn: number): number {
    return mix(hashText(`${this.seed}|${text}`) + Math.imul(turn + 1, 0x9e3779b9));
  }
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash;
}

/** Spreads a hash over all bits (the finalizer of MurmurHash). */
function mix(hash: number): number {
  let bits = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

function areaCodeOf(phoneNumber: string): string {
  return phoneNumber.slice(2, 5);
}

/** `(415) 555-0123` in North America, the plain number elsewhere. */
function friendlyName(phoneNumber: string): string {
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(phoneNumber);
  return match ? `(${match[1]}) ${match[2]}-${match[3]}` : phoneNumber;
}
