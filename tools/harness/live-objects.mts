import { createRequire } from "node:module";
import type { EmulatorClient } from "./emulator-client.mts";

const require = createRequire(import.meta.url);
const { catalog } = require("../../dist/catalog.js") as typeof import("../../dist/catalog.js");

const kinds = ["PhoneNumber", "ConversationService", "Conversation", "Participant"] as const;

/** The resource types that the programs of tools and tests create. Twilio itself creates objects of other types, such as roles and users. */
export type Kind = (typeof kinds)[number];

/** An object in a Twilio account, as Twilio's REST API returns it. */
export interface LiveObject {
  readonly kind: Kind;
  /** The SIDs from the outermost parent on, `IS…/CH…`. */
  readonly id: string;
  /** By the names that programs use, with attributes parsed and both addresses of a binding at the top. */
  readonly properties: Readonly<Record<string, unknown>>;
}

type Body = Record<string, unknown>;
type Definition = (typeof catalog)[number];

/** Lists the objects of these types: parents first, then what is in them. */
export async function listLiveObjects({ accountSid, rest }: Pick<EmulatorClient, "accountSid" | "rest">): Promise<LiveObject[]> {
  const found: LiveObject[] = [];
  for (const definition of catalog.filter((one) => kinds.includes(kindOf(one)))) {
    const parent = Object.values(definition.fields).find((field) => field.parent)?.parent;
    const parents = parent === undefined ? [""] : found.filter(({ kind }) => kind === parent).map(({ id }) => id);
    for (const id of parents) {
      const path = definition.path(id.split("/").filter(Boolean), accountSid);
      for await (const body of listAll(rest, definition, path)) {
        found.push({ kind: kindOf(definition), id: [id, body.sid].filter(Boolean).join("/"), properties: propertiesOf(body) });
      }
    }
  }
  return found;
}

const kindOf = ({ type }: Definition): Kind => type.slice(type.lastIndexOf(":") + 1) as Kind;

/** All pages of a list. */
async function* listAll(rest: EmulatorClient["rest"], { product, list }: Definition, path: string): AsyncGenerator<Body> {
  const host = `${product}.twilio.com`;
  let next: string | undefined = `${path}${product === "api" ? ".json" : ""}?PageSize=${list?.maxPageSize ?? 100}`;
  while (next !== undefined) {
    const page: Body = await rest<Body>(host + next);
    yield* page[list?.key as string] as Body[];
    const { next_page_url: url } = (page.meta ?? {}) as { next_page_url?: string | null };
    const { pathname = "", search = "" } = url ? new URL(url) : {};
    next = url ? pathname.replace(/^\/[a-z0-9.-]+\.twilio\.com(?=\/)/, "") + search : ((page.next_page_uri as string | null) ?? undefined);
  }
}

function propertiesOf(body: Body): LiveObject["properties"] {
  const named = Object.entries(body).map(([key, value]) => [key.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase()), value]);
  const { address = null, proxy_address: proxyAddress = null } = (body.messaging_binding ?? {}) as Body;
  const attributes = typeof body.attributes === "string" ? JSON.parse(body.attributes) : undefined;
  return { ...Object.fromEntries(named), address, proxyAddress, ...(attributes === undefined ? {} : { attributes }) };
}
