import * as pulumi from "@pulumi/pulumi";
import type { Definition } from "../lifecycle/definition";
import { runKey } from "../lifecycle/identity";
import { lastSid, type Props, topLevel } from "../lifecycle/props";
import { claim } from "./claims";
import { groupDebugMessages } from "./debug-messages";
import { noteResource } from "./declared-kinds";
import { guardDeletions } from "./deletion-guard";
import { hiddenInputs } from "./hidden-inputs";
import { namedBy, nameOwner } from "./own-outputs";
import { organization, place } from "./place";
import { checkProgram } from "./program-check";
import { skipPromiseStacks } from "./promise-stacks";
import { verifyProviderCopy } from "./provider-copy";
import { resourceInputs } from "./resource-inputs";
import { withSecretInputs } from "./secret-inputs";
import { hideSecretOutputs, withSecretOutputs } from "./secret-outputs";

/** What a resource's properties look like from a program: every argument and every output, as a Pulumi output. */
export type Attributes<Args, Outputs> = {
  readonly [K in keyof Outputs | Exclude<Arguments<Args>, keyof Outputs>]: pulumi.Output<
    K extends keyof Outputs ? Outputs[K] : pulumi.Unwrap<ArgumentOf<Args, K>>
  >;
};

// All keys of a union, and the type behind one of them; a plain keyof sees only what all members share.
type Arguments<A> = A extends unknown ? keyof A : never;
type ArgumentOf<A, K> = A extends unknown ? (K extends keyof A ? A[K] : undefined) : never;

/** The constructor of a resource class. `args` is optional where no argument is required. */
type Constructor<Args, Resource> =
  Record<never, never> extends Args
    ? new (
        name: string,
        args?: Args,
        options?: pulumi.CustomResourceOptions,
      ) => Resource
    : new (
        name: string,
        args: Args,
        options?: pulumi.CustomResourceOptions,
      ) => Resource;

/** A resource class made of a definition. */
export type ResourceClass<Args, Outputs> = Constructor<Args, pulumi.CustomResource & Attributes<Args, Outputs>> & {
  /**
   * Reads an object that exists at Twilio and is not managed here. `id` is the path of SIDs that the resource's `id` has; a missing object is
   * an error.
   */
  get<T>(
    this: new (
      name: string,
      ...rest: never[]
    ) => T,
    name: string,
    id: pulumi.Input<pulumi.ID>,
    options?: pulumi.CustomResourceOptions,
  ): T;
  /** Whether a value is a resource of this class, also of another copy of this package. */
  isInstance(value: unknown): value is pulumi.CustomResource & Attributes<Args, Outputs>;
};

/**
 * The class of a resource. It is a custom resource with a constant provider text beside its properties, and not a `dynamic.Resource`: that one
 * would copy the provider's code, by value, into every resource's state twice.
 * @internal
 */
export function resourceClass<Args, Outputs>(definition: Definition): ResourceClass<Args, Outputs> {
  const type = `pulumi-nodejs:${definition.type}`;

  class TwilioResource extends pulumi.CustomResource {
    constructor(name: string, args: Props = {}, options: pulumi.CustomResourceOptions = {}) {
      verifyProviderCopy();
      guardDeletions();
      skipPromiseStacks();
      groupDebugMessages();
      const isGet = options.id !== undefined;
      const registered = isGet ? { __provider: providerText(definition) } : inputs(definition, type, name, args, options);
      super(type, name, { ...blank(definition), ...registered }, withSecretOutputs(definition, options));
      hideSecretOutputs(definition, this);
      const owner = { resource: this, definition };
      nameOwner(this.id, owner);
      for (const [output, from] of Object.entries({ sid: lastSid, ...definition.outputs })) {
        // What follows from the id stays known in previews in which other outputs do not. It is made on request: an output costs a millisecond.
        if (typeof from !== "function") continue;
        const get = () => (from === lastSid ? nameOwner(this.id.apply(from), owner) : this.id.apply(from));
        Object.defineProperty(this, output, { get, enumerable: true });
      }
    }

    static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): unknown {
      return new this(name, {}, { ...options, id });
    }

    static override isInstance(value: unknown): value is pulumi.CustomResource {
      return pulumi.Resource.isInstance(value) && (value as { __pulumiType?: string }).__pulumiType === type;
    }
  }
  Object.defineProperty(TwilioResource, "definition", { value: definition });
  return withoutStackTrace(TwilioResource) as unknown as ResourceClass<Args, Outputs>;
}

/**
 * The definition that a resource class was made of; nothing for anything else.
 * @internal
 */
export const definitionOf = (exported: unknown): Definition | undefined =>
  typeof exported === "function" ? (exported as { definition?: Definition }).definition : undefined;

/**
 * The text that the engine keeps in state and evaluates to find the provider. It never changes: old states name it.
 * @internal
 */
export function providerText(definition: Pick<Definition, "type">): string {
  const name = definition.type.slice(definition.type.lastIndexOf(":") + 1);
  // From the program's folder, else from where @pulumi/pulumi lies: under pnpm a package of a package is found only from there.
  return `module.exports=require(require.resolve('pulumi-twilio-conversations/provider',{paths:['.',process.argv[1]]})).${name}`;
}

/** Every property, not set: the SDK fills only properties that it knows. */
function blank({ fields, outputs }: Definition): Props {
  const stored = Object.keys(outputs).filter((output) => typeof outputs[output] === "string");
  return Object.fromEntries([...Object.keys(fields).map(topLevel), ...stored, "sid", "accountSid"].map((name) => [name, undefined]));
}

function inputs(definition: Definition, type: string, name: string, written: Props, options: pulumi.CustomResourceOptions): Props {
  const args = withParent(definition, written);
  let given = withSecretInputs(definition, resourceInputs(definition, name, checkProgram(definition, name, args)));
  const declared = given;
  const urn = urnOf(name, type, options.parent);
  // The identity; the provider keeps a digest of it, and of the run nothing.
  const added = { __urn: urn, [runKey]: { organization: organization(), isPreview: pulumi.runtime.isDryRun() } };
  given = withDefaults(definition, name, urn, { ...given, ...added });
  noteResource(definition, name, args, options);
  const { provider, parent: within, additionalSecretOutputs = [] } = options;
  const claimed = claim({ definition, name, args, inputs: given, provider, hasParent: within !== undefined });
  const hidden = hiddenInputs({ definition, name, inputs: declared, additionalSecretOutputs, providerText: providerText(definition) });
  return { ...claimed, ...hidden };
}

/**
 * A parent's SID stands for that resource, because its id may have more parts.
 * @internal
 */
export function withParent(definition: Definition, args: Props): Props {
  const owners = Object.entries(definition.fields).flatMap(([property, { parent }]) => {
    const owner = parent === undefined ? undefined : namedBy(args[property]);
    return owner === undefined ? [] : [[property, owner.resource]];
  });
  return { ...args, ...Object.fromEntries(owners) };
}

/** The arguments with the defaults that follow from the resource's name and URN. */
function withDefaults({ addDefaults }: Definition, name: string, urn: pulumi.Input<string>, args: Props): Props {
  if (!addDefaults) return args;
  if (typeof urn === "string") return addDefaults(args, { name, urn, place: place() });
  const later = pulumi.output(urn).apply((known) => addDefaults(args, { name, urn: known, place: place() }));
  const added = Object.keys(addDefaults(args, { name, urn: "", place: "" })).filter((property) => args[property] === undefined);
  return { ...args, ...Object.fromEntries(added.map((property) => [property, later.apply((all) => (all as Props)[property])])) };
}

/**
 * The URN that the engine will give. The parent's is taken without the dependency that comes with it: to depend on a component is to wait for
 * everything within it, this resource too.
 * @internal
 */
export function urnOf(name: string, type: string, parent: pulumi.Resource | undefined): pulumi.Input<string> {
  if (parent === undefined) return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${type}::${name}`;
  const within = new Promise<string>((resolve) => parent.urn.apply(resolve));
  return pulumi.createUrn(name, type, within);
}

/**
 * Keeps the stack trace out of what is registered: it would be two thirds of a resource's state, and the engine rewrites the whole state
 * after each step.
 * @internal
 */
export function withoutStackTrace<T extends new (...args: never[]) => object>(Class: T): T {
  return new Proxy(Class, {
    construct(target, args, newTarget) {
      const prepare = Error.prepareStackTrace;
      Error.prepareStackTrace = (error) => String(error);
      try {
        return Reflect.construct(target, args, newTarget);
      } finally {
        Error.prepareStackTrace = prepare;
      }
    },
  });
}
