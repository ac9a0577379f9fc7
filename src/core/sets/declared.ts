import type { Definition } from "../lifecycle/definition";
import { identityOf, type ProgramRun } from "../lifecycle/identity";
import { identifying } from "../lifecycle/pending-create";
import { get, isUnknown, type Props } from "../lifecycle/props";

/** A set as its program declares it. */
export interface DeclaredSet {
  readonly name: string;
  /** The names that it had before, according to its aliases. */
  readonly formerly?: readonly string[];
  /** What all its items are in: an id, `resource 2`, or empty for Twilio's default. Absent where that is not known. */
  readonly parent?: string;
  /** For each key a digest of what identifies the item, else empty. Absent where the program does not know its items yet. */
  readonly items?: Readonly<Record<string, string>>;
}

/**
 * What the program tells a set of its kind. The engine compares one resource after the other, so that a provider learns too late what another
 * set declares, or no longer does.
 */
export interface KindOfProgram {
  /** All sets of the kind, this one too; absent where there is no other. */
  readonly sets?: readonly DeclaredSet[];
  /** The names of the resources of one object, with those that they had before; absent where there is none. */
  readonly resources?: readonly string[];
  /** The same with what identifies them, for an exclusive set. */
  readonly objects?: readonly DeclaredObject[];
}

/** A resource of one object as its program declares it. */
export interface DeclaredObject extends Pick<DeclaredSet, "name" | "parent"> {
  /** A digest of what identifies it, else empty. */
  readonly place: string;
}

/** The hidden input of a set about the run. */
export type SetProgramRun = ProgramRun & KindOfProgram;

/** A digest of what only one object under a parent can have; empty where nothing is, or where it is not known. */
export function placeDigest({ list }: Definition, props: Props): string {
  if (!list || list.allowsDuplicates?.(props)) return "";
  const values = identifying(list).map((property) => get(props, property) ?? null);
  const isKnown = values.every((value) => value === null || (typeof value === "string" && !isUnknown(value)));
  return isKnown && values.some((value) => value !== null) ? identityOf(JSON.stringify(values)) : "";
}

/** The name in a URN. */
export const nameOf = (urn: string): string => urn.slice(urn.lastIndexOf("::") + 2);

const setNamed = ({ sets = [] }: KindOfProgram, name: string): DeclaredSet | undefined =>
  sets.find((set) => set.name === name || set.formerly?.includes(name));

/** Whether the program still declares what a set of the state has under a key; `undefined` where it names no such set. */
export function declaresItem(kind: KindOfProgram, setUrn: string, key: string): boolean | undefined {
  const set = setNamed(kind, nameOf(setUrn));
  return set && (set.items === undefined || Object.hasOwn(set.items, key));
}

/** The names of the other sets that declare an item of this key or in this place, under what may be the same parent. */
export function setsWanting(
  item: Definition,
  kind: KindOfProgram,
  former: { readonly key: string; readonly outputs: Props },
  ownUrn: string,
): string[] {
  const own = setNamed(kind, nameOf(ownUrn));
  const place = placeDigest(item, former.outputs);
  return (kind.sets ?? []).flatMap((set) => {
    const { name, items = {} } = set;
    if (set === own || isElsewhere(own, set)) return [];
    return Object.hasOwn(items, former.key) || (place !== "" && Object.values(items).includes(place)) ? [name] : [];
  });
}

/** What else in the program declares an object that a list shows, under what may be the same parent. */
export function declarerOf(item: Definition, kind: KindOfProgram, live: Props, ownUrn: string): string | undefined {
  const own = setNamed(kind, nameOf(ownUrn));
  const place = placeDigest(item, live);
  if (place === "") return undefined;
  const isHere = (one: Pick<DeclaredSet, "parent">) => one !== own && !isElsewhere(own, one);
  const set = kind.sets?.find((one) => isHere(one) && Object.values(one.items ?? {}).includes(place));
  const name = (set ?? kind.objects?.find((one) => isHere(one) && one.place === place))?.name;
  return name === undefined ? undefined : `${JSON.stringify(name)} of this program`;
}

const isResource = (parent: string) => parent.startsWith("resource ");

/** Whether the items of two sets have certainly different parents. A resource may be what an id names. */
function isElsewhere(one: Pick<DeclaredSet, "parent"> | undefined, other: Pick<DeclaredSet, "parent">): boolean {
  if (one?.parent === undefined || other.parent === undefined) return false;
  return isResource(one.parent) === isResource(other.parent) && one.parent !== other.parent;
}
