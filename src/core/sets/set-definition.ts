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
