/**
 * What the text in every resource's state names: one dynamic provider for each resource type. The names here are kept for ever, since the
 * engine reads and deletes with what the state names.
 */

import { conversationConfiguration } from "./conversations/configuration";
import { conversation } from "./conversations/conversation";
import { participant } from "./conversations/participant";
import { conversationService } from "./conversations/service";
import { conversationWebhook } from "./conversations/webhook";
import type { Definition } from "./core/lifecycle/definition";
import { identityKey } from "./core/lifecycle/identity";
import { cancellation } from "./core/process/cancellation";
import { engineRequests } from "./core/process/engine-requests";
import { engineAddress, engineLog } from "./core/process/log";
import { noteStores } from "./core/process/notes";
import { type DynamicProvider, providers } from "./core/provider/dynamic-provider";
import { phoneNumber } from "./numbers/phone-number";

const providerOf = providers({
  environment: {
    env: process.env,
    cwd: process.cwd(),
    // Loaded only where the stack asks for it: a run against the real Twilio does not need it.
    openEmbedded: async (stateDir) => (await import("./emulator")).attachEmulator(stateDir),
  },
  log: engineLog,
  openNotes: noteStores(),
  cancelled: cancellation(engineAddress()),
  requestAbout: engineRequests(identityKey),
  // A program declares most of its resources at once; only a stack that has none yet waits this long, and only once.
  accountWait: { quietMs: 250, mostMs: 2000 },
});

/** The form in which the engine's plugin takes a provider. */
interface Handle {
  handler(): DynamicProvider;
}

const handle = (definition: Definition): Handle => {
  const provider = providerOf(definition);
  return { handler: () => provider };
};

export const PhoneNumber: Handle = handle(phoneNumber);
export const ConversationService: Handle = handle(conversationService);
export const Conversation: Handle = handle(conversation);
export const Participant: Handle = handle(participant);
export const ConversationWebhook: Handle = handle(conversationWebhook);
export const ConversationConfiguration: Handle = handle(conversationConfiguration);
