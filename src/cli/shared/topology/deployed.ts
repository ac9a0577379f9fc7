import { unknownSentinel } from "../../../core/lifecycle/props";
import { secretSignature } from "../../../core/lifecycle/secrets";
import { maskSecretUrls } from "../secrets";

/** A resource in the stack's state, or in a preview, which writes it the same way. */
export interface DeployedResource {
  readonly urn: string;
  readonly type: string;
  /** Unset before it is created. */
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** By input, the resources that its value comes from. */
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>> | null;
  /** The URN of the set that has it as an item. */
  readonly set?: string;
}

/** What a graph shows in place of a value that is not known yet. */
export const LATER = "(not known yet)";
/** What a graph shows in place of a secret, as a preview does. */
export const SECRET = "[secret]";

/** A property as the program declares it, or else as Twilio has it. */
export const declaredOrLive = ({ inputs, outputs }: DeployedResource, property: string): unknown =>
  inputs?.[property] ?? outputs?.[property];

/** A value as text for people; nothing where there is none. */
export function shown(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "object" && secretSignature in value) return SECRET;
  return value === unknownSentinel || typeof value !== "string" ? LATER : maskSecretUrls(value, SECRET);
}

/** A property as text for people. */
export const textOf = (resource: DeployedResource, property: string): string | undefined => shown(declaredOrLive(resource, property));

/**
 * The values at the path of a property: `roleSid`, `sms.proxyAddress`, or, of each item of a list, `participants[].sms.proxyAddress`. A value that is
 * a secret or not known yet stands for all that is in it.
 */
export function valuesAt(resource: DeployedResource, path: string): unknown[] {
  const [first = "", ...rest] = path.split(".");
  const isThere = (value: unknown) => value !== undefined && value !== null;
  const itemsOf = (value: unknown, key: string) => (key.endsWith("[]") && Array.isArray(value) ? value : [value]);
  const within = (value: unknown, key: string) =>
    typeof value === "object" && value !== null && !(secretSignature in value) ? (value as Record<string, unknown>)[nameIn(key)] : value;
  return rest
    .reduce(
      (values, key) => values.flatMap((value) => itemsOf(within(value, key), key)).filter(isThere),
      itemsOf(declaredOrLive(resource, nameIn(first)), first),
    )
    .filter(isThere);
}

const nameIn = (key: string): string => key.replace("[]", "");
