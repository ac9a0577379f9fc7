import * as pulumi from "@pulumi/pulumi";
import type { AutoCreation } from "../conversations/address-configuration";
import { AddressConfiguration } from "../conversations/address-configuration";
import { ConversationService } from "../conversations/service";
import { ConversationServiceWebhookConfiguration } from "../conversations/service-webhook-configuration";
import type { WebhookSettings } from "../conversations/webhook-configuration";
import { MessagingService } from "../messaging/messaging-service";
import { MessagingServiceSender } from "../messaging/messaging-service-sender";
import type { PhoneNumberArgs } from "../numbers/phone-number";
import { PhoneNumber } from "../numbers/phone-number";

/** Arguments of a {@link SupportLine}. */
export interface SupportLineArgs {
  /**
   * The number that customers text: a {@link PhoneNumber} of the program, or the arguments of one, which the component then declares under its
   * own name. Of the arguments, `onDelete` decides what a destroy does with the number. Default: it is kept.
   */
  number: PhoneNumber | PhoneNumberArgs;
  /**
   * Name of the line's services in the Console, 1 to 64 characters. Default: the component's name. A change replaces the conversation service,
   * which Twilio cannot rename; while it has conversations, that is an error.
   */
  friendlyName?: pulumi.Input<string> | undefined;
  /**
   * Where Twilio reports the events of the line's conversations, and which events, as for a {@link ConversationServiceWebhookConfiguration}.
   * Default: nowhere. Updated in place; removing it restores what Twilio had.
   */
  webhooks?: WebhookSettings | undefined;
  /** What each new conversation gets beside the service's webhooks. Default: `{ default: {} }`, nothing. Updated in place. */
  autoCreation?: pulumi.Input<AutoCreation> | undefined;
  /**
   * Allows a destroy to delete the line's conversations with their messages. Default: `false`: with conversations, a destroy is an error that
   * names them. A change is recorded in place.
   */
  forceDestroy?: pulumi.Input<boolean> | undefined;
}

/**
 * A number whose customers text with agents: a text from somebody who is in no conversation with the number creates one in the line's own
 * service, and the webhooks report it. It declares a {@link PhoneNumber}, a {@link MessagingService} with the number as its
 * {@link MessagingServiceSender}, a {@link ConversationService}, its {@link ConversationServiceWebhookConfiguration} and an
 * {@link AddressConfiguration}. The webhooks are the service's and not the account's, so an account can have several lines.
 *
 * @example
 * const line = new SupportLine("support", {
 *   number: { search: { country: "US", type: "local", smsEnabled: true } },
 *   webhooks: { postWebhookUrl: config.requireSecret("webhookUrl"), filters: ["onConversationAdded", "onMessageAdded"] },
 * });
 * export const phoneNumber = line.phoneNumber;
 */
export class SupportLine extends pulumi.ComponentResource {
  /** The number, E.164. */
  readonly phoneNumber: pulumi.Output<string>;
  /** The service that has the conversations. Agents sign in with chat tokens for it. */
  readonly service: ConversationService;
  /** The pool of senders. Further senders can be added to it. */
  readonly messagingService: MessagingService;

  constructor(name: string, args: SupportLineArgs, options?: pulumi.ComponentResourceOptions) {
    super("twilio:components:SupportLine", name, {}, options);
    const own = { parent: this };
    const { friendlyName = name, webhooks, autoCreation = { default: {} }, forceDestroy } = args;
    const number = PhoneNumber.isInstance(args.number) ? args.number : new PhoneNumber(name, args.number, own);

    this.messagingService = new MessagingService(name, { friendlyName }, own);
    const sender = new MessagingServiceSender(name, { messagingService: this.messagingService, phoneNumber: number }, own);
    this.service = new ConversationService(name, { friendlyName, forceDestroy }, own);
    if (webhooks) new ConversationServiceWebhookConfiguration(name, { ...webhooks, service: this.service }, own);

    this.phoneNumber = number.phoneNumber;
    // A conversation takes its messaging service from the number, so the number is in it before the first text can create one.
    new AddressConfiguration(
      name,
      { type: "sms", address: this.phoneNumber, conversationService: this.service, autoCreation },
      { ...own, dependsOn: sender },
    );
    this.registerOutputs({ phoneNumber: this.phoneNumber, serviceSid: this.service.sid, messagingServiceSid: this.messagingService.sid });
  }
}
