import type { CatalogEntry } from "../../../catalog";
import type { Props } from "../../../core/lifecycle/props";
import { oneLine } from "../../../core/process/printable";
import type { Body } from "../../../core/twilio/twilio";

/** An object at Twilio, read from Twilio or from another program's state. */
export interface FoundObject {
  readonly entry: CatalogEntry;
  /** Unset for a singleton, and for the default parent of objects whose state names none. */
  readonly sid?: string;
  /** As Twilio reports it. Unset for an object that the program only refers to. */
  readonly body?: Body;
  /** Its name in another program. */
  readonly name?: string;
  /** Arguments that Twilio does not report and another program's state does. */
  readonly args?: Props;
  /** Properties whose value is the default of the account or of the parent. */
  readonly inherited?: readonly string[];
  /** Whether it is the account's default object of its type. */
  readonly isDefault?: boolean;
  readonly children: readonly FoundObject[];
}

/** An object, or objects, that the program leaves out. */
export interface LeftOut {
  /** What they are, in the plural. */
  readonly what: string;
  /** The class whose objects no program declares; unset where other objects of the type are declared. */
  readonly className?: string;
  /** Unset where Twilio does not report it. */
  readonly count?: number;
  readonly why: string;
}

/** The part of an account that becomes a program. */
export interface Account {
  /** `AC…`; unset where it is not known. */
  readonly accountSid?: string;
  /** The objects that have no parent, in the catalog's order of types. */
  readonly objects: readonly FoundObject[];
  readonly leftOut: readonly LeftOut[];
  /** What is wrong with some of the objects. */
  readonly warnings?: readonly string[];
}

/** Counts what is left out, by what it is and why. */
export class LeftOutTally {
  readonly #counts = new Map<string, LeftOut & { count: number }>();

  add(what: string, why: string, count = 1): void {
    if (count === 0) return;
    const [shownWhat, shownWhy] = [oneLine(what), oneLine(why)];
    const key = `${shownWhat}: ${shownWhy}`;
    this.#counts.set(key, { what: shownWhat, why: shownWhy, count: (this.#counts.get(key)?.count ?? 0) + count });
  }

  get all(): readonly LeftOut[] {
    return [...this.#counts.values()];
  }
}
