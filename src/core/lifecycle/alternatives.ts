import { isSidOf } from "../twilio/sid";
import type { Body } from "../twilio/twilio";
import type { Collection, Definition } from "./definition";
import { get, type Props } from "./props";

type Grouped = Pick<Definition, "groups">;

/** The alternative that a program declares. */
export const declaredGroup = ({ groups }: Grouped, inputs: Props): string | undefined =>
  groups?.names.find((name) => inputs[name] !== undefined);

/** The alternative that a response is about; `undefined` where it does not say. */
export function groupOf({ groups }: Grouped, body: Body): unknown {
  if (groups?.from !== undefined) return get(body, groups.from);
  return Object.entries(groups?.collections ?? {}).find(([, { sid }]) => String(body.sid).startsWith(sid))?.[0];
}

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

const prefixes = ({ sid, groups }: Pick<Definition, "sid" | "groups">): readonly string[] => [
  sid,
  ...Object.values(groups?.collections ?? {}).map((one) => one.sid),
];

/** Whether a text is a SID of the definition's kind. */
export const isOwnSid = (definition: Pick<Definition, "sid" | "groups">, text: string): boolean =>
  prefixes(definition).some((prefix) => isSidOf(prefix, text));

/** Whether a text begins as the SIDs of the definition's kind do. */
export const hasOwnPrefix = (definition: Pick<Definition, "sid" | "groups">, text: unknown): boolean =>
  prefixes(definition).some((prefix) => String(text).startsWith(prefix));
