import type { Codec } from "../core/lifecycle/definition";
import { type Format, matching } from "../core/lifecycle/formats";

const crud = "read list create update delete";

/** The resources of Twilio's list of permissions, each with its actions. */
const actions = {
  "messaging/services": crud,
  "messaging/services.phonenumbers": "read list create delete",
  "messaging/services.shortcodes": "read list create delete",
  "messaging/services.alphasenders": "read list create delete",
  "messaging/services.destination-alpha-senders": "read list create delete",
  "messaging/services.usa2p-campaign": "read list create delete",
  "messaging/services.channelsenders": "read list",
  "messaging/services.usa2p-usecase": "list",
  "messaging/messages": crud,
  "messaging/messages.feedback": "create",
  "messaging/messages.media": "read",
  "messaging/content-templates": "read list create delete",
  "messaging/pricing": "read list",
  "messaging/deactivations": "list",
  "messaging/whatsapp-senders": crud,
  "phone-numbers/active-numbers": crud,
  "phone-numbers/available-numbers": "list",
  "phone-numbers/address-service": "read create",
  "phone-numbers/regulatory-compliance.bundles": crud,
  "phone-numbers/regulatory-compliance.end-users": crud,
  "phone-numbers/regulatory-compliance.supporting-documents": crud,
  "phone-numbers/regulatory-compliance.item-assignments": crud,
  "phone-numbers/regulatory-compliance.evaluations": crud,
  "phone-numbers/regulatory-compliance.regulations": crud,
  "iam/api-keys": crud,
  "iam/accounts": "read list",
  "iam/account-oauth-apps": crud,
  "iam/public-keys": "list",
  "billing/usage": "read",
  "lookup/phone-numbers": "read",
} as const;

type Words<S extends string> = S extends `${infer First} ${infer Rest}` ? First | Words<Rest> : S;

/** A permission in Twilio's list. `*` is all actions of a resource. */
export type KnownKeyPermission = {
  [R in keyof typeof actions]: `/twilio/${R}/${Words<(typeof actions)[R]> | "*"}`;
}[keyof typeof actions];

/**
 * A permission of a restricted key: `/twilio/`, product, resource and action. `read` reads one object, `list` reads a list: neither contains the
 * other. Those of Conversations are not known to this package: see Twilio's list.
 *
 * @see https://www.twilio.com/docs/iam/api-keys/restricted-api-keys#permissions-available-with-restricted-api-keys
 */
export type KeyPermission = KnownKeyPermission | (`/twilio/${string}/${string}/${Words<typeof crud> | "*"}` & {});

/** The form of a permission. */
export const permission: Format = (value) =>
  matching(/^\/twilio(\/[a-z0-9][a-z0-9._-]*){2,}\/(read|list|create|update|delete|\*)$/, "")(value) === undefined
    ? undefined
    : `must be /twilio/{product}/{resource}/{read|list|create|update|delete|*}, like /twilio/messaging/messages/read; received ${JSON.stringify(value)}`;

const resourceOf = (one: string): string => one.slice(0, one.lastIndexOf("/"));

/** Permissions as Twilio returns them: all actions of a resource as `*`, in any order. */
function normalized(permissions: readonly string[]): string[] {
  return [...new Set(permissions.map(resourceOf))]
    .flatMap((resource) => {
      const own = permissions.filter((one) => resourceOf(one) === resource);
      const known = (actions as Record<string, string>)[resource.slice("/twilio/".length)] ?? crud;
      const isAll = own.includes(`${resource}/*`) || known.split(" ").every((action) => own.includes(`${resource}/${action}`));
      return isAll ? [`${resource}/*`] : own;
    })
    .sort();
}

/** The permissions of the first list that the second one does not contain. */
export function withoutThose(permissions: readonly string[], others: readonly string[]): string[] {
  const known = normalized(others);
  return normalized(permissions).filter((one) => !known.includes(one) && !known.includes(`${resourceOf(one)}/*`));
}

const isList = (value: unknown): value is string[] => Array.isArray(value) && value.every((one) => typeof one === "string");

/** A policy travels as JSON text, and is always sent whole. */
export const policyCodec: Codec = {
  toForm: (allow) => JSON.stringify({ allow }),
  equal: (a, b) => isList(a) && isList(b) && normalized(a).join() === normalized(b).join(),
};

/** The permissions with which a key can create a key that may do everything. */
export const mintsFullAccess = (permissions: readonly string[]): string[] =>
  permissions.filter((one) => one === "/twilio/iam/api-keys/create" || one === "/twilio/iam/api-keys/*");
