import { catalog } from "../../../catalog";
import { suffixOf } from "../../../core/lifecycle/define";
import { TwilioError } from "../../../core/twilio/errors";
import { inParallel } from "../../shared/in-parallel";
import type { FoundObject, LeftOut } from "./account";
import type { List, Reader } from "./reader";

/** Objects that this package may have no resource for. Where the catalog has one for the path, the line does not count. */
interface Uncovered {
  readonly what: string;
  readonly product: List["product"];
  /** Where they are, from the parents' SIDs and the account. */
  readonly path: (parents: readonly string[], account: string) => string;
  /** How many parents they have: 2 in a conversation, 1 in a service, 0 in the account. */
  readonly depth: 0 | 1 | 2;
  /** The key of the list. Unset for settings, which always exist, and count if they name a webhook. */
  readonly key?: string;
  /** Why they are left out. Default: there is no resource. */
  readonly why?: string;
}

const uncovered: readonly Uncovered[] = [
  {
    what: "webhooks of conversations",
    product: "conversations",
    path: ([service, conversation]) => `/v1/Services/${service}/Conversations/${conversation}/Webhooks`,
    depth: 2,
    key: "webhooks",
  },
  {
    what: "webhook settings of services",
    product: "conversations",
    path: ([service]) => `/v1/Services/${service}/Configuration/Webhooks`,
    depth: 1,
  },
  { what: "roles", product: "conversations", path: ([service]) => `/v1/Services/${service}/Roles`, depth: 1, key: "roles" },
  { what: "users", product: "conversations", path: ([service]) => `/v1/Services/${service}/Users`, depth: 1, key: "users" },
  { what: "webhook settings of the account", product: "conversations", path: () => "/v1/Configuration/Webhooks", depth: 0 },
  {
    what: "address configurations",
    product: "conversations",
    path: () => "/v1/Configuration/Addresses",
    depth: 0,
    key: "address_configurations",
  },
  { what: "push credentials", product: "conversations", path: () => "/v1/Credentials", depth: 0, key: "credentials" },
  {
    what: "API keys",
    product: "api",
    path: (_, account) => `/2010-04-01/Accounts/${account}/Keys.json`,
    depth: 0,
    key: "keys",
    why: "Twilio shows a key's secret only when it is created: declare a new ApiKey, and delete the old key",
  },
];

const noResource = "this package has no resource for them yet";

/** Counts the objects that this package has no resource for. For a single service, there is no `accountSid`. */
export async function withoutResource(
  read: Reader,
  services: readonly FoundObject[],
  accountSid: string | undefined,
): Promise<readonly LeftOut[]> {
  const inServices = services.map(({ sid }) => [String(sid)]);
  const inConversations = services.flatMap((service) =>
    service.children
      .filter(({ entry }) => entry.definition.type === "twilio/conversations:Conversation")
      .map(({ sid }) => [String(service.sid), String(sid)]),
  );
  const parentsAt = [accountSid === undefined ? [] : [[]], inServices, inConversations] as const;
  const found: LeftOut[] = [];
  for (const one of uncovered) {
    if (isCovered(one)) continue;
    const paths = parentsAt[one.depth].map((parents: string[]) => one.path(parents, accountSid ?? ""));
    const left = await counted(read, one, paths);
    if (left) found.push(left);
  }
  return found;
}

const sample = ["IS", "CH"];

const isCovered = ({ product, path, depth }: Uncovered): boolean =>
  catalog.some(
    (one) =>
      one.product === product && one.path(sample.slice(0, depth), "AC") + suffixOf(one.product) === path(sample.slice(0, depth), "AC"),
  );

/** A list that cannot be counted, such as one that a key may not read, does not fail the export. */
async function counted(
  read: Reader,
  { what, product, key, why = noResource }: Uncovered,
  paths: readonly string[],
): Promise<LeftOut | undefined> {
  try {
    const counts = await inParallel(paths, (path) =>
      key === undefined ? countWebhooks(read, product, path) : read.count({ product, path, key }),
    );
    const count = counts.reduce((sum, one) => sum + one, 0);
    return count > 0 ? { what, count, why } : undefined;
  } catch (error) {
    if (!(error instanceof TwilioError) || error.status === 0 || error.status >= 500) throw error;
    return { what, why: `${why}; Twilio does not report how many there are (${error.reason})` };
  }
}

async function countWebhooks(read: Reader, product: List["product"], path: string): Promise<number> {
  const settings = Object.entries((await read.one(product, path)) ?? {});
  return settings.some(([name, value]) => name.endsWith("webhook_url") && value) ? 1 : 0;
}
