import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Definition, Props } from "../lifecycle/definition";
import { parentProperty, topLevel } from "../lifecycle/props";
import { UsageError } from "../twilio/errors";
import { claim, failing } from "./claims";
import { afterProgramCheck, checkProgram } from "./program-check";

/** What a resource's properties look like from a program: every argument and every output, as a Pulumi output. */
export type Attributes<Args, Outputs> = {
  readonly [K in keyof Outputs | Exclude<Arguments<Args>, keyof Outputs>]: pulumi.Output<
    K extends keyof Outputs ? Outputs[K] : pulumi.Unwrap<ArgumentOf<Args, K>>
  >;
};

// All keys of a union, and the type behind one of them; a plain keyof sees only what all members share.
type Arguments<A> = A extends unknown ? keyof A : never;
type ArgumentOf<A, K> = A extends unknown ? (K extends keyof A ? A[K] : undefined) : never;

/** Options that every resource takes beside its own. */
export interface CommonArgs {
  /**
   * Takes over an object that exists at Twilio instead of creating one: its SID, or the name that this resource's page gives. It is brought to
   * what the program declares. Matters at creation only; a later change does nothing.
   */
  adopt?: pulumi.Input<string>;
  /**
   * What destroying the resource does at Twilio: `"delete"` deletes the object, `"retain"` leaves it there. Default: `"delete"`, but
   * `"retain"` for an object that was adopted. A change is recorded in place and sends nothing.
   */
  onDelete?: pulumi.Input<"delete" | "retain">;
}

/** The common options in a definition's terms. */
export const commonFields = { adopt: { local: "create" }, onDelete: { local: "delete" } } as const;

type Optional<Args> =
  Record<never, never> extends Args
    ? [args?: Args, options?: pulumi.CustomResourceOptions]
    : [args: Args, options?: pulumi.CustomResourceOptions];

/** A resource class made of a definition. */
export interface ResourceClass<Args, Outputs> {
  new (name: string, ...rest: Optional<Args>): pulumi.CustomResource & Attributes<Args, Outputs>;
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
}

/**
 * The class of a resource. It is a custom resource with a constant provider text beside its properties, and not a `dynamic.Resource`: that one
 * would copy the provider's code, by value, into every resource's state twice.
 */
export function resourceClass<Args, Outputs>(definition: Definition): ResourceClass<Args, Outputs> {
  const type = `pulumi-nodejs:${definition.type}`;

  class TwilioResource extends pulumi.CustomResource {
    constructor(name: string, args: Props = {}, options: pulumi.CustomResourceOptions = {}) {
      const isGet = options.id !== undefined;
      super(
        type,
        name,
        {
          ...blank(definition),
          ...(isGet ? {} : inputs(definition, type, name, args, options)),
          __provider: isGet ? providerText(definition) : afterProgramCheck(providerText(definition)),
        },
        options,
      );
      for (const [output, from] of Object.entries(derivedOutputs(definition))) {
        // Made when it is asked for: an output costs the SDK a millisecond, and most are never read.
        Object.defineProperty(this, output, { get: () => this.id.apply(from), enumerable: true });
      }
    }

    static get(name: string, id: pulumi.Input<pulumi.ID>, options?: pulumi.CustomResourceOptions): unknown {
      return new this(name, {}, { ...options, id });
    }

    static override isInstance(value: unknown): value is pulumi.CustomResource {
      return pulumi.Resource.isInstance(value) && (value as { __pulumiType?: string }).__pulumiType === type;
    }
  }
  return withoutStackTrace(TwilioResource) as unknown as ResourceClass<Args, Outputs>;
}

/** The text that the engine keeps in state and evaluates to find the provider. It is frozen: old states name it for ever. */
export function providerText(definition: Definition): string {
  const name = definition.type.slice(definition.type.lastIndexOf(":") + 1);
  // From the program's folder, else from where @pulumi/pulumi lies: under pnpm a package of a package is found only from there.
  return `module.exports=require(require.resolve('pulumi-twilio-conversations/provider',{paths:['.',process.argv[1]]})).${name}`;
}

/** Every property, not set: the SDK fills only properties that it was told of. */
function blank(definition: Definition): Props {
  const names = [...Object.keys(definition.fields).map(topLevel), ...Object.keys(definition.outputs), "sid", "accountSid"];
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** The SID ends every id, and what else an id tells stays known in previews in which other outputs do not. */
function derivedOutputs(definition: Definition): Record<string, (id: string) => string> {
  return { sid: (id) => id.slice(id.lastIndexOf("/") + 1), ...definition.derived };
}

function inputs(definition: Definition, type: string, name: string, args: Props, options: pulumi.CustomResourceOptions): Props {
  const wrong = checkProgram(definition, name, args);
  const given = { ...args };
  if (wrong) given[wrong.property] = failing(new UsageError(`${name}: ${wrong.property} ${wrong.reason}`));
  const parent = parentProperty(definition);
  if (parent && pulumi.Resource.isInstance(given[parent])) given[parent] = (given[parent] as pulumi.CustomResource).id;
  // Also where it is not kept in the state, for the provider to tell this resource from others of the run.
  const urn = urnOf(name, type, options.parent);
  given.__urn = urn;
  if (definition.autoname && given[definition.autoname] === undefined && given.adopt === undefined && !definition.unnamed?.(given)) {
    given[definition.autoname] =
      typeof urn === "string" ? autoname(name, urn) : pulumi.output(urn).apply((known) => autoname(name, known as string));
  }
  return claim(definition, name, given, args, options);
}

/**
 * The URN that the engine will give. The parent's is taken without the dependency that comes with it: to depend on a component is to wait for
 * all that lies within, this resource too.
 */
function urnOf(name: string, type: string, parent: pulumi.Resource | undefined): pulumi.Input<string> {
  if (parent === undefined) return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${type}::${name}`;
  const within = new Promise<string>((resolve) => parent.urn.apply(resolve));
  return pulumi.createUrn(name, type, within);
}

/** A name that tells people the resource and that only this resource of this stack has. */
function autoname(name: string, urn: string): string {
  return `${name}~${createHash("sha256").update(urn).digest("hex").slice(0, 7)}`;
}

/**
 * Keeps the stack trace out of what is registered: it would be two thirds of a resource's state, and the engine rewrites the whole state
 * after each step.
 */
function withoutStackTrace<T extends new (...args: never[]) => object>(Class: T): T {
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
