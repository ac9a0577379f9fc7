import type { CustomResource, CustomResourceOptions } from "@pulumi/pulumi";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { EmulatorClient } from "../engine/twilio";
import type { Fixture, Prepared } from "./fixture";

/** The arguments of a resource, by name. */
export type Args = Record<string, unknown>;

/** An object at Twilio, as Twilio's own library returns it. */
export type Body = Record<string, unknown>;

/** The arguments of one resource of the program. */
export type ArgsOf = (fixture: Fixture, name: string) => Args;

/** What is known of the account when an assertion runs. */
export interface Known extends Prepared {
  /** The id of a resource of the program. */
  idOf(name: string): string;
}

/** A property that Twilio can update. */
export interface UpdateCase {
  /** Two values that the program declares one after the other, or functions that compute them from the {@link Fixture}. */
  readonly values: readonly [unknown, unknown];
  /** The arguments beside the property. Default: the subject's own. */
  readonly args?: ArgsOf;
  /** The property has only one other value than its default, so that the program alternates between declaring it and not. */
  readonly isDefaultOtherwise?: true;
  /** A value below the last one does nothing, so that the program declares the values in this order. */
  readonly isForwardOnly?: true;
  /** The program cannot leave the property out. */
  readonly required?: true;
  /** Reads the property from an object at Twilio. Default: the property of the same name. */
  readonly read?: (body: Body) => unknown;
  /** What that returns for the two values, or functions that compute it from {@link Known}. Default: the values. */
  readonly expected?: readonly [unknown, unknown];
  /** What that returns while the program declares no value. Default: null; for a singleton the value before the program ran. */
  readonly unset?: unknown;
  /** How many form keys an update of the property sends to the object. Default: 1. */
  readonly sends?: number;
  /** Twilio cannot clear the property: when the program no longer declares it, nothing is sent and the value stays. */
  readonly stays?: true;
}

/** A change of arguments that replaces the resource. */
export type ReplacementCase = (fixture: Fixture, name: string) => readonly [before: Args, after: Args];

/** A property whose change sends nothing, because it matters at creation or deletion only. */
export interface UnsentCase {
  readonly values: readonly [unknown, unknown];
  /** The arguments beside the property. Default: the subject's own. */
  readonly args?: ArgsOf;
  /** The form key and value by which the create request carries the first value. Default: the request does not carry it. */
  readonly sentAtCreation?: readonly [key: string, value: string];
}

/** Two ways to write the same value: to change from one to the other plans nothing. */
export type EquivalentCase = Pick<UpdateCase, "values" | "args">;

/** What the conformance suite must know about one type of resource. */
export interface Subject {
  readonly definition: Definition;
  /** Pulumi's type token, which never changes. */
  readonly type: string;
  /** The form of its ids. */
  readonly id: RegExp;
  /** A valid id of no object, and the error that `get` reports for it. Default: the account has none. */
  readonly missing: { readonly id: string; readonly error?: (accountSid: string) => string };
  readonly create: (name: string, args: Args, options?: CustomResourceOptions) => CustomResource;
  readonly get: (name: string, id: string, options?: CustomResourceOptions) => CustomResource;
  /** The least arguments. */
  readonly args: ArgsOf;
  /** By property, `timers.inactive`. */
  readonly updates: Readonly<Record<string, UpdateCase>>;
  /** By property, or by the group that the program switches from. */
  readonly replacements: Readonly<Record<string, ReplacementCase>>;
  /** A replacement deletes the old object first. */
  readonly deletesFirst?: true;
  /** By property. */
  readonly unsent: Readonly<Record<string, UnsentCase>>;
  /** By property. */
  readonly equivalents?: Readonly<Record<string, EquivalentCase>>;
  /** A change that somebody makes in Twilio's Console, the property that shows it, and the value that the program declares. */
  readonly drift?: {
    readonly property: string;
    readonly declared: unknown;
    readonly change: (twilio: EmulatorClient, id: string) => Promise<unknown>;
  };
  /** Whether a request updates or deletes the object. Default: its path ends with the object's SID. */
  readonly isAbout?: (path: string, id: string) => boolean;
  /** The id of a singleton that belongs to something else than the account. */
  readonly idBefore?: (prepared: Prepared) => string;
  /** The object as Twilio's own library returns it; undefined if it does not exist. */
  readonly fetch: (twilio: EmulatorClient, id: string) => Promise<Body | undefined>;
  /** Deletes the object. Absent for a singleton. */
  readonly remove?: (twilio: EmulatorClient, id: string) => Promise<unknown>;
  /** The SIDs of all objects of this type. */
  readonly list: (twilio: EmulatorClient) => Promise<readonly string[]>;
  /** Destroy keeps the object and reports it in these words; or, for a singleton, restores its former values. */
  readonly kept?: RegExp;
}

/** The class name, `PhoneNumber`. */
export const kindOf = ({ type }: Pick<Subject, "type">): string => type.slice(type.lastIndexOf(":") + 1);
