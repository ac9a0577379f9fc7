/** What an API key may do: a standard key everything except accounts and keys, a restricted key what its policy allows. */
import { fail } from "../errors";
import type { KeyRecord } from "../resources/key";
import { grantable, permits } from "../resources/key-policy";
import type { Route } from "./router";

/** The resource of Twilio's permissions that a path belongs to, by product. The first pattern that matches a template decides. */
const RESOURCES: Record<string, readonly [pattern: RegExp, resource: string][]> = {
  api: [
    [/\/(Signing)?Keys\b/, "iam/api-keys"],
    [/\/Messages\/\{\w+\}\/Media\b/, "messaging/messages.media"],
    [/\/Messages\/\{\w+\}\/Feedback\b/, "messaging/messages.feedback"],
    [/\/Messages\b/, "messaging/messages"],
    [/\/IncomingPhoneNumbers\b/, "phone-numbers/active-numbers"],
    [/\/AvailablePhoneNumbers\b/, "phone-numbers/available-numbers"],
    [/\/Usage\b/, "billing/usage"],
    [/\/Accounts(\/\{\w+\})?\.json$/, "iam/accounts"],
  ],
  iam: [[/\/Keys\b/, "iam/api-keys"]],
  messaging: [
    [/\/DestinationAlphaSenders\b/, "messaging/services.destination-alpha-senders"],
    [/\/Usa2p\/Usecases\b/, "messaging/services.usa2p-usecase"],
    [/\/Usa2p\b/, "messaging/services.usa2p-campaign"],
    [/\/Services\/\{\w+\}\/(\w+)/, "messaging/services."],
    [/\/Services\b/, "messaging/services"],
    [/\/Channels\/Senders\b/, "messaging/whatsapp-senders"],
  ],
  numbers: [[/\/Regulations\b/, "phone-numbers/regulatory-compliance.regulations"]],
  pricing: [[/./, "messaging/pricing"]],
  // Twilio has permissions for conversations, messages, participants, webhooks, users and roles, whose names are not published.
  conversations: [[/\/([A-Z]\w*)(?:\/\{\w+\})?$/, "conversations/"]],
};

/** The permission that a request needs, without the leading slash: `twilio/messaging/messages/list`. */
function permissionFor(product: string, { method, template }: Pick<Route, "method" | "template">): string {
  for (const [pattern, resource] of RESOURCES[product] ?? []) {
    const match = pattern.exec(template);
    // A name that ends with a separator continues with the last part of the path.
    if (match) return `twilio/${resource}${/\W$/.test(resource) ? match[1]?.toLowerCase() : ""}/${actionOf(method, template)}`;
  }
  return `twilio/${product}${template.toLowerCase()}/${actionOf(method, template)}`;
}

function actionOf(method: Route["method"], template: string): string {
  if (method === "DELETE") return "delete";
  const isOne = /\}(\.json)?$|\/(Configuration|Webhooks|Notifications)$/.test(template) && !/\{ConversationSid\}\/Webhooks$/.test(template);
  if (method === "GET") return isOne ? "read" : "list";
  return isOne ? "update" : "create";
}

/** Throws Twilio's error where a key may not do this. Without a key, the auth token or a main key signs in, which may do everything. */
export function verifyAllowed(key: KeyRecord | undefined, product: string, route: Pick<Route, "method" | "template">): void {
  if (!key) return;
  const permission = grantable(permissionFor(product, route));
  if (!key.allow) {
    if (/^twilio\/iam\//.test(permission)) throw fail(20003);
    return;
  }
  if (!permits(key.allow, `/${permission}`)) throw fail(70051, { permission });
}
