/**
 * The parameters of a request, from a form body or a query. Getters return undefined for a parameter that was not
 * sent: an absent parameter leaves the property unchanged, while an empty value changes it.
 */
import { invalidParameter } from "../errors";

/** Parses and validates the parameters of a request. */
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

  /** Whether at least one of these parameters was sent. */
  hasAny(names: readonly string[]): boolean {
    return names.some((name) => this.values.has(name));
  }

  /** Returns a copy with only the named parameters. */
  only(names: readonly string[]): Params {
    const kept = [...this.values].filter(([name]) => names.includes(name));
    const pairs = kept.flatMap(([name, values]) => values.map((value): [string, string] => [name, value]));
    return new Params(new URLSearchParams(pairs).toString());
  }

  /** All values of a repeated parameter. */
  all(name: string): string[] | undefined {
    return this.values.get(name);
  }

  text(name: string): string | undefined {
    return this.values.get(name)?.at(-1);
  }

  /** Like `text`, but returns null for an empty value, which clears the property. */
  nullable(name: string): string | null | undefined {
    const value = this.text(name);
    return value === "" ? null : value;
  }

  boolean(name: string): boolean | undefined {
    const value = this.text(name)?.toLowerCase();
    if (value === undefined || value === "") return undefined;
    if (value !== "true" && value !== "false") throw invalidParameter(name, value);
    return value === "true";
  }

  /** An integer, or null for an empty value. */
  integer(name: string): number | null | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value === "" || value === "null") return null;
    if (!/^-?\d{1,15}$/.test(value)) throw invalidParameter(name, value);
    return Number(value);
  }

  /** A decimal number, or null for an empty value. */
  decimal(name: string): number | null | undefined {
    const value = this.nullable(name);
    if (!value) return value === undefined ? undefined : null;
    if (!/^-?\d{1,15}(\.\d{1,15})?$/.test(value)) throw invalidParameter(name, value);
    return Number(value);
  }

  /** One of the given values, compared without regard to case. */
  word<W extends string>(name: string, words: readonly W[]): W | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const word = words.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
    if (word === undefined) throw invalidParameter(name, value);
    return word;
  }

  /** An absolute http(s) URL, or null for an empty value, which clears the property. */
  url(name: string): string | null | undefined {
    const value = this.nullable(name);
    if (!value) return value;
    if (!URL.canParse(value) || !/^https?:/i.test(value)) throw invalidParameter(name, value);
    return value;
  }
}

/** Removes the undefined properties and so leaves only those that an update changes. */
export function given<T extends object>(values: { [K in keyof T]?: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
