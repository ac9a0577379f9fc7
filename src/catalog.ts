import { conversationFacts, conversationServiceFacts, participantFacts, phoneNumberFacts } from "./cli/shared/catalog-facts";
import { conversation } from "./conversations/conversation";
import { participant } from "./conversations/participant";
import { conversationService } from "./conversations/service";
import type { CatalogEntry } from "./core/lifecycle/catalog-entry";
import type { Definition } from "./core/lifecycle/definition";
import { phoneNumber } from "./numbers/phone-number";

/** Every resource type of this package with the facts about it, one line each. A parent and what others refer to come first. */
export const catalogEntries: readonly CatalogEntry[] = [
  { definition: phoneNumber, facts: phoneNumberFacts },
  { definition: conversationService, facts: conversationServiceFacts },
  { definition: conversation, facts: conversationFacts },
  { definition: participant, facts: participantFacts },
];

/** Every resource type of this package. */
export const catalog: readonly Definition[] = catalogEntries.map(({ definition }) => definition);
