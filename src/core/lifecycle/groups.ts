import { isSidOf } from "../twilio/sid";
import type { Body } from "../twilio/twilio";
import type { Collection, Definition } from "./definition";
import { bodyName } from "./names";
import { get, type Props, set, stable, unknownSentinel } from "./props";

type Grouped = Pick<Definition, "groups">;
type Identified = Pick<Definition, "sid" | "groups">;

/** The name of the alternative that a property belongs to, `autoCreation.webhook` of `autoCreation.webhook.url`. */
export const groupOf = ({ groups }: Grouped, property: string): string | undefined =>
  groups?.names.find((name) => property === name || property.startsWith(`${name}.`));

/** The name of the alternative that a program declares. */
export const declaredGroup = ({ groups }: Grouped, props: Props): string | undefined =>
  groups?.names.find((name) => get(props, name) !== undefined);

/** What Twilio calls an alternative: `webhook` for `autoCreation.webhook`. */
export const groupWord = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

/** Twilio's word for the alternative that an object has; `undefined` where the response does not say. */
export function liveGroup({ groups }: Grouped, body: Body): unknown {
  if (groups?.by !== undefined) return get(body, bodyName(groups.by));
  return Object.entries(groups?.collections ?? {}).find(([, { sid }]) => String(body.sid).startsWith(sid))?.[0];
}

/** Whether a property is of an alternative other than the one that Twilio calls `word`. */
export function isOfOtherGroup(definition: Grouped, property: string, word: unknown): boolean {
  const group = groupOf(definition, property);
  return group !== undefined && groupWord(group) !== word;
}

/** Whether an object has another alternative than this one. Of a word that the definition does not have, it is not certain what it means. */
export function hasOtherGroup(definition: Grouped, group: string | undefined, body: Body): boolean {
  const word = liveGroup(definition, body);
  return group !== undefined && groupWord(group) !== word && definition.groups?.names.some((name) => groupWord(name) === word) === true;
}

/** Copies the choice where the program declares an alternative without properties, `{}`. */
export function copyEmptyGroup({ groups }: Grouped, from: Props, to: Props): void {
  for (const name of groups?.names ?? []) {
    if (stable(get(from, name)) === "{}" && get(to, name) === undefined) set(to, name, {});
  }
}

/** Whether the object that holds the alternatives is not known yet, so that neither is the choice. */
export const isUndecided = ({ groups }: Grouped, props: Props): boolean =>
  groups?.names.some((name) => name.includes(".") && get(props, name.slice(0, name.lastIndexOf("."))) === unknownSentinel) === true;

/** The collection of an object that a program declares, where its kind has several. */
export function declaredCollection(definition: Grouped, inputs: Props): Collection | undefined {
  const group = declaredGroup(definition, inputs);
  return group === undefined ? undefined : definition.groups?.collections?.[group];
}

/** The collection of an object with a SID, where its kind has several. */
export const collectionOfSid = ({ groups }: Grouped, sid: string): Collection | undefined =>
  Object.values(groups?.collections ?? {}).find((one) => sid.startsWith(one.sid));

/** The path of a collection below that of the definition. */
export const pathOf = (path: string, collection: Collection | undefined): string => (collection ? `${path}/${collection.path}` : path);

const prefixes = ({ sid, groups }: Identified): readonly string[] => [
  sid,
  ...Object.values(groups?.collections ?? {}).map((one) => one.sid),
];

/** Whether a text is a SID of the definition's kind. */
export const isOwnSid = (definition: Identified, text: string): boolean => prefixes(definition).some((prefix) => isSidOf(prefix, text));

/** Whether a text begins as the SIDs of the definition's kind do. */
export const hasOwnPrefix = (definition: Identified, text: unknown): boolean =>
  prefixes(definition).some((prefix) => String(text).startsWith(prefix));
