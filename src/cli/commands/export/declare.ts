import type { CatalogEntry } from "../../../catalog";
import { catalogEntries } from "../../../catalog";
import { isRequired, resourceName } from "../../../core/lifecycle/check";
import { parentProperty } from "../../../core/lifecycle/parents";
import type { Props } from "../../../core/lifecycle/props";
import { get } from "../../../core/lifecycle/props";
import { fromBody } from "../../../core/lifecycle/wire";
import type { Body } from "../../../core/twilio/twilio";
import { childEntries, parentEntry, singularOf } from "../../shared/catalog";
import { naturally } from "../../shared/naturally";
import { type Account, type FoundObject, type LeftOut, LeftOutTally } from "./account";
import { argsOf } from "./args";
import { Code } from "./code";
import { type Name, namer } from "./names";
import { References } from "./references";
import { type SecretValue, SecretValues } from "./secret-values";

/** A resource of the program. */
export interface Declaration extends Name {
  readonly className: string;
  /** In the order in which they are written; references are {@link Code}. */
  readonly args: Props;
  readonly comments: readonly string[];
}

/** A part of the program, in one or more files. A group stays in one file. */
export interface Part {
  readonly name: string;
  readonly groups: readonly (readonly Declaration[])[];
}

/** What a program declares, and what it does not. */
export interface Declared {
  readonly accountSid?: string;
  readonly parts: readonly Part[];
  readonly secrets: readonly SecretValue[];
  readonly leftOut: readonly LeftOut[];
  /** What to check before using the program. */
  readonly warnings: readonly string[];
}

/** All resources of the program. */
export const declarationsOf = ({ parts }: Pick<Declared, "parts">): readonly Declaration[] => parts.flatMap(({ groups }) => groups).flat();

/** How many resources of each class there are. */
export function countsOf(declared: Declared): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { className } of declarationsOf(declared)) counts[className] = (counts[className] ?? 0) + 1;
  return counts;
}

/** Makes resources of the objects. Each is adopted by its SID, and refers to its parent and to other resources of the program. */
export function declare(account: Account): Declared {
  const writer = new DeclarationWriter();
  const roots = catalogEntries.filter((entry) => parentEntry(entry) === undefined);
  const objectsOf = (entry: CatalogEntry) => sorted(account.objects.filter((one) => one.entry === entry));
  // Names are unique across the program: the few objects that contain the others get theirs first.
  const containers = roots.filter((entry) => childEntries(entry).length > 0);
  const names = new Map(containers.flatMap(objectsOf).map((found) => [found, writer.nameFor(found)]));
  const parts = roots.flatMap((entry): Part[] => {
    if (!containers.includes(entry))
      return [{ name: entry.facts.plural, groups: objectsOf(entry).map((found) => writer.declareTree(found)) }];
    return objectsOf(entry).map((found) => {
      const name = names.get(found) as Name;
      return { name: name.name, groups: writer.declareContainer(found, name) };
    });
  });
  return {
    ...(account.accountSid === undefined ? {} : { accountSid: account.accountSid }),
    parts: parts
      .map(({ name, groups }) => ({ name, groups: groups.filter((group) => group.length > 0) }))
      .filter(({ groups }) => groups.length > 0),
    secrets: writer.secrets.all,
    leftOut: [...account.leftOut, ...writer.leftOut.all],
    warnings: [...(account.warnings ?? []), ...(writer.markedCount > 0 ? [markedWarning(writer.markedCount)] : [])],
  };
}

/** Objects by type, then by name as people sort it. Twilio lists them in the order of their creation, and keeps that for equal names. */
function sorted(objects: readonly FoundObject[]): FoundObject[] {
  const nameOf = ({ entry: { facts }, body, name }: FoundObject) => {
    const [first] = body ? (facts.export?.names ?? defaultNames)(body).filter((one) => typeof one === "string" && one !== "") : [];
    return name ?? String(first ?? "");
  };
  return objects
    .map((found) => ({ found, type: catalogEntries.indexOf(found.entry), name: nameOf(found) }))
    .sort((a, b) => a.type - b.type || naturally(a.name, b.name))
    .map(({ found }) => found);
}

const markedWarning = (count: number): string =>
  `${count} of them carry the mark of a Pulumi stack. If that stack still manages them, the two stacks undo each other's changes.`;

/** The object that contains another one, as that one's declaration refers to it. */
interface Parent {
  readonly name?: string;
  /** The SIDs from the outermost parent to this one; unset where they are not known. */
  readonly id?: string;
  /** Unset where the program does not declare it. */
  readonly reference?: Code;
}

class DeclarationWriter {
  readonly secrets = new SecretValues();
  readonly leftOut = new LeftOutTally();
  markedCount = 0;
  readonly #nameOf = namer();
  readonly #references = new References(catalogEntries);

  nameFor({ entry, sid, body, name, isDefault }: FoundObject, parent: Parent = {}): Name {
    const { names = defaultNames, isNamedAfterParent } = entry.facts.export ?? {};
    const isSingleton = entry.definition.singleton === true;
    const prefix = (isNamedAfterParent || isSingleton) && parent.name !== undefined ? `${parent.name}-` : "";
    const suffix = isSingleton || sid === undefined ? "" : `-${sid.slice(2, 8)}`;
    const isDefaultObject = isDefault || (sid === undefined && !isSingleton);
    const last = isDefaultObject ? `default-${singularOf(entry)}` : `${singularOf(entry)}${suffix}`;
    const wanted = [...(body ? names(body) : []), last].filter((one) => one !== undefined && one !== null && one !== "");
    return this.#nameOf(name, ...wanted.map((one) => `${prefix}${one}`));
  }

  /** An object's own group, then a group for each of its children. */
  declareContainer(found: FoundObject, name: Name): Declaration[][] {
    const own = this.#declare(found, name, {});
    const parent = parentOf(found, name, {}, own);
    return [own ? [own] : [], ...sorted(found.children).map((child) => this.declareTree(child, parent))];
  }

  /** An object with everything in it, as one group. */
  declareTree(found: FoundObject, parent: Parent = {}): Declaration[] {
    if (found.body && !this.#isSupported(found, parent)) return [];
    const name = this.nameFor(found, parent);
    const own = this.#declare(found, name, parent);
    const here = parentOf(found, name, parent, own);
    return [...(own ? [own] : []), ...sorted(found.children).flatMap((child) => this.declareTree(child, here))];
  }

  #isSupported({ entry, sid, body = {} }: FoundObject, { id }: Parent): boolean {
    const { definition, facts } = entry;
    const { args } = argsOf(definition, body, omittedOf({ entry, body, children: [] }));
    const property = parentProperty(definition);
    const news = { adopt: sid, ...(property && id !== undefined ? { [property]: id } : {}), ...args };
    if ((definition.validate?.(news, {}) ?? []).length === 0) return true;
    this.leftOut.add(facts.export?.unsupported?.(body) ?? facts.plural, "this package does not support them yet");
    return false;
  }

  #declare(found: FoundObject, name: Name, parent: Parent): Declaration | undefined {
    const { entry, body } = found;
    if (!body) return undefined;
    const { definition, facts } = entry;
    const { args, refused } = argsOf(definition, body, omittedOf(found));
    // Settings that nobody has set are not worth a resource.
    if (definition.singleton && Object.keys(args).length === 0) return undefined;
    const missing = Object.keys(definition.fields).find(
      (property) => isRequired(definition, property, args) && !definition.fields[property]?.parent && get(args, property) === undefined,
    );
    if (missing !== undefined) {
      this.leftOut.add(facts.plural, `they have no \`${missing}\`, which a resource requires; what is in them refers to them by SID`);
      return undefined;
    }
    for (const [property, why] of refused) this.leftOut.add(`${property} of ${facts.plural}`, why);
    const before = this.secrets.unread.length;
    const visible = this.secrets.replaceIn(args, [name.name]) as Props;
    const unread = this.secrets.unread.slice(before);
    this.#references.replaceIn(visible, entry);
    this.#references.add(found, name.identifier);
    if (facts.export?.isMarked?.(body)) this.markedCount += 1;
    return {
      ...name,
      className: resourceName(definition),
      args: { ...adoptArg(found, parent), ...parentArg(entry, parent), ...visible, ...found.args },
      comments: [
        ...(found.isDefault && facts.accountDefault ? [facts.accountDefault.comment] : []),
        ...refused.map(([property, why]) => `Without \`${property}\`: ${why}.`),
        ...this.#unreadable(found),
        ...this.#unread(facts.plural, unread),
      ],
    };
  }

  #unreadable({ entry: { facts }, body = {}, args = {} }: FoundObject): string[] {
    const unknown = (facts.export?.unreadable?.(body) ?? []).filter(({ property }) => args[property] === undefined);
    return unknown.map(({ property, why }) => {
      this.leftOut.add(`${property} of ${facts.plural}`, why);
      return `Without \`${property}\`: ${why}.`;
    });
  }

  #unread(plural: string, keys: readonly string[]): string[] {
    if (keys.length === 0) return [];
    this.leftOut.add(`secrets of ${plural}`, "Twilio does not return them; they stay as they are until the stack's configuration has them");
    return [`Twilio does not return its secrets. To manage them: ${keys.map((key) => `pulumi config set --secret ${key}`).join("; ")}.`];
  }
}

const defaultNames = ({ friendly_name, unique_name }: Body): unknown[] => [friendly_name, unique_name];

function omittedOf({ entry, body = {}, inherited = [] }: FoundObject): ReadonlySet<string> {
  const { adoptBy, omitted } = entry.facts.export ?? {};
  return new Set([...inherited, ...(adoptBy === undefined ? [] : [adoptBy]), ...(omitted?.(body) ?? [])]);
}

function parentOf({ sid }: FoundObject, { name, identifier }: Name, parent: Parent, own: Declaration | undefined): Parent {
  const id = sid === undefined ? undefined : parent.id === undefined ? sid : `${parent.id}/${sid}`;
  return { name, ...(id === undefined ? {} : { id }), ...(own ? { reference: new Code(identifier, [identifier]) } : {}) };
}

function adoptArg({ entry: { definition, facts }, sid, body = {} }: FoundObject, parent: Parent): Props {
  if (!definition.fields.adopt) return {};
  if (definition.singleton) return { adopt: parent.id ?? body.account_sid };
  if (sid === undefined) return {};
  const { adoptBy } = facts.export ?? {};
  const field = adoptBy === undefined ? undefined : definition.fields[adoptBy];
  const value = adoptBy !== undefined && field ? fromBody(adoptBy, field, body) : undefined;
  return { adopt: value !== undefined && field?.format?.(value) === undefined ? value : sid };
}

function parentArg({ definition }: CatalogEntry, { id, reference }: Parent): Props {
  const property = parentProperty(definition);
  const value = reference ?? id;
  return property === undefined || value === undefined ? {} : { [property]: value };
}
