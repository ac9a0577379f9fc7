/** The engine's state, and what a program registers. */
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import type { DynamicProvider } from "../../src/core/provider/dynamic-provider";

/** A resource in the state. */
export interface Resource {
  readonly urn: string;
  readonly name: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: Props;
  readonly outputs: Props;
  /** The names of the resources that it depends on. */
  readonly deps: readonly string[];
  /** Properties that the engine encrypts. */
  readonly secret: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  /** Why it is incomplete: the next update completes it, even if the diff reports no change. */
  readonly initErrors?: readonly string[] | undefined;
  /** It was replaced, and is to be deleted. */
  readonly delete?: true;
  /** It was deleted, and is to be created again. */
  readonly pendingReplacement?: true;
}

/** What the backend keeps of a stack. */
export interface Snapshot {
  readonly resources: Resource[];
  /** Operations that had begun when it was saved. */
  readonly pending: { readonly urn: string; readonly type: "creating" | "updating" | "deleting" }[];
}

/** Resource options. */
export interface Options {
  readonly ignoreChanges: readonly string[];
  /** Former names. */
  readonly aliases: readonly string[];
  readonly protect: boolean;
  readonly retainOnDelete: boolean;
  readonly deleteBeforeReplace?: boolean | undefined;
  /** Properties whose values are secret. */
  readonly secret: readonly string[];
}

/** A resource that a program declares. Its arguments follow from the outputs of those it depends on. */
export interface Declared {
  readonly name: string;
  readonly definition: Definition;
  readonly deps: readonly string[];
  readonly args: (of: (name: string) => Props) => Props;
  readonly options: Options;
}

/** A resource during an operation. */
export interface Registration {
  readonly declared: Declared;
  readonly urn: string;
  readonly old: Resource | undefined;
  readonly provider: DynamicProvider;
}

export { lastSid } from "../../src/core/lifecycle/props";

/** The project of all programs. */
const project = "simulation";

export const urnOf = (stack: string, definition: Pick<Definition, "type">, name: string): string =>
  `urn:pulumi:${stack}::${project}::pulumi-nodejs:${definition.type}::${name}`;

/** The state after `pulumi stack rename`. */
export function renamed({ resources, pending }: Snapshot, from: string, to: string): Snapshot {
  const rename = (urn: string) => urn.replace(`urn:pulumi:${from}::`, `urn:pulumi:${to}::`);
  return {
    resources: resources.map((resource) => ({ ...resource, urn: rename(resource.urn) })),
    pending: pending.map((operation) => ({ ...operation, urn: rename(operation.urn) })),
  };
}

/** Sets ignored properties to what the state has: `ignoreChanges` with paths of one or two names. */
export function resetIgnored(news: Props, olds: Props, ignored: readonly string[]): Props {
  const result = structuredClone(news);
  for (const path of ignored) {
    const [top = "", nested] = path.split(".");
    if (nested === undefined) {
      resetKey(result, olds, top);
      continue;
    }
    const [to, from] = [result[top], olds[top]];
    if (typeof to === "object" && to !== null && typeof from === "object" && from !== null) resetKey(to as Props, from as Props, nested);
  }
  return result;
}

function resetKey(to: Props, from: Props, key: string): void {
  if (key in from) to[key] = from[key];
  else delete to[key];
}

/**
 * The resources with secrets as the backend stores them: the engine has encrypted what the program marked, in inputs and in outputs. A resource
 * without secrets may have the value of another one because it adopted its object.
 */
export function masked({ resources }: Snapshot): string {
  const mask = (props: Resource["inputs"], secret: readonly string[]) =>
    Object.fromEntries(Object.entries(props).map(([key, value]) => [key, secret.includes(key) ? "[secret]" : value]));
  return JSON.stringify(
    resources
      .filter(({ secret }) => secret.length > 0)
      .map((one) => ({ ...one, inputs: mask(one.inputs, one.secret), outputs: mask(one.outputs, one.secret) })),
  );
}
