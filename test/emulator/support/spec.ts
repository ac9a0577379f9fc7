/**
 * Twilio's published OpenAPI as judge: every 2xx answer is held against the schema of its operation. Beyond
 * the schema, every property it names must be there and no other, since clients read absent ones as undefined.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";

type Json = Record<string, unknown>;
interface Operation {
  responses: Record<string, { content?: Record<string, { schema: Json }> }>;
}
interface Spec {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Json> };
}

const FILES: Record<string, string> = {
  api: "twilio_api_v2010.json",
  conversations: "twilio_conversations_v1.json",
  messaging: "twilio_messaging_v1.json",
  pricing: "twilio_pricing_v1.json",
};

/** Where the emulator knowingly differs from the schema: `<schema or operation>.<property>`, with the reason. */
const EXCEPTIONS: Record<string, string> = {
  "available_phone_number.latitude": "the schema says number; Twilio's own examples and answers have a text with six decimals",
  "available_phone_number.longitude": "as latitude",
  "available_phone_numbers.paging": "the search has no further pages: the examples answer available_phone_numbers and uri only",
  "countries.paging": "the list of countries has no further pages either",
  "phone_number_prices.base_price": "the schema says number; the examples have a text",
  "phone_number_prices.current_price": "as base_price",
  "service_webhook_configuration.method": "not nullable in the schema; null in the example of a configuration that nobody has set",
};

const used = new Set<string>();
const directory = join(dirname(createRequire(import.meta.url).resolve("@twilio/cli-core/package.json")), "src/services/twilio-api");
const specs = new Map<string, Spec>();
const validators = new Map<string, ValidateFunction>();
const ajv = new Ajv({ strict: false, allErrors: true });

function specOf(product: string): Spec | undefined {
  const file = FILES[product];
  if (!file) return undefined;
  const known = specs.get(product);
  if (known) return known;
  const spec = JSON.parse(readFileSync(join(directory, file), "utf8")) as Spec;
  specs.set(product, spec);
  return spec;
}

/** The spec's path for a concrete one, literal segments preferred. */
function templateOf(spec: Spec, path: string): string | undefined {
  const fits = (template: string) => new RegExp(`^${template.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+?")}$`).test(path);
  const weight = (template: string) => template.split("{").length;
  return Object.keys(spec.paths)
    .filter(fits)
    .sort((a, b) => weight(a) - weight(b))[0];
}

/** A schema ajv can use: references resolved, nullable spelt out, every property required, none beside them. */
function strict(spec: Spec, schema: Json, name: string): Json {
  if (typeof schema.$ref === "string") {
    const target = schema.$ref.split("/").at(-1) ?? "";
    return strict(spec, spec.components.schemas[target] ?? {}, target.split(".").at(-1) ?? target);
  }
  const {
    type,
    nullable,
    properties,
    items,
    enum: words,
    pattern,
    minLength,
    maxLength,
  } = schema as {
    type?: string;
    nullable?: boolean;
    properties?: Record<string, Json>;
    items?: Json;
    enum?: unknown[];
    pattern?: string;
    minLength?: number;
    maxLength?: number;
  };
  const result: Json = { ...(pattern ? { pattern } : {}), ...(minLength ? { minLength } : {}), ...(maxLength ? { maxLength } : {}) };
  if (type) result.type = nullable ? [type, "null"] : type;
  if (words) result.enum = nullable ? [...words, null] : words;
  if (items) result.items = strict(spec, items, name);
  if (properties) Object.assign(result, strictObject(spec, properties, name));
  return result;
}

function strictObject(spec: Spec, properties: Record<string, Json>, name: string): Json {
  const converted = Object.entries(properties).map(([key, value]) => [key, strict(spec, value, key)] as const);
  // A capability that a kind of number cannot have may be missing.
  const required = name === "capabilities" ? [] : Object.keys(properties);
  return { properties: Object.fromEntries(converted), required, additionalProperties: false };
}

function excuse(name: string): void {
  if (!(name in EXCEPTIONS)) throw new Error(`no exception ${name}`);
  used.add(name);
}

/** Applies the named exceptions to one operation's schema. */
function withExceptions(schema: Json, template: string): Json {
  if (/AvailablePhoneNumbers\/\{CountryCode\}\//.test(template)) {
    const items = (schema.properties as Json).available_phone_numbers as { items: { properties: Record<string, Json> } };
    for (const key of ["latitude", "longitude"]) {
      excuse(`available_phone_number.${key}`);
      items.items.properties[key] = { type: ["string", "null"], pattern: "^-?\\d+\\.\\d{6}$" };
    }
    excuse("available_phone_numbers.paging");
    return { ...schema, required: ["available_phone_numbers", "uri"] };
  }
  if (/AvailablePhoneNumbers\.json$/.test(template)) excuse("countries.paging");
  if (/PhoneNumbers\/Countries\/\{IsoCountry\}$/.test(template)) {
    const prices = (schema.properties as Json).phone_number_prices as { items: { properties: Record<string, Json> } };
    for (const key of ["base_price", "current_price"]) {
      excuse(`phone_number_prices.${key}`);
      prices.items.properties[key] = { type: "string", pattern: "^\\d+\\.\\d{2}$" };
    }
  }
  if (/Services\/\{ChatServiceSid\}\/Configuration\/Webhooks$/.test(template)) {
    excuse("service_webhook_configuration.method");
    (schema.properties as Json).method = { enum: ["GET", "POST", null] };
  }
  return schema;
}

/** What is wrong with a 2xx answer, as one text; undefined when it is as published. */
export function violation(method: string, product: string, path: string, status: number, body: unknown): string | undefined {
  const spec = specOf(product);
  const template = spec && templateOf(spec, path);
  const operation = template === undefined ? undefined : spec?.paths[template]?.[method.toLowerCase()];
  if (!spec || !template || !operation) return `${method} ${product} ${path} is not in the published API`;
  const response = operation.responses[String(status)];
  if (!response) return `${method} ${template} does not answer ${status}`;
  const schema = response.content?.["application/json"]?.schema;
  if (!schema) return body === undefined || body === "" ? undefined : `${method} ${template} answers no body`;
  const key = `${product} ${method} ${template} ${status}`;
  let validate = validators.get(key);
  if (!validate) {
    validate = ajv.compile(withExceptions(strict(spec, schema, ""), template));
    validators.set(key, validate);
  }
  if (validate(body)) return undefined;
  return `${method} ${template} ${status}: ${ajv.errorsText(validate.errors)}`;
}

/** Exceptions that nothing needed. */
export function staleExceptions(): string[] {
  return Object.keys(EXCEPTIONS).filter((name) => !used.has(name));
}

/** Every operation a product publishes. */
export function publishedOperations(product: string): { method: string; path: string }[] {
  const methods = ["get", "post", "delete"];
  return Object.entries(specOf(product)?.paths ?? {}).flatMap(([path, operations]) =>
    methods.filter((method) => method in operations).map((method) => ({ method: method.toUpperCase(), path })),
  );
}
