import type * as pulumi from "@pulumi/pulumi";
import type { Definition } from "../lifecycle/definition";
import { parentProperty } from "../lifecycle/parents";
import type { Props } from "../lifecycle/props";
import { type DeclaredSet, type KindOfProgram, placeDigest } from "../sets/declared";
import type { SetDefinition } from "../sets/set-definition";
import { itemsOf } from "../sets/set-inputs";
import { identifyParent } from "./claims";
import { isLater } from "./inspect";
import { programChecked } from "./program-check";
import { currentRun } from "./run";

/** The names that a resource had, as far as its aliases are plain values. */
const formerNames = ({ aliases }: pulumi.CustomResourceOptions): string[] =>
  (Array.isArray(aliases) ? aliases : []).flatMap((alias: unknown) => {
    const name = typeof alias === "string" ? alias.slice(alias.lastIndexOf("::") + 2) : (alias as pulumi.Alias | undefined)?.name;
    return typeof name === "string" ? [name] : [];
  });

/** What the program has declared of a kind; `type` is that of the resource of one object. */
function kindOf(type: string) {
  const { kinds } = currentRun();
  const known = kinds.get(type) ?? { sets: [], resources: [] };
  kinds.set(type, known);
  return known;
}

/** Notes a resource of one object for the sets of its kind. */
export function noteResource({ type }: Definition, name: string, options: pulumi.CustomResourceOptions): void {
  kindOf(type).resources.push(name, ...formerNames(options));
}

/** Notes a set; what it is told of its kind resolves once everything that the program declares at once is known. */
export function noteSet({ item }: SetDefinition, name: string, args: Props, options: pulumi.CustomResourceOptions): Promise<KindOfProgram> {
  const kind = kindOf(item.type);
  const formerly = formerNames(options);
  kind.sets.push({ name, ...(formerly.length > 0 ? { formerly } : {}), ...contentsOf(item, args) });
  return programChecked().then(() => ({
    ...(kind.sets.length > 1 ? { sets: kind.sets } : {}),
    ...(kind.resources.length > 0 ? { resources: kind.resources } : {}),
  }));
}

function contentsOf(item: Definition, args: Props): Pick<DeclaredSet, "items" | "parent"> {
  if (isLater(args.items)) return {};
  const items = Object.entries(itemsOf(args));
  const property = parentProperty(item);
  const declareOwn = items.some(([, one]) => property !== undefined && (isLater(one) || (one as Props | null)?.[property] !== undefined));
  const parent = declareOwn || property === undefined ? undefined : args[property] === undefined ? "" : identifyParent(args[property]);
  const digests = items.map(([key, one]) => [key, isLater(one) ? "" : placeDigest(item, { ...(one as Props) })]);
  return { items: Object.fromEntries(digests), ...(typeof parent === "string" ? { parent } : {}) };
}
