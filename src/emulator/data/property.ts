/** The properties that the objects of a data file have: what each value must be, and which parameter of Twilio's API receives it. */

/** What a value must be. */
type PropertyType = "text" | "url" | "boolean" | "integer" | "date" | "attributes" | "texts" | "reference" | "address";

/** One property. */
export interface Property {
  readonly type: PropertyType;
  /** The parameter of Twilio's API. Null for the parent, whose SID is in the path. */
  readonly parameter: string | null;
  /** What it means, for the JSON schema. */
  readonly about: string;
  readonly required?: true;
  /** The only values that it can have. */
  readonly values?: readonly string[];
  /** The section whose objects a reference names. */
  readonly to?: string;
  /** Twilio cannot change it: a change replaces the object. */
  readonly isFixed?: true;
  /** What removes the value at Twilio. Without it, to remove the property replaces the object. */
  readonly cleared?: string;
  /** Sent when all objects exist: a closed conversation takes no participants. */
  readonly isLast?: true;
}

type More = Partial<Omit<Property, "type" | "about" | "parameter">>;
type Declare = (parameter: string, about: string, more?: More) => Property;

const declare =
  (type: PropertyType, usual: More = {}): Declare =>
  (parameter, about, more = {}) => ({ type, parameter, about, ...usual, ...more });

export const text = declare("text", { cleared: "" });
export const url = declare("url", { cleared: "" });
export const texts = declare("texts", { cleared: "" });
export const attributes = declare("attributes", { cleared: "{}" });
export const boolean = declare("boolean");
export const integer = declare("integer");
export const date = declare("date");
export const address = declare("address", { isFixed: true });

/** One of some words. `usual` is what Twilio chooses. */
export const word = (parameter: string, about: string, values: readonly string[], usual?: string): Property => ({
  type: "text",
  parameter,
  about,
  values,
  ...(usual === undefined ? {} : { cleared: usual }),
});

/** A property that can only be set when the object is created. */
export const fixed = ({ cleared: _, ...property }: Property): Property => ({ ...property, isFixed: true });

export const required = (property: Property): Property => ({ ...property, required: true });

/** The name of an object in another section, whose SID is sent. */
export const reference = (parameter: string, to: string, about: string): Property => ({ type: "reference", parameter, to, about });

/** The name of the object that this one is part of. */
export const parent = (to: string, about: string): Property => ({ type: "reference", parameter: null, to, about, isFixed: true });

/** What a value of the type must be, as an error says it. */
export const TYPES: Readonly<Record<PropertyType, { must: string; schema: object; accepts(value: unknown): boolean }>> = {
  text: { must: "a string", schema: { type: "string" }, accepts: isText },
  url: {
    must: "an absolute URL with http or https",
    schema: { type: "string", pattern: "^https?://" },
    accepts: (value) => isText(value) && /^https?:/i.test(value) && URL.canParse(value),
  },
  boolean: { must: "true or false", schema: { type: "boolean" }, accepts: (value) => typeof value === "boolean" },
  integer: { must: "a whole number", schema: { type: "integer" }, accepts: Number.isSafeInteger },
  date: {
    must: "a date as in 2026-01-31T12:00:00Z",
    schema: { type: "string" },
    accepts: (value) => isText(value) && !Number.isNaN(Date.parse(value)),
  },
  attributes: {
    must: "an object, or a string of JSON",
    schema: { type: ["object", "string"] },
    accepts: (value) => isObject(value) || (isText(value) && isJson(value)),
  },
  texts: {
    must: "a list of strings",
    schema: { type: "array", items: { type: "string" } },
    accepts: (value) => Array.isArray(value) && value.every(isText),
  },
  reference: { must: "the name of an object", schema: { type: "string" }, accepts: isText },
  address: { must: "an address, or the name of a number", schema: { type: "string" }, accepts: isText },
};

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** An object that is no list and no date. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
