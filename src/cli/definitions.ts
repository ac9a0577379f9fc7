import { conversation } from "../conversations/conversation";
import { participant } from "../conversations/participant";
import { conversationService } from "../conversations/service";
import type { Definition } from "../core/lifecycle/definition";
import { phoneNumber } from "../numbers/phone-number";

/** The resources of this package, by their type tokens. */
const definitions: ReadonlyMap<string, Definition> = new Map(
  [phoneNumber, conversationService, conversation, participant].map((definition) => [`pulumi-nodejs:${definition.type}`, definition]),
);

/** What this package knows of a type, if it is one of its own. */
export const definitionOf = (type: string): Definition | undefined => definitions.get(type);
