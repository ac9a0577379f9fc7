/** Twilio's published OpenAPI specification, as far as the tests of the resources need it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Body, Product } from "../../src/core/twilio/twilio";

export interface Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

interface Content {
  readonly schema: Schema;
  readonly examples?: Readonly<Record<string, { value: Body }>>;
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, Content>> }>>;
}

interface Spec {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const files: Record<Product | "messaging v2", string> = {
  api: "twilio_api_v2010.json",
  conversations: "twilio_conversations_v1.json",
  iam: "twilio_iam_v1.json",
  messaging: "twilio_messaging_v1.json",
  "messaging v2": "twilio_messaging_v2.json",
  numbers: "twilio_numbers_v2.json",
  pricing: "twilio_pricing_v1.json",
};
const folder = join(dirname(createRequire(import.meta.url).resolve("@twilio/cli-core/package.json")), "src/services/twilio-api");
const specs = new Map<keyof typeof files, Spec>();

function specOf(product: keyof typeof files): Spec {
  const spec = specs.get(product) ?? (JSON.parse(readFileSync(join(folder, files[product]), "utf8")) as Spec);
  specs.set(product, spec);
  return spec;
}

/** Finds an operation by its method and a path. Any path segment matches a template parameter. */
export function operation(product: Product, method: "get" | "post" | "delete", path: string) {
  const spec = specOf(product === "messaging" && path.startsWith("/v2/") ? "messaging v2" : product);
  const matches = (template: string) => new RegExp(`^${template.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`).test(path);
  // `/IncomingPhoneNumbers/Local.json` also matches `/IncomingPhoneNumbers/{Sid}.json`; the template with the fewest parameters wins.
  const [template] = Object.keys(spec.paths)
    .filter(matches)
    .sort((a, b) => a.split("{").length - b.split("{").length);
  const found = template === undefined ? undefined : spec.paths[template]?.[method];
  if (!found) return undefined;
  const resolve = (schema: Schema): Schema =>
    schema.$ref === undefined ? schema : (spec.components.schemas[schema.$ref.slice("#/components/schemas/".length)] as Schema);
  const form = Object.values(found.requestBody?.content ?? {}).map(({ schema }) => resolve(schema))[0];
  const answers = Object.entries(found.responses).flatMap(([status, { content }]) =>
    status.startsWith("2") ? Object.values(content ?? {}) : [],
  );
  return {
    query: (found.parameters ?? []).filter((parameter) => parameter.in === "query").map(({ name }) => name),
    form: Object.fromEntries(Object.entries(form?.properties ?? {}).map(([name, schema]) => [name, resolve(schema)])),
    required: form?.required ?? [],
    answer: answers.map(({ schema }) => resolve(schema))[0]?.properties ?? {},
    examples: answers.flatMap(({ examples }) => Object.values(examples ?? {}).map(({ value }) => value)),
  };
}
