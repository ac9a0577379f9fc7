import type * as pulumi from "@pulumi/pulumi";
import type { Definition } from "../lifecycle/definition";

/** A resource of this package that an output belongs to. */
interface Owner {
  readonly resource: pulumi.CustomResource;
  readonly definition: Definition;
}

const owners = new WeakMap<object, Owner>();

/** Notes that an output is the id or the SID of a resource: in a preview, its value is not known yet and does not say so. */
export function nameOwner<T>(output: pulumi.Output<T>, owner: Owner): pulumi.Output<T> {
  owners.set(output, owner);
  return output;
}

/** The resource whose id or SID this is, or the resource itself. */
export function namedBy(value: unknown): Owner | undefined {
  return typeof value === "object" && value !== null ? owners.get(value) : undefined;
}
