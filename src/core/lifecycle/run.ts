import type { StateResource } from "../process/backend";
import type { EngineRequest } from "../process/engine-requests";
import type { Context } from "./definition";
import type { MissingObjects } from "./missing";

/** What a run provides to all resources. */
export interface Run extends Pick<Context, "twilio" | "notes" | "account" | "recordDone" | "lock"> {
  readonly missing: MissingObjects;
  log(severity: "info" | "warn" | "debug", message: string, urn?: string): void;
  /** Whether a check may ask Twilio about the objects that properties name. Default: no. */
  readonly previewLookups?: boolean;
  /** The engine's last request about an object, where it can be had. */
  requestAbout?(id: string): EngineRequest | undefined;
  /** The resource that has an object according to the backend's states, where they can be read without a request. */
  holderInBackend?(id: string, own: string | undefined): { readonly urn: string } | undefined;
  /** The resources of the stack that a URN is of, from the backend's states, where they can be read without a request. */
  resourcesOfStack?(urn: string): readonly StateResource[];
  /** A digest of the organization and the backend. */
  placeOf(organization: string | undefined): string;
}
