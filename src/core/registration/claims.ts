import * as pulumi from "@pulumi/pulumi";
import type { Definition, Props } from "../lifecycle/definition";
import { get, topLevel } from "../lifecycle/props";
import { UsageError } from "../twilio/errors";

/** Who has claimed what, for each run of a program: the Automation API runs several in one process, each with a stack of its own. */
const claims = new WeakMap<object, Map<string, string>>();
const withoutStack = {};

/**
 * Refuses two resources of one program that Twilio would refuse at the second write, and names both. Returns the inputs with the check worked
 * into them, so that it fails a preview as soon as the values are known.
 */
export function claim(definition: Definition, name: string, given: Props, args: Props, options: pulumi.CustomResourceOptions): Props {
  const taken = claimsOfRun();
  const result = { ...given };
  for (const { by, explain } of definition.unique ?? []) {
    // No parent is one of its own: Twilio's default.
    const values = by.map((property) => identify(args, given, property) ?? (definition.fields[property]?.parent ? "" : undefined));
    const first = topLevel(by.at(-1) as string);
    if (values.includes(undefined) || result[first] === undefined) continue;
    const checked = result[first];
    const take = (known: readonly unknown[], account: string): unknown => {
      // A group's part that is not there (a WhatsApp participant has no SMS address) claims nothing.
      if (known.includes(undefined)) return checked;
      const key = JSON.stringify([definition.type, account, by, known]);
      const other = taken.get(key);
      taken.set(key, other ?? name);
      if (other === undefined) return checked;
      const shared = known.filter((_, index) => !definition.fields[by[index] as string]?.parent);
      throw new UsageError(`"${name}" and "${other}" are the same: ${explain} (${shared.join(", ")}). Declare only one of them.`);
    };
    const { provider } = options;
    if (provider === undefined && values.every((value) => typeof value === "string") && typeof checked === "string") {
      // All is known already; an output less is a millisecond less.
      result[first] = attempt(() => take(values, ""));
    } else {
      result[first] = pulumi.all([values, provider ? provider.urn : ""]).apply(([known, account]) => take(known as unknown[], account));
    }
  }
  return result;
}

/** A failure within a property fails the resource's registration, and not the program's run through its other resources. */
export const failing = (error: unknown): unknown => pulumi.output(Promise.reject(error));

function attempt(task: () => unknown): unknown {
  try {
    return task();
  } catch (error) {
    return failing(error);
  }
}

// A parent that is a resource is compared as the object it is, which is known before it exists at Twilio and makes no dependency.
const parents = new WeakMap<object, string>();
let lastParent = 0;

/** A value to compare by. */
function identify(args: Props, given: Props, property: string): unknown {
  const declared = args[property];
  if (pulumi.Resource.isInstance(declared)) {
    if (!parents.has(declared)) {
      lastParent += 1;
      parents.set(declared, `resource ${lastParent}`);
    }
    return parents.get(declared);
  }
  const top = topLevel(property);
  if (top === property) return given[property];
  return given[top] === undefined ? undefined : pulumi.all([given[top]]).apply(([group]): unknown => get({ [top]: group }, property));
}

function claimsOfRun(): Map<string, string> {
  const run = pulumi.runtime.getStackResource() ?? withoutStack;
  let taken = claims.get(run);
  if (!taken) {
    taken = new Map();
    claims.set(run, taken);
  }
  return taken;
}
