/** What an operation of the engine works with, and what it plans. */
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import type { DynamicProvider } from "../../src/core/provider/dynamic-provider";
import type { SimulatedProcess } from "./process";
import type { Resource, Snapshot } from "./state";

/** What the engine does with a resource. */
export type Step = "same" | "create" | "update" | "replace" | "delete" | "discard";

/** What a preview announces about one resource: the step, and for an update the paths of the inputs that change. */
export interface Planned {
  readonly step: Step;
  readonly paths: ReadonlySet<string> | "all";
}

/** A plan with what it takes to carry it out. */
export type Plan = Planned & { readonly inputs: Props; readonly deleteBeforeReplace: boolean };

/** Where an operation gets its providers from, and where its state goes. */
export interface Host {
  readonly process: SimulatedProcess;
  readonly stack: { readonly id: string; readonly name: string };
  /** The digest of the organization and the backend that programs send. */
  readonly place: string;
  providerOf(definition: Definition): DynamicProvider;
  definitionOf(type: string): Definition;
  /** The engine tells which resource its next read or delete is about. */
  announceRequest(id: string, urn: string, inputs: Props): void;
  load(): Snapshot;
  save(snapshot: Snapshot): void;
  /** A resource's object leaves the state, and stays at Twilio. */
  letGo(resource: Resource): void;
}

/** Nothing more is begun, because something has failed. */
export class Skipped extends Error {}

/** The provider refuses inputs. */
export class CheckFailed extends Error {}
