// The part of Twilio's OpenAPI specification that this package is about.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const folder = join(dirname(createRequire(import.meta.url).resolve("@twilio/cli-core/package.json")), "src/services/twilio-api");

/** A part of a product's API, of which this package has each path or says why not. */
export interface Part {
  readonly title: string;
  readonly product: string;
  /** Twilio's file. */
  readonly file: string;
  readonly scope: RegExp;
}

/** The parts, in the order of the page. */
export const parts: readonly Part[] = [
  { title: "Conversations v1", product: "conversations", file: "twilio_conversations_v1.json", scope: /^/ },
  { title: "Messaging v1: services", product: "messaging", file: "twilio_messaging_v1.json", scope: /^\/v1\/Services/ },
  {
    title: "API 2010: accounts, numbers, addresses, applications and keys",
    product: "api",
    file: "twilio_api_v2010.json",
    scope:
      /^\/2010-04-01\/Accounts(\.json|\/\{Sid\}\.json|\/\{AccountSid\}\/(Addresses|Applications|AvailablePhoneNumbers|Balance|IncomingPhoneNumbers|Keys|SigningKeys|SMS\/ShortCodes)\b)/,
  },
  { title: "IAM v1: keys", product: "iam", file: "twilio_iam_v1.json", scope: /^\/v1\/Keys/ },
  { title: "Pricing v1: numbers", product: "pricing", file: "twilio_pricing_v1.json", scope: /^\/v1\/PhoneNumbers\// },
];

/** A path of the specification. */
export interface Published {
  readonly path: string;
  /** Its HTTP methods. */
  readonly methods: readonly string[];
}

/** The paths of a part, sorted. */
export function publishedPaths({ file, scope }: Part): Published[] {
  const { paths } = JSON.parse(readFileSync(join(folder, file), "utf8")) as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths)
    .map(([path, operations]) => ({ path, methods: ["get", "post", "put", "delete"].filter((method) => operations[method]) }))
    .filter(({ path, methods }) => methods.length > 0 && scope.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A path without the names of its parameters, which differ between the paths of one object. */
export const shapeOf = (path: string): string => path.replace(/\{\w+\}/g, "*");
