import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { either, path, sid } from "../core/lifecycle/formats";
import { objectBySid } from "../core/lifecycle/referents";
import { resourceClass } from "../core/registration/resource";
import type { PhoneNumber } from "../numbers";
import type { MessagingService } from "./messaging-service";
import { messagingServiceSenderFacts } from "./messaging-service-sender-facts";
import { alphaSender, numberThatTexts } from "./sender-formats";
import { explainHolder, moveHere } from "./sender-moves";

/**
 * Arguments of a {@link MessagingServiceSender}: exactly one of `phoneNumber`, `shortCode`, `alphaSender` and `channelSender`. Twilio cannot change
 * a sender: every change replaces it, delete before create. `adopt` accepts the SID.
 *
 * @see https://www.twilio.com/docs/messaging/api/phonenumber-resource
 */
export interface MessagingServiceSenderArgs extends CommonArgs {
  /**
   * The {@link MessagingService} that sends from it, or its SID `MG…`; at most 400 numbers and short codes. A change moves the sender: it
   * leaves the old service, then joins the new one, and belongs to none in between.
   */
  messagingService: Input<string> | Input<MessagingService>;
  /**
   * A number of the account that sends SMS or MMS: the {@link PhoneNumber}, or its SID `PN…`. A number belongs to one messaging service. A
   * change replaces. @see https://www.twilio.com/docs/messaging/api/phonenumber-resource
   */
  phoneNumber?: Input<string> | Input<PhoneNumber> | undefined;
  /**
   * A short code of the account, by its SID `SC…`; it belongs to one messaging service. A change replaces.
   * @see https://www.twilio.com/docs/messaging/api/shortcode-resource
   */
  shortCode?: Input<string> | undefined;
  /**
   * An alphanumeric sender ID: 1 to 11 letters, digits, spaces or `-+_&`, not only digits. People cannot answer it, some countries require its
   * registration, and it never sends to the US, Canada or Puerto Rico. A change replaces.
   * @see https://www.twilio.com/docs/messaging/api/alphasender-resource
   */
  alphaSender?: Input<string> | undefined;
  /**
   * A sender that is registered with a channel, such as WhatsApp or RCS, by its SID `XE…`; it belongs to one messaging service. A change replaces.
   * @see https://www.twilio.com/docs/messaging/api/channelsender-resource
   */
  channelSender?: Input<string> | undefined;
}

/** What Twilio adds to a {@link MessagingServiceSender}. */
export interface MessagingServiceSenderOutputs {
  /** The SID of the number `PN…`, short code `SC…`, sender ID `AI…` or channel sender `XE…`. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The id of its messaging service, `MG…`. */
  messagingService: string;
  /** Its messaging service, `MG…`. */
  messagingServiceSid: string;
  /** What people see as the sender: the number, the short code, the sender ID, or an address such as `whatsapp:+15558675310`. */
  sender: string;
  /** The number's SID, `PN…`. */
  phoneNumber: string | undefined;
  /** Its address in Twilio's API. */
  url: string;
}

/** @internal */
export const messagingServiceSender: Definition = define<MessagingServiceSenderArgs, MessagingServiceSenderOutputs>({
  type: "twilio/messaging:MessagingServiceSender",
  product: "messaging",
  sid: "PN",
  path: ([service]) => `/v1/Services/${service}`,
  list: { key: "phone_numbers", by: ["phoneNumber", "shortCode", "alphaSender", "channelSender"] },
  groups: {
    names: ["phoneNumber", "shortCode", "alphaSender", "channelSender"],
    collections: {
      phoneNumber: { path: "PhoneNumbers", key: "phone_numbers", sid: "PN" },
      shortCode: { path: "ShortCodes", key: "short_codes", sid: "SC" },
      alphaSender: { path: "AlphaSenders", key: "alpha_senders", sid: "AI" },
      channelSender: { path: "ChannelSenders", key: "senders", sid: "XE" },
    },
  },
  unique: [
    { by: ["phoneNumber"], explain: "a number belongs to one messaging service" },
    { by: ["shortCode"], explain: "a short code belongs to one messaging service" },
    { by: ["messagingService", "alphaSender"], explain: "a sender ID is in a messaging service once" },
    { by: ["channelSender"], explain: "a channel sender belongs to one messaging service" },
  ],
  deleteBeforeReplace: true,
  facts: messagingServiceSenderFacts,
  fields: {
    messagingService: { parent: "MessagingService", required: true, format: path("MessagingService", "MG") },
    phoneNumber: { wire: "PhoneNumberSid", from: "sid", createOnly: true, reference: numberThatTexts, format: sid("PN") },
    shortCode: {
      wire: "ShortCodeSid",
      from: "sid",
      createOnly: true,
      reference: objectBySid("short code", "api", (code, account) => `/2010-04-01/Accounts/${account}/SMS/ShortCodes/${code}.json`),
      format: sid("SC"),
    },
    alphaSender: { createOnly: true, format: alphaSender },
    channelSender: { wire: "Sid", from: "sid", createOnly: true, format: sid("XE") },
    adopt: { local: "create", format: either(sid("SC"), sid("AI"), sid("XE"), sid("PN")) },
  },
  outputs: { messagingServiceSid: (id) => id.split("/")[0] as string, sender: "sender" },

  complete: async (body) => ({ ...body, sender: body.sender ?? body.phone_number ?? body.short_code ?? body.alpha_sender }),
  another: moveHere,
  explainConflict: explainHolder,
});

/**
 * A sender of a messaging service: a number, a short code, an alphanumeric sender ID or a channel sender. Deleting it removes it from the service;
 * the number, short code or channel sender stays in the account.
 *
 * @example
 * new MessagingServiceSender("desk", { messagingService: notices, phoneNumber: number });
 * new MessagingServiceSender("name", { messagingService: notices, alphaSender: "My Shop" });
 *
 * @see https://www.twilio.com/docs/messaging/services
 */
export class MessagingServiceSender extends resourceClass<MessagingServiceSenderArgs, MessagingServiceSenderOutputs>(
  messagingServiceSender,
) {}
