import type { Input } from "@pulumi/pulumi";
import type { Definition } from "../core/lifecycle/definition";
import { resourceClass } from "../core/registration/resource";
import type { ConversationArgs, ConversationOutputs } from "./conversation";
import { conversation } from "./conversation";
import type { Member } from "./member";
import { checkMembers, memberForm, membersCodec, membersIn } from "./member";
import { addAndRemove, afterAdding, withMembers } from "./member-changes";
import type { ParticipantArgs, PooledSmsParticipantArgs } from "./participant";

type Without<Args, Names extends PropertyKey> = Args extends unknown ? Omit<Args, Names> : never;

/**
 * A participant of a {@link ConversationWithParticipants}: exactly one kind, like those of a Participant, without role and attributes. To give it
 * these, declare a Participant with the same identity or addresses and `conversation: group.id`.
 */
export type ConversationMember = Without<
  Exclude<ParticipantArgs, PooledSmsParticipantArgs>,
  "conversation" | "roleSid" | "attributes" | "adopt" | "onDelete"
>;

/**
 * Arguments of a {@link ConversationWithParticipants}: those of a Conversation, and the participants. `adopt` also accepts the unique name.
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-with-participants-resource
 * @see https://www.twilio.com/docs/conversations/group-texting
 */
export interface ConversationWithParticipantsArgs extends ConversationArgs {
  /**
   * The participants, 1 to 10, each once; a number takes part in a group MMS once. Their order does not matter. Updated in place: who is no
   * longer declared is removed, and who is new is added. Twilio may refuse that for a group MMS whose members another conversation has (50438).
   * Others who join the conversation are left alone.
   */
  participants: Input<Input<ConversationMember>[]>;
}

/** What Twilio adds to a {@link ConversationWithParticipants}. */
export interface ConversationWithParticipantsOutputs extends ConversationOutputs {
  /** The declared participants. After a refresh that misses one of them, those who are there, with their SIDs. */
  participants: Member[];
}

/** @internal */
export const conversationWithParticipants: Definition = {
  ...conversation,
  type: "twilio/conversations:ConversationWithParticipants",
  // The pairs and the group of the old conversation are bound until it is deleted.
  deleteBeforeReplace: true,
  facts: {
    plural: "conversations with participants",
    singular: "conversation with participants",
    contents: "messages",
    references: {
      "participants[].sms.proxyAddress": { to: "PhoneNumber", by: "phoneNumber" },
      "participants[].whatsapp.proxyAddress": { to: "PhoneNumber", by: "phoneNumber", prefix: "whatsapp:" },
      "participants[].projectedAddress": { to: "PhoneNumber", by: "phoneNumber" },
    },
    // Twilio lists a Conversation and its Participants.
    export: { isDeclaredAsOthers: true },
  },
  fields: {
    ...conversation.fields,
    participants: { wire: false, required: true, type: membersCodec, from: membersIn, format: checkMembers },
  },

  createPath: (collection) => collection.replace(/\/Conversations$/, "/ConversationWithParticipants"),
  createForm: (form, news, context) => ({
    ...conversation.createForm?.(form, news, context),
    Participant: (news.participants as Member[]).map((member) => JSON.stringify(memberForm(member))),
  }),
  afterCreate: afterAdding,
  complete: withMembers,
  updateElsewhere: addAndRemove,
  isUseless: ({ state }) => (state === "closed" ? "Twilio could not add its participants and closed it" : undefined),
};

/**
 * A conversation and up to ten participants in one request, which a group MMS needs: participants that are added one by one may make up a group
 * that exists. Twilio checks all of them at once and adds them later. If that fails, it closes the conversation: the create then reports who
 * could not be added, as far as Twilio shows it, and deletes the closed conversation.
 *
 * @example
 * new ConversationWithParticipants("crew", {
 *   participants: [
 *     { identity: "dispatch", projectedAddress: number.phoneNumber },
 *     { address: "+15558675310" },
 *     { address: "+15558675311" },
 *   ],
 * });
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-with-participants-resource
 */
export class ConversationWithParticipants extends resourceClass<ConversationWithParticipantsArgs, ConversationWithParticipantsOutputs>(
  conversationWithParticipants,
) {}
