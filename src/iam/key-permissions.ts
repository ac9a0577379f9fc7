import type { Format } from "../core/lifecycle/formats";
import { matching } from "../core/lifecycle/formats";
import type { Codec } from "../core/lifecycle/value-type";

const crud = ["read", "list", "create", "update", "delete"];

// Each permission in full: TypeScript 3.8 has no types that put strings together.
const known = [
  ...["/twilio/messaging/services/read", "/twilio/messaging/services/list", "/twilio/messaging/services/create"],
  ...["/twilio/messaging/services/update", "/twilio/messaging/services/delete", "/twilio/messaging/services/*"],
  ...["/twilio/messaging/services.phonenumbers/read", "/twilio/messaging/services.phonenumbers/list"],
  ...["/twilio/messaging/services.phonenumbers/create", "/twilio/messaging/services.phonenumbers/delete"],
  ...["/twilio/messaging/services.phonenumbers/*"],
  ...["/twilio/messaging/services.shortcodes/read", "/twilio/messaging/services.shortcodes/list"],
  ...["/twilio/messaging/services.shortcodes/create", "/twilio/messaging/services.shortcodes/delete"],
  ...["/twilio/messaging/services.shortcodes/*"],
  ...["/twilio/messaging/services.alphasenders/read", "/twilio/messaging/services.alphasenders/list"],
  ...["/twilio/messaging/services.alphasenders/create", "/twilio/messaging/services.alphasenders/delete"],
  ...["/twilio/messaging/services.alphasenders/*"],
  ...["/twilio/messaging/services.destination-alpha-senders/read", "/twilio/messaging/services.destination-alpha-senders/list"],
  ...["/twilio/messaging/services.destination-alpha-senders/create", "/twilio/messaging/services.destination-alpha-senders/delete"],
  ...["/twilio/messaging/services.destination-alpha-senders/*"],
  ...["/twilio/messaging/services.usa2p-campaign/read", "/twilio/messaging/services.usa2p-campaign/list"],
  ...["/twilio/messaging/services.usa2p-campaign/create", "/twilio/messaging/services.usa2p-campaign/delete"],
  ...["/twilio/messaging/services.usa2p-campaign/*"],
  ...["/twilio/messaging/services.channelsenders/read", "/twilio/messaging/services.channelsenders/list"],
  ...["/twilio/messaging/services.channelsenders/*"],
  ...["/twilio/messaging/services.usa2p-usecase/list", "/twilio/messaging/services.usa2p-usecase/*"],
  ...["/twilio/messaging/messages/read", "/twilio/messaging/messages/list", "/twilio/messaging/messages/create"],
  ...["/twilio/messaging/messages/update", "/twilio/messaging/messages/delete", "/twilio/messaging/messages/*"],
  ...["/twilio/messaging/messages.feedback/create", "/twilio/messaging/messages.feedback/*"],
  ...["/twilio/messaging/messages.media/read", "/twilio/messaging/messages.media/*"],
  ...["/twilio/messaging/content-templates/read", "/twilio/messaging/content-templates/list", "/twilio/messaging/content-templates/create"],
  ...["/twilio/messaging/content-templates/delete", "/twilio/messaging/content-templates/*"],
  ...["/twilio/messaging/pricing/read", "/twilio/messaging/pricing/list", "/twilio/messaging/pricing/*"],
  ...["/twilio/messaging/deactivations/list", "/twilio/messaging/deactivations/*"],
  ...["/twilio/messaging/whatsapp-senders/read", "/twilio/messaging/whatsapp-senders/list", "/twilio/messaging/whatsapp-senders/create"],
  ...["/twilio/messaging/whatsapp-senders/update", "/twilio/messaging/whatsapp-senders/delete", "/twilio/messaging/whatsapp-senders/*"],
  ...["/twilio/phone-numbers/active-numbers/read", "/twilio/phone-numbers/active-numbers/list"],
  ...["/twilio/phone-numbers/active-numbers/create", "/twilio/phone-numbers/active-numbers/update"],
  ...["/twilio/phone-numbers/active-numbers/delete", "/twilio/phone-numbers/active-numbers/*"],
  ...["/twilio/phone-numbers/available-numbers/list", "/twilio/phone-numbers/available-numbers/*"],
  ...["/twilio/phone-numbers/address-service/read", "/twilio/phone-numbers/address-service/create"],
  ...["/twilio/phone-numbers/address-service/*"],
  ...["/twilio/phone-numbers/regulatory-compliance.bundles/read", "/twilio/phone-numbers/regulatory-compliance.bundles/list"],
  ...["/twilio/phone-numbers/regulatory-compliance.bundles/create", "/twilio/phone-numbers/regulatory-compliance.bundles/update"],
  ...["/twilio/phone-numbers/regulatory-compliance.bundles/delete", "/twilio/phone-numbers/regulatory-compliance.bundles/*"],
  ...["/twilio/phone-numbers/regulatory-compliance.end-users/read", "/twilio/phone-numbers/regulatory-compliance.end-users/list"],
  ...["/twilio/phone-numbers/regulatory-compliance.end-users/create", "/twilio/phone-numbers/regulatory-compliance.end-users/update"],
  ...["/twilio/phone-numbers/regulatory-compliance.end-users/delete", "/twilio/phone-numbers/regulatory-compliance.end-users/*"],
  ...["/twilio/phone-numbers/regulatory-compliance.supporting-documents/read"],
  ...["/twilio/phone-numbers/regulatory-compliance.supporting-documents/list"],
  ...["/twilio/phone-numbers/regulatory-compliance.supporting-documents/create"],
  ...["/twilio/phone-numbers/regulatory-compliance.supporting-documents/update"],
  ...["/twilio/phone-numbers/regulatory-compliance.supporting-documents/delete"],
  ...["/twilio/phone-numbers/regulatory-compliance.supporting-documents/*"],
  ...["/twilio/phone-numbers/regulatory-compliance.item-assignments/read"],
  ...["/twilio/phone-numbers/regulatory-compliance.item-assignments/list"],
  ...["/twilio/phone-numbers/regulatory-compliance.item-assignments/create"],
  ...["/twilio/phone-numbers/regulatory-compliance.item-assignments/update"],
  ...["/twilio/phone-numbers/regulatory-compliance.item-assignments/delete"],
  ...["/twilio/phone-numbers/regulatory-compliance.item-assignments/*"],
  ...["/twilio/phone-numbers/regulatory-compliance.evaluations/read", "/twilio/phone-numbers/regulatory-compliance.evaluations/list"],
  ...["/twilio/phone-numbers/regulatory-compliance.evaluations/create", "/twilio/phone-numbers/regulatory-compliance.evaluations/update"],
  ...["/twilio/phone-numbers/regulatory-compliance.evaluations/delete", "/twilio/phone-numbers/regulatory-compliance.evaluations/*"],
  ...["/twilio/phone-numbers/regulatory-compliance.regulations/read", "/twilio/phone-numbers/regulatory-compliance.regulations/list"],
  ...["/twilio/phone-numbers/regulatory-compliance.regulations/create", "/twilio/phone-numbers/regulatory-compliance.regulations/update"],
  ...["/twilio/phone-numbers/regulatory-compliance.regulations/delete", "/twilio/phone-numbers/regulatory-compliance.regulations/*"],
  ...["/twilio/iam/api-keys/read", "/twilio/iam/api-keys/list", "/twilio/iam/api-keys/create", "/twilio/iam/api-keys/update"],
  ...["/twilio/iam/api-keys/delete", "/twilio/iam/api-keys/*"],
  ...["/twilio/iam/accounts/read", "/twilio/iam/accounts/list", "/twilio/iam/accounts/*"],
  ...["/twilio/iam/account-oauth-apps/read", "/twilio/iam/account-oauth-apps/list", "/twilio/iam/account-oauth-apps/create"],
  ...["/twilio/iam/account-oauth-apps/update", "/twilio/iam/account-oauth-apps/delete", "/twilio/iam/account-oauth-apps/*"],
  ...["/twilio/iam/public-keys/list", "/twilio/iam/public-keys/*"],
  ...["/twilio/billing/usage/read", "/twilio/billing/usage/*"],
  ...["/twilio/lookup/phone-numbers/read", "/twilio/lookup/phone-numbers/*"],
] as const;

/**
 * A permission in Twilio's list: `/twilio/`, product, resource and action, where `*` is all actions. `read` reads one object, `list` reads a list:
 * neither contains the other. Those of Conversations are not known to this package: see Twilio's list.
 *
 * @see https://www.twilio.com/docs/iam/api-keys/restricted-api-keys#permissions-available-with-restricted-api-keys
 */
export type KeyPermission = (typeof known)[number];

/** The actions that Twilio lists for a resource; those of an unknown one may be all. */
function actionsOf(resource: string): readonly string[] {
  const own = known.flatMap((one) => (resourceOf(one) === resource ? [one.slice(resource.length + 1)] : []));
  return own.length > 0 ? own.filter((action) => action !== "*") : crud;
}

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
      const isAll = own.includes(`${resource}/*`) || actionsOf(resource).every((action) => own.includes(`${resource}/${action}`));
      return isAll ? [`${resource}/*`] : own;
    })
    .sort();
}

/** The permissions of the first list that the second one does not contain. */
export function withoutThose(permissions: readonly string[], others: readonly string[]): string[] {
  const those = normalized(others);
  return normalized(permissions).filter((one) => !those.includes(one) && !those.includes(`${resourceOf(one)}/*`));
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
