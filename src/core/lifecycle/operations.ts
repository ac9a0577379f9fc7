import type { Problem } from "./definition";
import type { ResourceState } from "./objects";
import { get, type Props } from "./props";

/** One property with another value than before, by its dotted name. */
export interface ChangedValue {
  readonly property: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** The answer to the engine's question whether a resource changes. */
export interface Difference {
  /** Properties by their top-level names; empty when there is nothing to do. */
  readonly changes: readonly string[];
  /** The same changes with their values; empty where not a value but the object is gone. */
  readonly values: readonly ChangedValue[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
  /** Only Twilio shows the change: the engine would compare inputs that are equal. */
  readonly isAtTwilio?: boolean;
}

/** How a check is made. */
export interface CheckOptions {
  /** The preview says nothing of what a create will find: the caller knows that there is nothing. */
  readonly isSilent?: boolean;
}

/** What Pulumi asks of any resource, for any definition. Knows neither Pulumi's process nor how requests travel. */
export interface Lifecycle {
  check(olds: Props, news: Props): Promise<{ inputs: Props; problems: Problem[] }>;
  diff(id: string, olds: Props, news: Props): Promise<Difference>;
  create(inputs: Props): Promise<ResourceState>;
  /** Without `inputs`, nothing has drifted and the engine keeps those that it has. */
  read(id: string, known: Props): Promise<{ outputs: Props; inputs?: Props } | undefined>;
  update(id: string, olds: Props, news: Props): Promise<ResourceState>;
  delete(id: string, known: Props): Promise<void>;
}

/** The values behind the names of changed properties. */
export const changesOf = (changed: readonly string[], olds: Props, news: Props): ChangedValue[] =>
  changed.map((property) => ({ property, before: get(olds, property), after: get(news, property) }));
