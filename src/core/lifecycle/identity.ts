import { hash } from "node:crypto";
import type { Props } from "./props";

/** The hidden input by which a resource is recognized: a digest of its URN, which alone would be a tenth of its state. */
export const identityKey = "__id";

/** 48 bits of the URN's digest: one chance in five million that two of 10,000 resources share it. */
export const identityOf = (urn: string): string => hash("sha256", urn, "base64url").slice(0, 8);

/** The hidden input by which the program tells the provider the URN. Of a set, the outputs keep it; a resource of one object has its digest only. */
export const urnKey = "__urn";

/** The hidden input by which the program tells the provider about the run. It does not reach the state. */
export const runKey = "__run";

/** What the program knows of the run, and the provider does not. */
export interface ProgramRun {
  /** The organization of the stack; absent without an engine. */
  readonly organization?: string;
  readonly isPreview?: boolean;
}

/** Replaces the URN that the program sends by its digest, and removes what is about the run. */
export function withIdentity({ __urn: urn, [runKey]: _run, ...inputs }: Props): Props {
  return typeof urn === "string" ? { ...inputs, [identityKey]: identityOf(urn) } : inputs;
}

/**
 * What one run knows of the resources of one kind and of the objects that they have. The engine names no resource when it compares, creates or
 * deletes, so the checks before that and the identity in the inputs connect them.
 */
export interface RunRegistry {
  /** The engine checks a resource: with `olds` empty when it is new, and once more with `olds` empty when it is to be replaced. */
  recordCheck(urn: string | undefined, olds: Props): void;
  /** The engine compares a resource with its object, and retains that object unless the resource is replaced. */
  recordComparison(id: string, inputs: Props, isReplaced: boolean): void;
  /** Some resource of the stack has this object. */
  recordSeen(id: string): void;
  /** A create of this run made or took over this object. */
  recordCreated(id: string): void;
  /** Whether some resource has, or had, this object. */
  has(id: string): boolean;
  /** The URN of the resource that has this object; empty where it is not known by name. `undefined`: this run knows of none. */
  holderOf(id: string): string | undefined;
  /** Whether a resource has this object and retains it, even if another resource that had it goes. */
  isRetained(id: string): boolean;
  /** Whether the resource that has this object is to be replaced, so that another one may get its place. */
  isReplaced(id: string): boolean;
  /** The object that a resource of these inputs replaces; `undefined` for a new resource. The engine may not have named the object's id. */
  replacedBy(inputs: Props): { readonly id: string | undefined } | undefined;
  /** Whether the engine has checked a resource of these inputs in this run. */
  wasChecked(inputs: Props): boolean;
  /** Whether the engine has checked a resource of this URN in this run, so that the program declares it. */
  isDeclared(urn: string): boolean;
  /** The URN of the resource that has these inputs, where this run has checked it. */
  urnOf(inputs: Props): string | undefined;
}

export function runRegistry(): RunRegistry {
  const known = new Set<string>();
  const created = new Set<string>();
  const retained = new Set<string>();
  const urns = new Map<unknown, string>();
  /** Resources that are in the state, and the objects that they were compared with. */
  const existing = new Set<string>();
  const objects = new Map<string, string>();
  /** The resources by their objects: two of them while one takes over what the other has. */
  const owners = new Map<string, Set<string>>();
  const replaced = new Map<string, { readonly id: string | undefined }>();
  const urnOf = (inputs: Props) => urns.get(inputs[identityKey]);

  return {
    recordCheck(urn, olds) {
      if (urn === undefined) return;
      urns.set(identityOf(urn), urn);
      if (Object.keys(olds).length > 0) {
        existing.add(urn);
      } else if (existing.has(urn)) {
        const id = objects.get(urn);
        replaced.set(urn, { id });
        if (id !== undefined) retained.delete(id);
      }
    },
    recordComparison(id, inputs, isReplaced) {
      known.add(id);
      const urn = urnOf(inputs);
      if (urn !== undefined && objects.get(urn) !== id) {
        owners.get(objects.get(urn) ?? "")?.delete(urn);
        objects.set(urn, id);
        owners.set(id, (owners.get(id) ?? new Set()).add(urn));
      }
      if (isReplaced) retained.delete(id);
      else retained.add(id);
    },
    recordSeen: (id) => void known.add(id),
    recordCreated(id) {
      known.add(id);
      created.add(id);
    },
    has: (id) => known.has(id),
    holderOf(id) {
      if (!known.has(id)) return undefined;
      const [first = ""] = owners.get(id) ?? [];
      return first;
    },
    isRetained: (id) => created.has(id) || retained.has(id),
    isReplaced: (id) => [...replaced.values()].some((one) => one.id === id),
    replacedBy(inputs) {
      const urn = urnOf(inputs);
      return urn === undefined ? undefined : replaced.get(urn);
    },
    wasChecked: (inputs) => urnOf(inputs) !== undefined,
    isDeclared: (urn) => urns.get(identityOf(urn)) === urn,
    urnOf,
  };
}
