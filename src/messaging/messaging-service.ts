import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { integer, oneOf, text, url } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import { messagingServiceFacts } from "./messaging-service-facts";

/**
 * Arguments of a {@link MessagingService}. `adopt` also accepts the exact friendly name, if only one service has it. What the program leaves
 * out is left to Twilio, and never changed.
 *
 * @see https://www.twilio.com/docs/messaging/api/service-resource
 */
export interface MessagingServiceArgs extends CommonArgs {
  /** Name in the Console, 1 to 64 characters; need not be unique. Updated in place. */
  friendlyName: Input<string>;
  /**
   * Requested for each message that a number of the service receives and no conversation takes, an http or https URL. Without it, and with
   * `useInboundWebhookOnNumber: false`, Twilio neither logs nor delivers such messages. Updated in place; removing it clears it.
   */
  inboundRequestUrl?: Input<string> | undefined;
  /** How `inboundRequestUrl` is requested. Default: `"POST"`. Updated in place. */
  inboundMethod?: Input<"GET" | "POST"> | undefined;
  /** Requested when `inboundRequestUrl` fails, an http or https URL. Updated in place; removing it clears it. */
  fallbackUrl?: Input<string> | undefined;
  /** How `fallbackUrl` is requested. Default: `"POST"`. Updated in place. */
  fallbackMethod?: Input<"GET" | "POST"> | undefined;
  /**
   * Requested when the status of a sent message changes, an http or https URL. A message's own status callback takes precedence. Updated in
   * place; removing it clears it.
   */
  statusCallback?: Input<string> | undefined;
  /**
   * Always sends to a person from the same number. Removing a number from the service ends that for the people who had it. Default: left to
   * Twilio. Updated in place; removing it leaves the value. @see https://www.twilio.com/docs/messaging/services#sticky-sender
   */
  stickySender?: Input<boolean> | undefined;
  /** Sends media as a link where a phone cannot receive them. Default: left to Twilio. Updated in place; removing it leaves the value. */
  mmsConverter?: Input<boolean> | undefined;
  /**
   * Replaces characters that make a text longer, such as typographic quotes. Default: left to Twilio. Updated in place; removing it leaves the
   * value.
   */
  smartEncoding?: Input<boolean> | undefined;
  /** Whether Twilio scans messages: as the account says, yes, or no. Default: left to Twilio. Updated in place; removing it leaves the value. */
  scanMessageContent?: Input<"inherit" | "enable" | "disable"> | undefined;
  /** Obsolete at Twilio: repeats a failed message from a long code. Default: left to Twilio. Updated in place; removing it leaves the value. */
  fallbackToLongCode?: Input<boolean> | undefined;
  /** Prefers a number with the recipient's area code. Default: left to Twilio. Updated in place; removing it leaves the value. */
  areaCodeGeomatch?: Input<boolean> | undefined;
  /**
   * For how many seconds Twilio tries to send a message, 1 to 36,000. Default: left to Twilio, 36,000 or, for older services, 14,400. Updated
   * in place; removing it leaves the value.
   */
  validityPeriod?: Input<number> | undefined;
  /** Reserved by Twilio. Default: left to Twilio. Updated in place; removing it leaves the value. */
  synchronousValidation?: Input<boolean> | undefined;
  /** What the service is for. Default: left to Twilio, `"undeclared"`. Updated in place; removing it leaves the value. */
  usecase?: Input<"notifications" | "marketing" | "verification" | "discussion" | "poll" | "undeclared"> | undefined;
  /**
   * Whether a number's own `smsUrl` takes precedence over `inboundRequestUrl` and `fallbackUrl`. A WhatsApp sender's own webhook works only with
   * `true`. It has nothing to do with the autocreation of conversations, which an address configuration turns on. Default: left to Twilio.
   * Updated in place; removing it leaves the value.
   */
  useInboundWebhookOnNumber?: Input<boolean> | undefined;
}

/** What Twilio adds to a {@link MessagingService}. */
export interface MessagingServiceOutputs {
  /** `MG` and 32 hex digits; also the resource's id. */
  sid: string;
  /** The account that owns the service, `AC…`. */
  accountSid: string;
  /** Whether a campaign for texts to the US (A2P 10DLC) is registered for it. @see https://www.twilio.com/docs/messaging/compliance/a2p-10dlc */
  usAppToPersonRegistered: boolean;
  /** The service's address in Twilio's API. */
  url: string;
}

const method = { computed: true, cleared: "POST", format: oneOf("GET", "POST") } as const;
const flag = { type: "boolean", computed: true } as const;

/** @internal */
export const messagingService: Definition = define<MessagingServiceArgs, MessagingServiceOutputs>({
  type: "twilio/messaging:MessagingService",
  product: "messaging",
  sid: "MG",
  path: () => "/v1/Services",
  list: { key: "services", by: ["friendlyName"], name: "friendlyName", allowsDuplicates: () => true },
  facts: messagingServiceFacts,
  fields: {
    friendlyName: { required: true, format: text({ min: 1, max: 64 }) },
    inboundRequestUrl: { format: url },
    inboundMethod: method,
    fallbackUrl: { format: url },
    fallbackMethod: method,
    statusCallback: { format: url },
    stickySender: flag,
    mmsConverter: flag,
    smartEncoding: flag,
    scanMessageContent: { computed: true, format: oneOf("inherit", "enable", "disable") },
    fallbackToLongCode: flag,
    areaCodeGeomatch: flag,
    validityPeriod: { type: "integer", computed: true, format: integer({ min: 1, max: 36_000 }) },
    synchronousValidation: flag,
    usecase: { computed: true, format: oneOf("notifications", "marketing", "verification", "discussion", "poll", "undeclared") },
    useInboundWebhookOnNumber: flag,
  },
  outputs: { usAppToPersonRegistered: "us_app_to_person_registered" },

  async resolveInputs(news, olds, { log }) {
    const isDeaf = (one: typeof olds) => one.useInboundWebhookOnNumber === false && one.inboundRequestUrl === undefined;
    if (isDeaf(news) && !isDeaf(olds)) {
      log(
        "warn",
        "With useInboundWebhookOnNumber: false and no inboundRequestUrl, Twilio neither logs nor delivers what people write to the service's " +
          "numbers, unless a conversation takes it. Declare inboundRequestUrl, or set useInboundWebhookOnNumber: true.",
      );
    }
    return news;
  },
});

/**
 * A pool of senders (see `MessagingServiceSender`) with common settings: Twilio chooses the sender for each message. Deleting the service leaves
 * its numbers in the account; they then belong to no service.
 *
 * @example
 * const notices = new MessagingService("notices", { friendlyName: "Notices", usecase: "notifications" });
 * new ConversationConfiguration("account", { defaultMessagingServiceSid: notices });
 *
 * @see https://www.twilio.com/docs/messaging/services
 */
export class MessagingService extends resourceClass<MessagingServiceArgs, MessagingServiceOutputs>(messagingService) {}
