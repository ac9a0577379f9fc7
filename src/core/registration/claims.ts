import * as pulumi from "@pulumi/pulumi";
import { resourceName } from "../lifecycle/check";
import type { Definition, Problem, Unique } from "../lifecycle/definition";
import { parentProperty } from "../lifecycle/parents";
import { get, type Props, topLevel } from "../lifecycle/props";
import { namedBy } from "./own-outputs";
import { labelOf, report } from "./program-check";
import { programError, quietly } from "./program-error";
import { currentRun } from "./run";
import { accountOf } from "./twilio-provider";

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
  const check: Check = ({ known, account, isSecret }) => {
    // A part of a group that is absent (a WhatsApp participant has no SMS address) claims nothing.
    if (known.includes(undefined)) return undefined;
    const key = JSON.stringify([definition.type, account, by, known]);
    const other = claims.get(key);
    claims.set(key, other ?? name);
    if (other === undefined) return undefined;
    const label = labelOf(definition, other);
    const own = by.flatMap((property, index) => (definition.fields[property]?.parent ? [] : [{ property, value: known[index] }]));
    if (own.length === 0) return { property: "must not be declared:", reason: `${label} is the same. ${sentence(explain)}` };
    const shown = isSecret ? "" : ` (${own.map((one) => JSON.stringify(one.value)).join(", ")})`;
    const reason = `must not be the same as in ${label}${shown}: ${explain}. Declare only one of them.`;
    return { property: own.map(({ property }) => property).join(" and "), reason };
  };
  return { [carrier]: checked(declared, values, value, check) };
}

/** The parent with the check that it has not too many of this kind. */
function claimPlace(declared: Declared): Props {
  const { definition, inputs } = declared;
  const { atMost } = definition;
  const parent = parentProperty(definition);
  if (atMost === undefined || parent === undefined || inputs[parent] === undefined) return {};
  const { counts } = currentRun();
  const check: Check = ({ known, account }) => {
    const key = JSON.stringify([definition.type, account, known]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
    if ((counts.get(key) as number) <= atMost) return undefined;
    const reason = `has too many: Twilio allows at most ${atMost} of kind ${resourceName(definition)}. Remove one, or use another ${parent}.`;
    return { property: parent, reason };
  };
  return { [parent]: checked(declared, [identify(declared, parent)], inputs[parent], check) };
}

/** Compares known values with those of the resources before; returns what is wrong. */
type Check = (values: { readonly known: readonly unknown[]; readonly account: string; readonly isSecret: boolean }) => Problem | undefined;

/** A value that fails where `check` finds a problem, as soon as the values that it compares are known. */
function checked(declared: Declared, values: readonly unknown[], value: unknown, check: Check): unknown {
  const { definition, name, provider } = declared;
  if (provider === undefined && typeof value === "string" && values.every((each) => typeof each === "string")) {
    // Everything is known already; without an output, registration is a millisecond faster.
    const problem = check({ known: values, account: "", isSecret: false });
    if (problem) report(definition, name, [problem]);
    return value;
  }
  const compared = pulumi.all([values, provider ? accountOf(provider) : ""]);
  const whenKnown = compared.apply(async ([known, account]) => {
    const problem = check({ known: known as readonly unknown[], account: account as string, isSecret: await pulumi.isSecret(compared) });
    if (problem) throw programError(`${labelOf(definition, name)}: ${problem.property} ${problem.reason}`);
    return value;
  });
  return quietly(whenKnown);
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

// A parent that is a resource is compared as the object that it is, which is known before it exists at Twilio and makes no dependency.
const parents = new WeakMap<object, string>();
let lastParent = 0;

function identifyResource(resource: object): string {
  const known = parents.get(resource);
  if (known !== undefined) return known;
  lastParent += 1;
  parents.set(resource, `resource ${lastParent}`);
  return `resource ${lastParent}`;
}

/** A parent to compare by; nothing where it is known only later. */
export function identifyParent(declared: unknown): string | undefined {
  const resource = namedBy(declared)?.resource ?? declared;
  if (pulumi.Resource.isInstance(resource)) return identifyResource(resource);
  return typeof declared === "string" ? declared : undefined;
}

/** A value to compare by. */
function identify({ args, inputs }: Declared, property: string): unknown {
  const declared = args[property];
  if (pulumi.Resource.isInstance(declared)) return identifyResource(declared);
  const top = topLevel(property);
  if (top === property) return inputs[property];
  return inputs[top] === undefined ? undefined : pulumi.all([inputs[top]]).apply(([group]): unknown => get({ [top]: group }, property));
}
