import * as pulumi from "@pulumi/pulumi";
import type { ConversationArgs } from "../conversations/conversation";
import { Conversation } from "../conversations/conversation";
import { Participant } from "../conversations/participant";
import { programError, quietly } from "../core/registration/program-error";
import { PhoneNumber } from "../numbers/phone-number";

/** A person of a {@link MaskedConversation}. */
export interface MaskedPerson {
  /** The person's number, E.164. A change replaces the participant, who keeps seeing the same proxy number where its pair is free. */
  address: pulumi.Input<string>;
  /** Name for your application, which the participant has as the attribute `name`; no phone shows it. Updated in place. */
  name?: pulumi.Input<string> | undefined;
}

/** Arguments of a {@link MaskedConversation}: the people, the numbers that they see, and properties of the {@link Conversation}. */
export interface MaskedConversationArgs
  extends Pick<ConversationArgs, "service" | "friendlyName" | "attributes" | "timers" | "messagingServiceSid" | "forceDestroy"> {
  /** The two people. Their order matters: the first stays the first. */
  people: readonly [MaskedPerson, MaskedPerson];
  /**
   * Numbers of the account that send SMS, as {@link PhoneNumber} resources or in E.164; several conversations can share them. Each person sees
   * one: the first one whose pair with the person's number is in no other open conversation, which is the same one for both where it is free
   * for both. The choice is made once. A later change of the list does nothing, unless it removes a chosen number: that person then moves to
   * the next free one.
   */
  proxyNumbers: readonly (pulumi.Input<string> | PhoneNumber)[];
}

/**
 * Two people who text with each other and see only numbers of the account. It declares a {@link Conversation} and two Participants. Somebody can be
 * in as many open conversations as there are proxy numbers; beyond, a preview fails with an error that names what holds the numbers.
 *
 * @example
 * const ride = new MaskedConversation("ride-4711", {
 *   people: [{ name: "Ada", address: "+15558675310" }, { name: "Grace", address: "+15558675311" }],
 *   proxyNumbers: [number],
 * });
 * export const [adaTexts, graceTexts] = ride.proxyAddresses;
 */
export class MaskedConversation extends pulumi.ComponentResource {
  /** The conversation. */
  readonly conversation: Conversation;
  /** The participants, in the order of `people`. */
  readonly participants: readonly [Participant, Participant];
  /** The proxy number that each person sees and texts, in the order of `people`. */
  readonly proxyAddresses: readonly [pulumi.Output<string>, pulumi.Output<string>];

  constructor(name: string, args: MaskedConversationArgs, options?: pulumi.ComponentResourceOptions) {
    super("twilio:components:MaskedConversation", name, {}, options);
    const own = { parent: this };
    const { people, proxyNumbers, ...rest } = args;
    const proxyAddresses = proxyNumbers.map((proxy) => (PhoneNumber.isInstance(proxy) ? proxy.phoneNumber : proxy));

    const conversation = new Conversation(name, rest, own);
    const join = (place: string, { name: called }: MaskedPerson, address: pulumi.Input<string>) => {
      const attributes = called === undefined ? undefined : { name: called };
      return new Participant(`${name}-${place}`, { conversation, sms: { address, proxyAddresses }, attributes }, own);
    };
    this.conversation = conversation;
    this.participants = [join("first", people[0], people[0].address), join("second", people[1], otherAddress(name, people))];
    const seen = ({ sms }: Participant) => sms.apply((addresses) => addresses?.proxyAddress as string);
    this.proxyAddresses = [seen(this.participants[0]), seen(this.participants[1])];
    this.registerOutputs({ conversationSid: conversation.sid, proxyAddresses: this.proxyAddresses });
  }
}

/** The address of the second person, who must be somebody else: Twilio would add the same phone twice, with two numbers. */
function otherAddress(name: string, [first, second]: MaskedConversationArgs["people"]): pulumi.Output<string> {
  const other = pulumi.all([first.address, second.address]).apply(([one, two]) => {
    if (one === two) throw programError(`MaskedConversation "${name}": people must have two different addresses; both have the same one`);
    return two;
  });
  return quietly(other);
}
