import type { Input } from "@pulumi/pulumi";
import type { ItemOf } from "../core/registration/set-resource";
import { setClass } from "../core/registration/set-resource";
import type { SetDefinition } from "../core/sets/set-definition";
import type { Conversation } from "./conversation";
import type { ParticipantArgs } from "./participant";
import { participant } from "./participant";

/**
 * Arguments of a {@link ParticipantSet}.
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-participant-resource
 */
export interface ParticipantSetArgs {
  /**
   * The {@link Conversation} that the participants which declare none take part in, or its id `IS…/CH…`. A change replaces these participants.
   * Default: each item declares its own.
   */
  conversation?: Input<string> | Input<Conversation> | undefined;
  /**
   * The participants, each under a key that the program chooses: letters, digits, `-` and `_`, up to 100 characters. An item has the arguments
   * of a {@link Participant}. An added key creates, a removed key deletes, and a changed item is updated or replaced.
   */
  items: Input<Record<string, Input<ItemOf<ParticipantArgs, "conversation">>>>;
  /**
   * Whether the set's conversations have no other participants. Each preview and update lists the participants and removes those that nobody
   * declares; the preview names them. Those of other resources, of this stack or of one in the same backend on this machine, stay. Default:
   * `false`. A change is carried out in place.
   */
  exclusive?: Input<boolean> | undefined;
}

/** @internal */
export const participantSet: SetDefinition = { type: "twilio/conversations:ParticipantSet", item: participant, mayBeExclusive: true };

/**
 * Many participants as one resource, of one conversation or of several. Each is created, read, updated, deleted and adopted as a
 * {@link Participant} is.
 *
 * @example
 * new ParticipantSet("team", {
 *   conversation: hello,
 *   items: { ada: { identity: "ada" }, mobile: { sms: { address: "+15558675310", proxyAddress: number.phoneNumber } } },
 *   exclusive: true,
 * });
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-participant-resource
 */
export class ParticipantSet extends setClass<ParticipantSetArgs>(participantSet) {}
