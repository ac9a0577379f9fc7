import type { Definition } from "../lifecycle/definition";

/** Many objects of one kind as one resource: what differs between the sets. */
export interface SetDefinition {
  /** Pulumi's type token without its package, `twilio/conversations:ConversationSet`. */
  readonly type: string;
  /** The definition of each item, the same as that of the resource of one object. */
  readonly item: Definition;
  /** The program may declare `exclusive`: objects under the set's parent that it does not declare are removed. */
  readonly mayBeExclusive?: true;
}

/** The longest key of an item. */
export const maxKeyLength = 100;

/**
 * What a key of an item must look like: it is part of names, of Pulumi's property paths and of messages. The engine does not compare what begins
 * with two underscores.
 */
export const keyPattern = /^(?!__)[A-Za-z0-9_][A-Za-z0-9_-]*$/;

/** The argument with the items. */
export const itemsKey = "items";

/** An item in a message, as a program writes it: `items["store-17"]`. */
export const itemName = (key: string): string => `${itemsKey}["${key}"]`;

/** The URN of an item, which only this package knows: the set's URN and the key. */
export const itemUrn = (setUrn: string, key: string): string => `${setUrn}["${key}"]`;

/** The key in the URN of an item, and the URN of its set; nothing for the URN of a resource. */
export function setOfUrn(urn: string): { readonly setUrn: string; readonly key: string } | undefined {
  const [, setUrn, key] = /^(.*)\["([^"]*)"\]$/s.exec(urn) ?? [];
  return setUrn === undefined || key === undefined ? undefined : { setUrn, key };
}
