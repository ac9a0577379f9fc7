/**
 * What the text in every resource's state names: one dynamic provider for each resource type. The names here are kept for ever, since the
 * engine reads and deletes with what the state names.
 */

import { conversation } from "./conversations/conversation";
import { participant } from "./conversations/participant";
import { conversationService } from "./conversations/service";
import { cancellation } from "./core/cancellation";
import type { Definition } from "./core/definition";
import { type DynamicProvider, providers } from "./core/host";
import { engineAddress, engineLog } from "./core/log";
import { openMemories } from "./core/memory";
import { phoneNumber } from "./numbers/phone-number";

const providerOf = providers({
  around: {
    env: process.env,
    cwd: process.cwd(),
    // Loaded only where the stack asks for it: a run against the real Twilio has no use for it.
    openEmbedded: async (stateDir) => (await import("./emulator")).attachEmulator(stateDir),
  },
  log: engineLog,
  memories: openMemories(),
  cancelled: cancellation(engineAddress()),
  // A program declares most of its resources at once; only a stack that has none yet waits so long, and once.
  patience: { quietMs: 250, mostMs: 2000 },
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
