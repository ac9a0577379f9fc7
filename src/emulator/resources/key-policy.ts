/** The policies of restricted API keys: which permissions exist, and how Twilio returns them. */
import { fail } from "../errors";
import { parseObject } from "../sdk/frame";

const MAX_PERMISSIONS = 100;
const ACTIONS: Record<string, string> = { R: "read", L: "list", C: "create", U: "update", D: "delete" };

/** Twilio's list of permissions: products, resources, and the actions by their first letters. */
const PERMISSIONS: Record<string, Record<string, string>> = {
  messaging: {
    services: "RLCUD",
    "services.phonenumbers": "RLCD",
    "services.shortcodes": "RLCD",
    "services.alphasenders": "RLCD",
    "services.destination-alpha-senders": "RLCD",
    "services.usa2p-campaign": "RLCD",
    "services.channelsenders": "RL",
    "services.usa2p-usecase": "L",
    messages: "RLCUD",
    "messages.feedback": "C",
    "messages.media": "R",
    "content-templates": "RLCD",
    pricing: "RL",
    deactivations: "L",
    "whatsapp-senders": "RLCUD",
  },
  "phone-numbers": { "active-numbers": "RLCUD", "available-numbers": "L", "address-service": "RC" },
  iam: { "api-keys": "RLCUD", accounts: "RL", "account-oauth-apps": "RLCUD", "public-keys": "L" },
  billing: { usage: "R" },
  lookup: { "phone-numbers": "R" },
};

/** The actions of a resource. The names of some products' resources are not published, so any name is accepted there. */
function actionsOf(product: string, resource: string): readonly string[] | undefined {
  const isOpen = product === "conversations" || product === "studio" || resource.startsWith("regulatory-compliance.");
  const letters = PERMISSIONS[product]?.[resource] ?? (isOpen ? "RLCUD" : undefined);
  return letters === undefined ? undefined : [...letters].map((letter) => ACTIONS[letter] as string);
}

/** Returns the permissions of a policy as Twilio returns them: sorted, and all actions of a resource as `*`. */
export function readPolicy(text: string): string[] {
  const allow = parseObject(text)?.allow;
  if (!Array.isArray(allow) || allow.length === 0 || allow.length > MAX_PERMISSIONS) throw fail(70001);
  const granted = new Map<string, { all: readonly string[]; actions: Set<string> }>();
  for (const permission of allow) {
    const [, product = "", resource = "", action = ""] = /^\/twilio\/([\w-]+)\/([\w./-]+)\/(\w+|\*)$/.exec(String(permission)) ?? [];
    const all = actionsOf(product, resource);
    if (!all || (action !== "*" && !all.includes(action))) throw fail(70002, { what: `assertion '${permission}' is invalid` });
    const path = `/twilio/${product}/${resource}`;
    const entry = granted.get(path) ?? { all, actions: new Set() };
    for (const one of action === "*" ? all : [action]) entry.actions.add(one);
    granted.set(path, entry);
  }
  return [...granted]
    .flatMap(([path, { all, actions }]) =>
      actions.size === all.length ? [`${path}/*`] : [...actions].map((action) => `${path}/${action}`),
    )
    .sort();
}

function actionsIn(permission: string): { resource: string; action: string; all: readonly string[] | undefined } {
  const [, resource = "", product = "", name = "", action = ""] = /^\/?(twilio\/([^/]+)\/(.+))\/([^/]+)$/.exec(permission) ?? [];
  return { resource, action, all: actionsOf(product, name) };
}

const OTHER_GET: Record<string, string> = { list: "read", read: "list" };

/** The permission that a request needs. Resources with one permission for all that can be read have no other for lists, or the reverse. */
export function grantable(permission: string): string {
  const { resource, action, all } = actionsIn(permission);
  const other = OTHER_GET[action] ?? "";
  return all?.includes(other) && !all.includes(action) ? `${resource}/${other}` : permission;
}

/** Whether a policy has a permission, by its name or by `*`, which means the actions that the resource has. */
export function permits(allow: readonly string[], permission: string): boolean {
  const { resource, action, all = [action] } = actionsIn(permission);
  return allow.includes(permission) || (allow.includes(`/${resource}/*`) && all.includes(action));
}
