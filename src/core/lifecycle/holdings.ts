import type { Props } from "./definition";
import { stable } from "./props";

/**
 * What one run knows of the objects of one kind: which of them resources of the stack have, as far as the engine has told by now. It names no
 * resource when it deletes or creates, so what it asked before tells them apart.
 */
export interface Holdings {
  /** The engine checks a resource: with nothing known of it when it is new, and a second time like that when it is to be replaced. */
  checked(olds: Props, news: Props, inputs: Props): void;
  /** The engine compares a resource that has this object, and keeps it unless it is replaced. */
  compared(id: string, inputs: Props, isReplaced: boolean): void;
  /** Some resource has this object. */
  recordSeen(id: string): void;
  /** A create made this object, or took it over. */
  recordCreated(id: string): void;
  /** Whether some resource has, or had, this object. */
  has(id: string): boolean;
  /** Whether a resource has this object and keeps it, even if another one that had it goes. */
  isRetained(id: string): boolean;
  /** What is replaced by what is made of these inputs; nothing where they are those of a new resource. The engine may not have told its id. */
  replacedBy(inputs: Props): { readonly id: string | undefined } | undefined;
  /** The resource that was checked with these inputs as the result. */
  urnOf(inputs: Props): string | undefined;
}

export function holdings(): Holdings {
  const known = new Set<string>();
  const taken = new Set<string>();
  const staying = new Set<string>();
  /** Resources by the inputs that came of their check. */
  const urns = new Map<string, string>();
  /** Resources that are in the state, and the objects that they were compared with. */
  const existing = new Set<string>();
  const objects = new Map<string, string>();
  const replaced = new Map<string, { readonly id: string | undefined }>();

  return {
    checked(olds, news, inputs) {
      const urn = news.__urn;
      if (typeof urn !== "string") return;
      urns.set(stable(inputs), urn);
      if (Object.keys(olds).length > 0) {
        existing.add(urn);
      } else if (existing.has(urn)) {
        const id = objects.get(urn);
        replaced.set(stable(inputs), { id });
        if (id !== undefined) staying.delete(id);
      }
    },
    compared(id, inputs, isReplaced) {
      known.add(id);
      const urn = urns.get(stable(inputs));
      if (urn !== undefined) objects.set(urn, id);
      if (isReplaced) staying.delete(id);
      else staying.add(id);
    },
    recordSeen: (id) => void known.add(id),
    recordCreated(id) {
      known.add(id);
      taken.add(id);
    },
    has: (id) => known.has(id),
    isRetained: (id) => taken.has(id) || staying.has(id),
    replacedBy: (inputs) => replaced.get(stable(inputs)),
    urnOf: (inputs) => urns.get(stable(inputs)),
  };
}
