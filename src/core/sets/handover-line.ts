import { itemName } from "./set-definition";

/** The line of a preview about an object that an item gets from another resource of the stack. {@link takeOversIn} reads it. */
export const describeTakeOver = (key: string, id: string, owner: string): string => `${itemName(key)} takes over ${id} from ${owner}`;

/** The ids of the objects that items take over according to a message of a preview, by key. */
export const takeOversIn = (message: string): ReadonlyMap<string, string> =>
  new Map([...message.matchAll(/items\["([^"]+)"\] takes over (\S+) from /g)].map(([, key = "", id = ""]) => [key, id]));
