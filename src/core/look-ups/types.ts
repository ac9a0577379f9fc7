import type { CustomResource, Input, Unwrap } from "@pulumi/pulumi";
import type { TwilioProvider } from "../registration/twilio-provider";

/** Options of every look-up. */
export interface LookUpOptions {
  /** The account to ask. Default: the stack's own. */
  provider?: TwilioProvider | undefined;
}

/** Options of the look-ups that return an output. */
export interface LookUpOutputOptions extends LookUpOptions {
  /** Resources that must exist before Twilio is asked. Those that the arguments come from need not be named. */
  dependsOn?: CustomResource | CustomResource[] | undefined;
}

/** Options of a list. */
export interface ListArgs {
  /** The most objects to return, 1 or more. Default: all. Twilio is asked for no more pages than they need. */
  limit?: number | undefined;
}

// A condition on the bare type would turn an output of a boolean into an output of true or of false.
type InputOf<T> = [NonNullable<T>] extends [object] ? Input<{ [K in keyof NonNullable<T>]: InputOf<NonNullable<T>[K]> }> : Input<T>;

/** The arguments of a look-up, each of which may also be an output or a promise. `Resources` are those that may stand for their ids. */
export type LookUpInputs<Args, Resources = Record<never, never>> = {
  [K in keyof Args]: InputOf<Args[K]> | (K extends keyof Resources ? Input<Resources[K]> : never) | undefined;
};

/** What only a resource has: Twilio does not return it. */
type OnlyDeclared = "adopt" | "onDelete" | "forceDestroy";

// All keys of a union, and the type behind one of them.
type Keys<A> = A extends unknown ? keyof A : never;
type Argument<A, K> = A extends unknown ? (K extends keyof A ? A[K] : undefined) : never;

/** An object as Twilio has it: the properties of its resource, as plain values, without those that Twilio does not return. */
export type LookUpResult<Args, Outputs, Unreturned = never> = { readonly id: string } & {
  readonly [K in Exclude<keyof Outputs | Keys<Args>, OnlyDeclared | Unreturned>]: K extends keyof Outputs
    ? Outputs[K]
    : Unwrap<Argument<Args, K>>;
};
