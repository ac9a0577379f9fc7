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
  const known = kinds.get(type) ?? { sets: [], resources: [], objects: [] };
  kinds.set(type, known);
  return known;
}

/** Notes a resource of one object for the sets of its kind. */
export function noteResource(definition: Definition, name: string, args: Props, options: pulumi.CustomResourceOptions): void {
  const { resources, objects } = kindOf(definition.type);
  resources.push(name, ...formerNames(options));
  // Most programs have no exclusive set, and need no digest.
  objects.push(() => ({ name, place: placeDigest(definition, args), ...parentOf(definition, args) }));
}

/** Notes a set; what it is told of its kind resolves once everything that the program declares at once is known. */
export function noteSet({ item }: SetDefinition, name: string, args: Props, options: pulumi.CustomResourceOptions): Promise<KindOfProgram> {
  const kind = kindOf(item.type);
  const formerly = formerNames(options);
  const isExclusive = args.exclusive !== undefined && args.exclusive !== false;
  kind.sets.push({ name, ...(formerly.length > 0 ? { formerly } : {}), ...contentsOf(item, args) });
  return programChecked().then(() => ({
    ...(kind.sets.length > 1 || isExclusive ? { sets: kind.sets } : {}),
    ...(isExclusive ? { objects: kind.objects.map((object) => object()) } : {}),
    ...(kind.resources.length > 0 ? { resources: kind.resources } : {}),
  }));
}

function contentsOf(item: Definition, args: Props): Pick<DeclaredSet, "items" | "parent"> {
  if (isLater(args.items)) return {};
  const items = Object.entries(itemsOf(args));
  const property = parentProperty(item);
  const declareOwn = items.some(([, one]) => property !== undefined && (isLater(one) || (one as Props | null)?.[property] !== undefined));
  const digests = items.map(([key, one]) => [key, isLater(one) ? "" : placeDigest(item, { ...(one as Props) })]);
  return { items: Object.fromEntries(digests), ...(declareOwn ? {} : parentOf(item, args)) };
}

/** What the arguments of a set or a resource name as the parent, as far as it can be compared. */
function parentOf(item: Definition, args: Props): Pick<DeclaredSet, "parent"> {
  const property = parentProperty(item);
  if (property === undefined) return {};
  const parent = args[property] === undefined ? "" : identifyParent(args[property]);
  return parent === undefined ? {} : { parent };
}
