import type fc from "fast-check";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";

/** A resource with arbitrary arguments. */
export interface ArbitraryResource {
  readonly definition: Definition;
  readonly args: fc.Arbitrary<Props>;
  /** Changes by somebody else, by property: Twilio's parameter, and the path of the value in the response. Omitted if nothing can be changed. */
  readonly drift?: Record<string, { readonly form: Record<string, string>; readonly at: string }>;
  /** The number of generated examples per law. */
  readonly runs: number;
}
