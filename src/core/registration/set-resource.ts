import * as pulumi from "@pulumi/pulumi";
import { findProblems } from "../lifecycle/check";
import type { Problem } from "../lifecycle/definition";
import { runKey } from "../lifecycle/identity";
import { parentProperty } from "../lifecycle/parents";
import { type Props, unknownSentinel } from "../lifecycle/props";
import { itemName, itemsKey, type SetDefinition } from "../sets/set-definition";
import { argumentsOf, itemsOf, setProblems } from "../sets/set-inputs";
import { type PackedSet, unpacked } from "../sets/set-state";
import { claim } from "./claims";
import { groupDebugMessages } from "./debug-messages";
import { noteSet } from "./declared-kinds";
import { guardDeletions } from "./deletion-guard";
import { hiddenInputs } from "./hidden-inputs";
import { fieldOf, isLater } from "./inspect";
import { organization } from "./place";
import { plainValues, programProblems, report, wrongResource } from "./program-check";
import { quiet } from "./program-error";
import { skipPromiseStacks } from "./promise-stacks";
import { verifyProviderCopy } from "./provider-copy";
import { providerText, urnOf, withoutStackTrace, withParent } from "./resource";
import { resourceInputs } from "./resource-inputs";
import { withSecretInputs } from "./secret-inputs";

/** What a program gets from a set. */
export interface SetAttributes {
  /** The SIDs of the objects by key, `CH…`. Not known in a preview in which the set changes. */
  readonly sids: pulumi.Output<Record<string, string>>;
  /**
   * The ids of the objects by key, `IS…/CH…`, as the resource of one object has it: what the property `conversation` or `service` of another
   * resource takes. Not known in a preview in which the set changes.
   */
  readonly ids: pulumi.Output<Record<string, string>>;
  /** The account that owns the objects, `AC…`. */
  readonly accountSid: pulumi.Output<string>;
}

/** A class of sets. */
export interface SetClass<Args> {
  new (name: string, args: Args, options?: pulumi.CustomResourceOptions): pulumi.CustomResource & SetAttributes;
  /** Whether a value is a set of this class, also of another copy of this package. */
  isInstance(value: unknown): value is pulumi.CustomResource & SetAttributes;
}

/** The arguments of an item: those of the resource of one object, without those that the set may give to all. */
export type ItemOf<Args, Shared extends string> = Args extends unknown
  ? Omit<Args, Shared> & { readonly [K in Extract<keyof Args, Shared>]?: Args[K] | undefined }
  : never;

/**
 * The class of a set: one resource for the engine, whose provider manages each item as it does the resource of one object.
 * @internal
 */
export function setClass<Args>(definition: SetDefinition): SetClass<Args> {
  const type = `pulumi-nodejs:${definition.type}`;

  class TwilioSet extends pulumi.CustomResource {
    constructor(name: string, args: Props, options: pulumi.CustomResourceOptions = {}) {
      verifyProviderCopy();
      guardDeletions();
      skipPromiseStacks();
      groupDebugMessages();
      const blank = Object.fromEntries(
        [...argumentsOf(definition), "sids", "common", "accountSid"].map((property) => [property, undefined]),
      );
      super(type, name, { ...blank, ...inputs(definition, type, name, args, options) }, options);
      const set = this as unknown as Record<keyof PackedSet | string, pulumi.Output<unknown>>;
      const parts = ["items", "sids", "common", ...argumentsOf(definition)];
      // Made on request: most programs need only the SIDs.
      const get = () =>
        pulumi.all(parts.map((part) => set[part])).apply((values) => {
          const known = Object.fromEntries(parts.map((part, index) => [part, values[index]]));
          return Object.fromEntries([...unpacked(definition.item, known)].map(([key, { id }]) => [key, id]));
        });
      Object.defineProperty(this, "ids", { get, enumerable: true });
    }

    static override isInstance(value: unknown): value is pulumi.CustomResource {
      return pulumi.Resource.isInstance(value) && (value as { __pulumiType?: string }).__pulumiType === type;
    }
  }
  Object.defineProperty(TwilioSet, "setDefinition", { value: definition });
  return withoutStackTrace(TwilioSet) as unknown as SetClass<Args>;
}

/**
 * The definition that a class of sets was made of; nothing for anything else.
 * @internal
 */
export const setDefinitionOf = (exported: unknown): SetDefinition | undefined =>
  typeof exported === "function" ? (exported as { setDefinition?: SetDefinition }).setDefinition : undefined;

function inputs(definition: SetDefinition, type: string, name: string, args: Props, options: pulumi.CustomResourceOptions): Props {
  const { item } = definition;
  const shared = sharedInputs(definition, name, args);
  const known = { ...args, ...shared };
  report(definition, name, [...setProblems(definition, plainValues(known) as Props), ...parentProblems(definition, args)]);
  const items = isLater(args.items)
    ? args.items
    : Object.fromEntries(
        Object.entries(itemsOf(args)).map(([key, one]) => [key, itemInputs({ definition, name, args, shared, key, options }, one)]),
      );
  const declared = { ...known, [itemsKey]: items };
  const run = { organization: organization(), isPreview: pulumi.runtime.isDryRun() };
  const noted = noteSet(definition, name, args, options).then((kind) => ({ ...run, ...kind }));
  const added = { __urn: urnOf(name, type, options.parent), [runKey]: quiet(noted) };
  const { additionalSecretOutputs = [] } = options;
  const propertyOf = propertyIn(fieldOf(item));
  const text = providerText(definition);
  const about = { definition: { type: definition.type, fields: {} }, propertyOf, name, inputs: declared, additionalSecretOutputs };
  return { ...declared, ...added, ...hiddenInputs({ ...about, providerText: text }) };
}

/** The set's own parent, as its id. */
function sharedInputs({ item }: SetDefinition, name: string, args: Props): Props {
  const parent = parentProperty(item);
  if (parent === undefined || args[parent] === undefined) return {};
  return resourceInputs(item, name, withParent(item, { [parent]: args[parent] }));
}

function parentProblems({ item }: SetDefinition, args: Props): Problem[] {
  const parent = parentProperty(item);
  const field = parent === undefined ? undefined : item.fields[parent];
  if (parent === undefined || field === undefined || args[parent] === undefined) return [];
  const wrong = wrongResource(parent, field, args[parent]);
  if (wrong) return [wrong];
  const plain = { [parent]: plainValues(args[parent]) };
  return findProblems(item, plain, { somethingUnknown: true }).filter(({ property }) => property === parent);
}

/** An item on its way to the registration of its set. */
interface Declared {
  readonly definition: SetDefinition;
  readonly name: string;
  readonly args: Props;
  readonly shared: Props;
  readonly key: string;
  readonly options: pulumi.CustomResourceOptions;
}

/** An item as the engine gets it, after the same checks as a resource of one object. */
function itemInputs({ definition, name, args, shared, key, options }: Declared, declared: unknown): unknown {
  const { item } = definition;
  // What is no object is reported with the set.
  if (isLater(declared) || typeof declared !== "object" || declared === null) return declared;
  const parent = parentProperty(item);
  const own = withParent(item, declared as Props);
  const isShared = parent !== undefined && own[parent] === undefined && args[parent] !== undefined;
  const { problems, sound } = programProblems(item, isShared ? { ...own, [parent]: unknownSentinel } : own);
  report(
    definition,
    name,
    problems.map(({ property, reason }) => ({ property: `${itemName(key)}.${property}`, reason })),
  );
  if (isShared) delete sound[parent];
  const label = `${name}["${key}"]`;
  const given = withSecretInputs(item, resourceInputs(item, label, sound));
  const about = { definition: item, name: label, provider: options.provider, hasParent: options.parent !== undefined };
  const all = { args: withParent(item, { ...(isShared ? { [parent]: args[parent] } : {}), ...own }), inputs: { ...shared, ...given } };
  const claimed = claim({ ...about, ...all });
  if (isShared) delete claimed[parent];
  return claimed;
}

/** The property of an item that a path into the inputs belongs to: `items.store-17.attributes` for anything within the attributes. */
const propertyIn =
  (fieldOfItem: (path: string) => string) =>
  (path: string): string => {
    const [, before = "", within = ""] = /^(items\.[^.[]+\.)(.*)$/s.exec(path) ?? [];
    return before === "" ? path : before + fieldOfItem(within);
  };
