import { resourceName } from "../lifecycle/check";
import type { Definition, Problem } from "../lifecycle/definition";
import { identityKey, identityOf, runKey } from "../lifecycle/identity";
import { parentProperty } from "../lifecycle/parents";
import { isHidden, isUnknown, type Props, stable, topLevel } from "../lifecycle/props";
import { secretsKey, secretsOf } from "../lifecycle/secrets";
import { nearest } from "../lifecycle/spelling";
import { itemUrn } from "../process/item-urn";
import type { SetProgramRun } from "./declared";
import { itemName, itemsKey, keyPattern, maxKeyLength, type SetDefinition } from "./set-definition";

/** The arguments of a set, the first of which every item gets that does not declare its own. */
export function argumentsOf({ item, mayBeExclusive }: SetDefinition): string[] {
  const parent = parentProperty(item);
  return [...(parent === undefined ? [] : [parent]), itemsKey, ...(mayBeExclusive ? ["exclusive"] : [])];
}

/** The items that a program declares, by key; none where they are not known yet. */
export function itemsOf(inputs: Props): Record<string, unknown> {
  const items = inputs[itemsKey];
  return isRecord(items) ? items : {};
}

const isRecord = (value: unknown): value is Props => typeof value === "object" && value !== null && !Array.isArray(value);

/** What is wrong with a set before its items are looked at. What is not known yet passes. */
export function setProblems(definition: SetDefinition, inputs: Props): Problem[] {
  const known = argumentsOf(definition);
  const label = resourceName(definition);
  const names = Object.keys(inputs).filter((name) => !isHidden(name) && inputs[name] !== undefined);
  const misspelled = names.filter((name) => !known.includes(name)).map((property) => unknownArgument(definition, property));
  const { items, exclusive } = inputs;
  if (items === undefined || items === null)
    return [...misspelled, { property: itemsKey, reason: `is missing: ${label} requires \`items\`` }];
  if (!isRecord(items) && !isUnknown(items))
    return [...misspelled, { property: itemsKey, reason: `must be an object with an item for each key; received ${stable(items)}` }];
  const isWrong = exclusive !== undefined && typeof exclusive !== "boolean" && !isUnknown(exclusive);
  const flag = isWrong ? [{ property: "exclusive", reason: `must be true or false; received ${stable(exclusive)}` }] : [];
  return [...misspelled, ...flag, ...Object.entries(itemsOf(inputs)).flatMap(([key, value]) => itemProblem(key, value) ?? [])];
}

function unknownArgument(definition: SetDefinition, property: string): Problem {
  const known = argumentsOf(definition);
  const near = nearest(property, known);
  const isOfItem = definition.item.fields[property] !== undefined;
  const fix = isOfItem ? "declare it in each item" : near ? `did you mean \`${near}\`?` : `its properties are ${known.join(", ")}`;
  return { property, reason: `is not a property of ${resourceName(definition)}: ${fix}` };
}

function itemProblem(key: string, value: unknown): Problem | undefined {
  const rule = `must have a key of letters, digits, - and _, of at most ${maxKeyLength} characters, which does not begin with - or __`;
  const property = itemName(key);
  if (!keyPattern.test(key) || key.length > maxKeyLength) return { property, reason: `${rule}; received ${JSON.stringify(key)}` };
  return isRecord(value) || isUnknown(value) ? undefined : { property, reason: `must be an object; received ${stable(value)}` };
}

/** What the items of one set get besides what the program declares for each. */
export interface SetRun {
  readonly item: Definition;
  /** The set's URN; the engine does not pass it to every read and delete. */
  readonly urn: string | undefined;
  readonly place: string;
  readonly program: SetProgramRun;
  readonly accountSid: string;
  /** The set's own parent, by its property. */
  readonly shared: Props;
  /** The properties of the set whose values are secret. */
  readonly secrets: readonly string[];
}

/** The arguments of an item with the defaults that follow from its key, as a resource of that name would get them. */
export function withDefaults({ item, urn, place }: Pick<SetRun, "item" | "urn" | "place">, key: string, args: Props): Props {
  return urn === undefined ? args : (item.addDefaults?.(args, { name: key, urn: itemUrn(urn, key), place }) ?? args);
}

/** The inputs of an item as the engine would pass those of a resource to a check. */
export function itemToCheck(run: SetRun, key: string, args: unknown): Props {
  const { urn, program, shared } = run;
  const identity = urn === undefined ? {} : { __urn: itemUrn(urn, key) };
  const secrets = secretsOfItem(run, key);
  const hidden = secrets.length > 0 ? { [secretsKey]: secrets } : {};
  return { ...withDefaults(run, key, { ...shared, ...withoutAbsent(args) }), ...hidden, ...identity, [runKey]: program };
}

/** The same with the identity by which the engine's later requests would recognize a resource. */
export function itemToCompare(run: SetRun, key: string, args: unknown): Props {
  const { __urn: urn, [runKey]: _run, ...inputs } = itemToCheck(run, key, args);
  return typeof urn === "string" ? { ...inputs, [identityKey]: identityOf(urn) } : inputs;
}

/** The secret properties of one item: all of them where the item, or all items, are one secret. */
export function secretsOfItem({ item, secrets }: Pick<SetRun, "item" | "secrets">, key: string): string[] {
  const name = `${itemsKey}.${key}`;
  if (secrets.includes(itemsKey) || secrets.includes(name)) return [...new Set(Object.keys(item.fields).map(topLevel))];
  return secrets.flatMap((one) => (one.startsWith(`${name}.`) ? [one.slice(name.length + 1)] : []));
}

/** The parent that the set gives to its items. */
export function sharedOf(item: Definition, set: Props): Props {
  const parent = parentProperty(item);
  return parent === undefined || set[parent] === undefined ? {} : { [parent]: set[parent] };
}

/** What the outputs of a set repeat of its inputs beside the items: what they share, and what is hidden. */
export function sharedProps(definition: SetDefinition, set: Props): Props {
  const names = argumentsOf(definition).filter((name) => name !== itemsKey);
  return Object.fromEntries(
    Object.entries(set).filter(
      ([name, value]) => value !== undefined && (names.includes(name) || (isHidden(name) && name !== identityKey)),
    ),
  );
}

export const runOf = (definition: SetDefinition, set: Props, known: Pick<SetRun, "urn" | "place" | "program" | "accountSid">): SetRun => ({
  ...known,
  item: definition.item,
  shared: sharedOf(definition.item, set),
  secrets: secretsOf(set),
});

/** The arguments of an item; none where they are not known yet. */
const withoutAbsent = (args: unknown): Props =>
  isRecord(args) ? Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) : {};
