/**
 * The parameters of a request, from a form body or a query. Getters return undefined for what was not
 * sent: absent means "unchanged", while an empty value is a value.
 */
import { invalid } from "../resources/checks";

export class Params {
  private readonly values = new Map<string, string[]>();

  constructor(encoded: string) {
    for (const [name, value] of new URLSearchParams(encoded)) {
      const values = this.values.get(name);
      if (values) values.push(value);
      else this.values.set(name, [value]);
    }
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** Whether any of these was sent. */
  hasAny(names: readonly string[]): boolean {
    return names.some((name) => this.values.has(name));
  }

  /** These parameters alone, as if nothing else had been sent. */
  only(names: readonly string[]): Params {
    const kept = [...this.values].filter(([name]) => names.includes(name));
    const pairs = kept.flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
    return new Params(new URLSearchParams(pairs).toString());
  }

  /** Every value of a repeated key. */
  all(name: string): string[] | undefined {
    return this.values.get(name);
  }

  text(name: string): string | undefined {
    return this.values.get(name)?.at(-1);
  }

  /** Like text, but an empty value clears the property. */
  nullable(name: string): string | null | undefined {
    const value = this.text(name);
    return value === "" ? null : value;
  }

  boolean(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined || value === "") return undefined;
    if (value !== "true" && value !== "false") throw invalid(name, value);
    return value === "true";
  }

  /** An integer; an empty value is null. */
  integer(name: string): number | null | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value === "" || value === "null") return null;
    if (!/^-?\d{1,15}$/.test(value)) throw invalid(name, value);
    return Number(value);
  }

  /** One of the given words, whatever its case. */
  word<W extends string>(name: string, words: readonly W[]): W | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const word = words.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
    if (word === undefined) throw invalid(name, value);
    return word;
  }

  /** An absolute http(s) URL; an empty value clears it. */
  url(name: string): string | null | undefined {
    const value = this.nullable(name);
    if (!value) return value;
    if (!URL.canParse(value) || !/^https?:/i.test(value)) throw invalid(name, value);
    return value;
  }
}

/** The properties that were given a value, without the undefined ones: what an update changes. */
export function given<T extends object>(values: { [K in keyof T]?: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
