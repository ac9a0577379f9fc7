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
  see(id: string): void;
  /** A create made this object, or took it over. */
  took(id: string): void;
  /** Whether some resource has, or had, this object. */
  has(id: string): boolean;
  /** Whether a resource has this object and keeps it, even if another one that had it goes. */
  keeps(id: string): boolean;
  /** Whether these are the inputs of a replacement, and whether the engine has told which object is replaced: told to replace, it need not. */
  replaces(inputs: Props): "nothing" | "what is known" | "what is not known";
  /** The resource that was checked with these inputs as the result. */
  urnOf(inputs: Props): string | undefined;
}

export function holdings(): Holdings {
  const known = new Set<string>();
  const taken = new Set<string>();
  const urns = new Map<string, string>();
  const replacements = new Map<string, "what is known" | "what is not known">();
  /** What a resource that exists declares, and the inputs that came of it. */
  const existing = new Map<string, string>();
  /** Those inputs, and the object that they were compared with. */
  const compared = new Map<string, string>();
  const staying = new Set<string>();

  return {
    checked(olds, news, inputs) {
      const [before, after] = [stable(news), stable(inputs)];
      if (typeof news.__urn === "string") urns.set(after, news.__urn);
      if (Object.keys(olds).length > 0) {
        existing.set(before, after);
        return;
      }
      const declared = existing.get(before);
      if (declared === undefined) return;
      const id = compared.get(declared);
      replacements.set(after, id === undefined ? "what is not known" : "what is known");
      if (id !== undefined) staying.delete(id);
    },
    compared(id, inputs, isReplaced) {
      known.add(id);
      compared.set(stable(inputs), id);
      if (!isReplaced) staying.add(id);
    },
    see: (id) => void known.add(id),
    took(id) {
      known.add(id);
      taken.add(id);
    },
    has: (id) => known.has(id),
    keeps: (id) => taken.has(id) || staying.has(id),
    replaces: (inputs) => replacements.get(stable(inputs)) ?? "nothing",
    urnOf: (inputs) => urns.get(stable(inputs)),
  };
}
