import * as pulumi from "@pulumi/pulumi";
import type { Definition } from "../lifecycle/definition";
import { findNotJson, type NotJson } from "../lifecycle/json-value";
import type { Props } from "../lifecycle/props";

/** What only the program knows of a resource's inputs: the engine passes a provider plain, resolved values. */
export interface Inspection {
  /** The properties whose values, or parts of them, are secret. */
  readonly secrets: ReadonlySet<string>;
  /** The texts of these values. */
  readonly secretTexts: readonly string[];
  /** The properties without a value, with the resources that have not been created. */
  readonly unknown: ReadonlyMap<string, readonly pulumi.CustomResource[]>;
  /** Values of outputs that JSON cannot hold. */
  readonly notJson: readonly NotJson[];
}

interface Findings extends Inspection {
  readonly secrets: Set<string>;
  readonly secretTexts: string[];
  readonly unknown: Map<string, readonly pulumi.CustomResource[]>;
  readonly notJson: NotJson[];
}

/** Whether a value is checked elsewhere, or resolves only later. */
export const isOpaque = (value: unknown): boolean => isLater(value) || pulumi.Resource.isInstance(value);

/** Whether a value resolves only later. */
export const isLater = (value: unknown): boolean => pulumi.Output.isInstance(value) || value instanceof Promise;

/** Whether a value has parts that resolve only later. `findNotJson` must have accepted the value. */
export function hasOutputs(value: unknown): boolean {
  if (isLater(value)) return true;
  if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return false;
  return Object.values(value).some(hasOutputs);
}

/** The property that a path is in, or that a path of a group leads to. */
export function fieldOf({ fields }: Pick<Definition, "fields">): (path: string) => string {
  const names = Object.keys(fields);
  return (path) => names.find((name) => path === name || path.startsWith(`${name}.`) || path.startsWith(`${name}[`)) ?? path;
}

/** Waits for all outputs in a resource's inputs, and reports what they are. Rejects where one of them does. */
export async function inspect(propertyOf: (path: string) => string, inputs: Props): Promise<Inspection> {
  const found: Findings = { secrets: new Set(), secretTexts: [], unknown: new Map(), notJson: [] };

  async function walk(value: unknown, path: string, isSecret: boolean): Promise<void> {
    if (pulumi.Output.isInstance(value)) return walkOutput(value, path, isSecret);
    if (value instanceof Promise) return walk(await value, path, isSecret);
    if (isSecret && (typeof value === "string" || typeof value === "number")) found.secretTexts.push(String(value));
    if (typeof value !== "object" || value === null || pulumi.Resource.isInstance(value)) return;
    const isList = Array.isArray(value);
    for (const [key, entry] of Object.entries(value)) await walk(entry, isList ? `${path}[${key}]` : `${path}.${key}`, isSecret);
  }

  async function walkOutput(output: pulumi.Output<unknown>, path: string, isWithinSecret: boolean): Promise<void> {
    const { isKnown, isSecret, promise, allResources } = output as unknown as OutputParts;
    const secret = (await isSecret) || isWithinSecret;
    if (secret) found.secrets.add(propertyOf(path));
    if (!(await isKnown)) {
      // In a preview, that a value is not known yet is no problem.
      if (!pulumi.runtime.isDryRun()) found.unknown.set(propertyOf(path), await missing([...(await allResources())]));
      return;
    }
    const value = await promise();
    const wrong = findNotJson(value, path, isOpaque);
    // A path within a secret is part of it.
    found.notJson.push(...wrong.map((one) => (secret ? { ...one, path: propertyOf(path) } : one)));
    if (wrong.length === 0) await walk(value, path, secret);
  }

  for (const [property, value] of Object.entries(inputs)) if (hasOutputs(value)) await walk(value, property, false);
  return found;
}

/** Of the resources that an output derives from, those without an id. */
async function missing(resources: readonly pulumi.Resource[]): Promise<pulumi.CustomResource[]> {
  const isMissing = async (one: pulumi.CustomResource) => !(await (one.id as unknown as OutputParts).isKnown);
  const custom = resources.filter((one): one is pulumi.CustomResource => pulumi.CustomResource.isInstance(one));
  const found = await Promise.all(custom.map(async (one) => ((await isMissing(one)) ? [one] : [])));
  return found.flat();
}

// The SDK's types hide these.
interface OutputParts {
  readonly isKnown: Promise<boolean>;
  readonly isSecret: Promise<boolean>;
  promise(): Promise<unknown>;
  allResources(): Promise<Set<pulumi.Resource>>;
}
