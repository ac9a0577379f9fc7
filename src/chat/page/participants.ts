import type { Conversation, Participant } from "@twilio/conversations";

/** The name of a participant: its identity, or the address of its phone. */
export const nameOfParticipant = (participant: Participant): string => {
  if (participant.identity) return participant.identity;
  const bindings = participant.bindings as Record<string, { address?: string } | null | undefined>;
  return Object.values(bindings).find((binding) => binding?.address)?.address ?? participant.sid;
};

/** The names of all participants of a conversation, the user first. */
export async function participantNames(conversation: Conversation, self: string): Promise<string> {
  const names = (await conversation.getParticipants()).map(nameOfParticipant);
  return names
    .map((name) => (name === self ? "you" : name))
    .sort((a, b) => Number(b === "you") - Number(a === "you") || a.localeCompare(b))
    .join(", ");
}
