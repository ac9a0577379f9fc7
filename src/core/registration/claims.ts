import * as pulumi from "@pulumi/pulumi";
import { resourceName } from "../lifecycle/check";
import type { Definition, Unique } from "../lifecycle/definition";
import { parentProperty } from "../lifecycle/parents";
import { get, type Props, topLevel } from "../lifecycle/props";
import { UsageError } from "../twilio/errors";
import { currentRun } from "./run";

/** A resource as its program declares it, and its inputs as they are on their way to the engine. */
interface Declared {
  readonly definition: Definition;
  readonly name: string;
  readonly args: Props;
  readonly inputs: Props;
  readonly provider: pulumi.ProviderResource | undefined;
  /** Whether a parent may pass on a provider of another account. */
  readonly hasParent: boolean;
}

/**
 * Rejects two resources of one program that Twilio would reject at the second write, and more of a kind than a parent may have. Returns the
 * inputs with the check attached, so that a preview fails as soon as the values are known.
 */
export function claim(declared: Declared): Props {
  const inputs = { ...declared.inputs };
  for (const unique of declared.definition.unique ?? []) Object.assign(inputs, claimValues({ ...declared, inputs }, unique));
  return { ...inputs, ...claimPlace({ ...declared, inputs }) };
}

/** One input with the check that no other resource has the same values. */
function claimValues(declared: Declared, { by, explain }: Unique): Props {
  const { definition, name, inputs, provider, hasParent } = declared;
  if (by.length === 0 && provider === undefined && hasParent) return {};
  // Where no parent is declared, the parent is Twilio's default.
  const values = by.map((property) => identify(declared, property) ?? (definition.fields[property]?.parent ? "" : undefined));
  const carrier = by.length > 0 ? topLevel(by.at(-1) as string) : "__urn";
  const value = inputs[carrier];
  if (values.includes(undefined) || value === undefined) return {};
  const { claims } = currentRun();
  const take = (known: readonly unknown[], account: string): unknown => {
    // A part of a group that is absent (a WhatsApp participant has no SMS address) claims nothing.
    if (known.includes(undefined)) return value;
    const key = JSON.stringify([definition.type, account, by, known]);
    const other = claims.get(key);
    claims.set(key, other ?? name);
    if (other === undefined) return value;
    const shared = known.filter((_, index) => !definition.fields[by[index] as string]?.parent);
    const words = shared.length > 0 ? ` (${shared.join(", ")})` : "";
    throw new UsageError(
      `"${name}" and "${other}" are the same ${resourceName(definition)}: ${explain}${words}. Declare only one of them.`,
    );
  };
  return { [carrier]: checked(values, provider, value, take) };
}

/** The parent with the check that it has not too many of this kind. */
function claimPlace(declared: Declared): Props {
  const { definition, name, inputs, provider } = declared;
  const { atMost } = definition;
  const parent = parentProperty(definition);
  if (atMost === undefined || parent === undefined || inputs[parent] === undefined) return {};
  const { counts } = currentRun();
  const count = (known: readonly unknown[], account: string): unknown => {
    const key = JSON.stringify([definition.type, account, known]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if ((counts.get(key) as number) <= atMost) return inputs[parent];
    const kind = resourceName(definition);
    throw new UsageError(
      `"${name}" exceeds the limit: Twilio allows at most ${atMost} of kind ${kind} per ${parent}. Remove one, or use another ${parent}.`,
    );
  };
  return { [parent]: checked([identify(declared, parent)], provider, inputs[parent], count) };
}

/** A value that fails where `check` throws, as soon as the values that it compares are known. */
function checked(
  values: readonly unknown[],
  provider: pulumi.ProviderResource | undefined,
  value: unknown,
  check: (known: readonly unknown[], account: string) => unknown,
): unknown {
  if (provider !== undefined || !values.every((each) => typeof each === "string") || typeof value !== "string") {
    return pulumi.all([values, provider ? provider.urn : ""]).apply(([known, account]) => check(known as readonly unknown[], account));
  }
  // Everything is known already; without an output, registration is a millisecond faster.
  try {
    return check(values, "");
  } catch (error) {
    return failing(error);
  }
}

/** A failure within a property fails the resource's registration, and not the program's run through its other resources. */
export const failing = (error: unknown): unknown => pulumi.output(Promise.reject(error));

// A parent that is a resource is compared as the object that it is, which is known before it exists at Twilio and makes no dependency.
const parents = new WeakMap<object, string>();
let lastParent = 0;

/** A value to compare by. */
function identify({ args, inputs }: Declared, property: string): unknown {
  const declared = args[property];
  if (pulumi.Resource.isInstance(declared)) {
    if (!parents.has(declared)) {
      lastParent += 1;
      parents.set(declared, `resource ${lastParent}`);
    }
    return parents.get(declared);
  }
  const top = topLevel(property);
  if (top === property) return inputs[property];
  return inputs[top] === undefined ? undefined : pulumi.all([inputs[top]]).apply(([group]): unknown => get({ [top]: group }, property));
}
