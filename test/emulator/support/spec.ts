/**
 * Validates every 2xx response against Twilio's published OpenAPI spec. Stricter than the spec: a response must have all
 * properties of the schema and no others, because clients read absent properties as undefined.
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
  iam: "twilio_iam_v1.json",
  messaging: "twilio_messaging_v1.json",
  "messaging v2": "twilio_messaging_v2.json",
  numbers: "twilio_numbers_v2.json",
  pricing: "twilio_pricing_v1.json",
  "pricing v2": "twilio_pricing_v2.json",
};

/** Intended deviations from the schema: `<schema or operation>.<property>`, with the reason. */
const EXCEPTIONS: Record<string, string> = {
  "available_phone_number.latitude": "the schema says number; Twilio's examples and responses have a string with six decimals",
  "available_phone_number.longitude": "as latitude",
  "available_phone_numbers.paging": "the search has no further pages: the examples contain only available_phone_numbers and uri",
  "countries.paging": "the list of countries has no further pages either",
  "usage_record.price": "the schema says number; the examples have a string",
  "ice_servers.required": "a STUN server has no credential, in the examples too",
  "prices.base_price": "the schema says number; the examples have a string, or null",
  "prices.current_price": "as base_price",
  "inbound_call_price.number_type": "not nullable in the schema; null in the examples",
  "service_webhook_configuration.method": "not nullable in the schema; null in the example of a configuration that was never set",
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

/** Finds the spec's path template for a concrete path. Prefers literal segments. */
function templateOf(spec: Spec, path: string): string | undefined {
  const matches = (template: string) => new RegExp(`^${template.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+?")}$`).test(path);
  const weight = (template: string) => template.split("{").length;
  return Object.keys(spec.paths)
    .filter(matches)
    .sort((a, b) => weight(a) - weight(b))[0];
}

/** Converts a schema for Ajv: resolves references, expands `nullable`, requires all properties, and allows no others. */
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
    enum: values,
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
  if (values) result.enum = nullable ? [...values, null] : values;
  if (items) result.items = strict(spec, items, name);
  if (properties) Object.assign(result, strictObject(spec, properties, name));
  return result;
}

function strictObject(spec: Spec, properties: Record<string, Json>, name: string): Json {
  const converted = Object.entries(properties).map(([key, value]) => [key, strict(spec, value, key)] as const);
  // Capabilities that a type of number does not support may be missing.
  const required = name === "capabilities" ? [] : Object.keys(properties);
  return { properties: Object.fromEntries(converted), required, additionalProperties: false };
}

function useException(name: string): void {
  if (!(name in EXCEPTIONS)) throw new Error(`no exception ${name}`);
  used.add(name);
}

/** Prices are strings, and null where nothing is known. */
function allowPrices(schema: Json): void {
  for (const [key, value] of Object.entries(schema)) {
    if (typeof value !== "object" || value === null) continue;
    const isPrice = key === "base_price" || key === "current_price";
    if (isPrice) {
      useException(`prices.${key}`);
      schema[key] = { type: ["string", "null"], pattern: "^\\d+\\.\\d{2,4}$" };
    } else if (key === "number_type") {
      useException("inbound_call_price.number_type");
      schema[key] = { type: ["string", "null"] };
    } else allowPrices(value as Json);
  }
}

/** Applies the named exceptions to one operation's schema. */
function withExceptions(schema: Json, template: string): Json {
  if (/AvailablePhoneNumbers\/\{CountryCode\}\//.test(template)) {
    const items = (schema.properties as Json).available_phone_numbers as { items: { properties: Record<string, Json> } };
    for (const key of ["latitude", "longitude"]) {
      useException(`available_phone_number.${key}`);
      items.items.properties[key] = { type: ["string", "null"], pattern: "^-?\\d+\\.\\d{6}$" };
    }
    useException("available_phone_numbers.paging");
    return { ...schema, required: ["available_phone_numbers", "uri"] };
  }
  if (/AvailablePhoneNumbers\.json$/.test(template)) useException("countries.paging");
  const { usage_records: records, ice_servers: servers } = schema.properties as Record<string, { items: Json } | undefined>;
  if (records) {
    useException("usage_record.price");
    (records.items.properties as Json).price = { type: "string" };
  }
  if (servers) {
    useException("ice_servers.required");
    servers.items.required = ["url", "urls"];
  }
  if (/\/(Countries|Numbers)\/\{\w+\}$/.test(template)) allowPrices(schema);
  if (/Services\/\{ChatServiceSid\}\/Configuration\/Webhooks$/.test(template)) {
    useException("service_webhook_configuration.method");
    (schema.properties as Json).method = { enum: ["GET", "POST", null] };
  }
  return schema;
}

/** Describes how a 2xx response violates the spec. Undefined if it conforms. */
export function violation(method: string, product: string, path: string, status: number, body: unknown): string | undefined {
  const spec = specOf(/^(messaging|pricing)$/.test(product) && path.startsWith("/v2/") ? `${product} v2` : product);
  const template = spec && templateOf(spec, path);
  const operation = template === undefined ? undefined : spec?.paths[template]?.[method.toLowerCase()];
  if (!spec || !template || !operation) return `${method} ${product} ${path} is not in the published API`;
  const response = operation.responses[String(status)];
  if (!response) return `${method} ${template} must not return ${status}`;
  const schema = response.content?.["application/json"]?.schema;
  if (!schema) return body === undefined || body === "" ? undefined : `${method} ${template} must not return a body`;
  const key = `${product} ${method} ${template} ${status}`;
  let validate = validators.get(key);
  if (!validate) {
    validate = ajv.compile(withExceptions(strict(spec, schema, ""), template));
    validators.set(key, validate);
  }
  if (validate(body)) return undefined;
  return `${method} ${template} ${status}: ${ajv.errorsText(validate.errors)}`;
}

/** Exceptions that no response used. */
export function staleExceptions(): string[] {
  return Object.keys(EXCEPTIONS).filter((name) => !used.has(name));
}

/** All operations of a product. */
export function publishedOperations(product: string): { method: string; path: string }[] {
  const methods = ["get", "post", "delete"];
  return Object.entries(specOf(product)?.paths ?? {}).flatMap(([path, operations]) =>
    methods.filter((method) => method in operations).map((method) => ({ method: method.toUpperCase(), path })),
  );
}

/** The published operation that a request to a product addresses: `GET /v1/Roles/{Sid}`. */
export function publishedOperation(product: string, method: string, path: string): string | undefined {
  const spec = specOf(product);
  const template = spec && templateOf(spec, path);
  return template === undefined ? undefined : `${method} ${template}`;
}

/** A published parameter and how its value is limited. */
export interface PublishedParameter {
  name: string;
  in: "form" | "query" | "header";
  /** The type or format: `integer`, `uri`, `enum`, `sid` and so on; undefined for any text. */
  type: string | undefined;
  values: readonly string[];
}

interface Parameters {
  parameters?: { name: string; in: string; schema?: Json }[];
  requestBody?: { content: Record<string, { schema: Json }> };
}

/** The parameters of an operation, except those in the path. */
export function publishedParameters(product: string, method: string, path: string): PublishedParameter[] {
  const spec = specOf(product);
  const operation = spec?.paths[path]?.[method.toLowerCase()] as Parameters | undefined;
  if (!spec || !operation) throw new Error(`${method} ${product} ${path} is not in the published API`);
  const resolve = (schema: Json = {}): Json =>
    typeof schema.$ref === "string" ? (spec.components.schemas[schema.$ref.split("/").at(-1) ?? ""] ?? {}) : schema;
  const described = (name: string, where: PublishedParameter["in"], schema: Json | undefined): PublishedParameter => {
    const whole = resolve(schema);
    const one = whole.type === "array" ? resolve(whole.items as Json) : whole;
    const text = (one.format as string | undefined) ?? (one.pattern ? "sid" : undefined);
    const type = one.enum ? "enum" : one.type === "string" ? text : (one.type as string | undefined);
    return { name, in: where, type, values: (one.enum as string[] | undefined) ?? [] };
  };
  const form = Object.values(operation.requestBody?.content ?? {}).map(
    ({ schema }) => resolve(schema).properties as Record<string, Json>,
  )[0];
  return [
    ...Object.entries(form ?? {}).map(([name, schema]) => described(name, "form", schema)),
    ...(operation.parameters ?? []).flatMap(({ name, schema, in: where }) =>
      where === "query" || where === "header" ? [described(name, where, schema)] : [],
    ),
  ];
}
