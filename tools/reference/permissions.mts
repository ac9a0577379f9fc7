// The permissions that a restricted API key needs for a resource: Twilio's names, where the path of a request leads to one.
import { coverageOf } from "../coverage/coverage.mts";
import { exceptions, lookUps } from "../coverage/entries.mts";
import { type Published, parts } from "../coverage/published.mts";
import { classOf, type Definition } from "./change.mts";
import { knownPermissions } from "./docstrings.mts";

/** The name of a path's resource in Twilio's permissions, by product. The first pattern that matches decides; none is known for other paths. */
const names: Readonly<Record<string, readonly (readonly [pattern: RegExp, name: string])[]>> = {
  messaging: [
    [/\/AlphaSenders\b/, "messaging/services.alphasenders"],
    [/\/ChannelSenders\b/, "messaging/services.channelsenders"],
    [/\/PhoneNumbers\b/, "messaging/services.phonenumbers"],
    [/\/ShortCodes\b/, "messaging/services.shortcodes"],
    [/\/Services\b/, "messaging/services"],
  ],
  api: [
    [/\/IncomingPhoneNumbers\b/, "phone-numbers/active-numbers"],
    [/\/Addresses\b/, "phone-numbers/address-service"],
    [/\/Accounts(\/\{Sid\})?\.json$/, "iam/accounts"],
  ],
  iam: [[/\/Keys\b/, "iam/api-keys"]],
};

/** What a resource needs besides the paths of its objects. */
const also: Readonly<Record<string, readonly string[]>> = {
  PhoneNumber: ["/twilio/phone-numbers/available-numbers/list", "/twilio/phone-numbers/regulatory-compliance.regulations/list"],
};

const actionOf = (method: string, path: string): string => {
  const isOne = /\}(\.json)?$/.test(path);
  if (method === "delete") return "delete";
  if (method === "get") return isOne ? "read" : "list";
  return isOne ? "update" : "create";
};

function namesFor(product: string, { path, methods }: Published): string[] {
  const [, name] = names[product]?.find(([pattern]) => pattern.test(path)) ?? [];
  return name === undefined ? [] : methods.map((method) => `/twilio/${name}/${actionOf(method, path)}`);
}

/** The permissions for all that the resource does: those in Twilio's list, and those that it lacks. */
export function permissionsOf(definition: Definition): { listed: string[]; unlisted: string[] } {
  const part = parts.find(({ product }) => product === definition.product);
  const rows = part ? coverageOf(part, { lookUps, exceptions }).rows : [];
  const own = rows.filter(({ by, what }) => by === "resource" && what.includes(classOf(definition)));
  const needed = [...new Set([...own.flatMap((row) => namesFor(definition.product, row)), ...(also[classOf(definition)] ?? [])])].sort();
  return { listed: needed.filter((one) => knownPermissions.has(one)), unlisted: needed.filter((one) => !knownPermissions.has(one)) };
}
