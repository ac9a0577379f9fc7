import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { integer, items, matching, oneOf, sid, text } from "../core/lifecycle/formats";
import { askOnce } from "../core/lifecycle/preview-lookups";
import { get } from "../core/lifecycle/props";
import { resourceClass } from "../core/registration/resource";
import { verifyNames } from "../core/twilio/response";
import type { Body } from "../core/twilio/twilio";
import { addressConfigurationFacts } from "./address-configuration-facts";
import type { AddressType } from "./address-formats";
import { addressProblems, addressTypes, senderAddress, warnOfAddress } from "./address-formats";
import { conversationService } from "./referents";
import type { ConversationService } from "./service";
import type { ConversationEvent } from "./webhook-target";
import { events, shortUrl } from "./webhook-target";

/** What a new conversation gets: exactly one of `default`, `webhook` and `studio`. Switching between them is an update in place. */
export interface AutoCreation {
  /** Nothing: `{}`. The webhooks of the account and of the service report its events. */
  default?: Input<Record<string, never>> | undefined;
  /** A webhook that reports its events to a URL. */
  webhook?:
    | Input<{
        /** The URL, http or https, up to 512 characters. Updated in place. */
        url: Input<string>;
        /** How the URL is requested. Default: `"POST"`. Updated in place. */
        method?: Input<"GET" | "POST"> | undefined;
        /** The events to report, at least one. Their order does not matter. Updated in place. */
        filters: Input<Input<ConversationEvent>[]>;
      }>
    | undefined;
  /** A Studio flow, which receives its messages. */
  studio?:
    | Input<{
        /** The flow, `FW…`. Updated in place. */
        flowSid: Input<string>;
        /** How often Twilio tries again to start the flow, 0 to 3. Default: 0. Updated in place. */
        retryCount?: Input<number> | undefined;
      }>
    | undefined;
}

/**
 * Arguments of an {@link AddressConfiguration}. An address has one configuration. `adopt` also accepts the address.
 *
 * @see https://www.twilio.com/docs/conversations/api/address-configuration-resource
 */
export interface AddressConfigurationArgs extends CommonArgs {
  /**
   * The channel: `"sms"`, `"whatsapp"`, `"messenger"`, `"rcs"`, `"chat"` (a web chat of Flex), `"email"`, `"apple"` or `"gbm"` (Google's
   * Business Messages, which Google ended in 2024). A change replaces: delete, then create.
   */
  type: Input<AddressType>;
  /**
   * The account's address on that channel, up to 256 characters: a number in E.164 format or a short code (sms), `whatsapp:` and a number
   * (whatsapp), `messenger:` and the page's id (messenger), an email address (email), `urn:mbid:` and the business's id (apple), `rcs:` and the
   * agent (rcs), the SID of a web chat's deployment key (chat). A change replaces: delete, then create. Releasing a number deletes its
   * configuration.
   */
  address: Input<string>;
  /**
   * The country of a short code, ISO 3166 alpha-2 like `"US"`. Required with a short code, and not accepted with other addresses. A change
   * replaces: delete, then create.
   */
  addressCountry?: Input<string> | undefined;
  /** Name in the Console, up to 256 characters. Default: none. Updated in place. */
  friendlyName?: Input<string> | undefined;
  /** What a conversation gets that Twilio creates for a message from an unknown sender. Updated in place. */
  autoCreation: Input<AutoCreation>;
  /**
   * Whether a message from an unknown sender creates a conversation. While `false`, a text goes to the number's webhook. Default: `true`.
   * Updated in place.
   */
  enabled?: Input<boolean> | undefined;
  /**
   * The {@link ConversationService} of the new conversations, or its SID `IS…`. Default: the account's default service. Updated in place;
   * conversations that exist stay where they are.
   */
  conversationService?: Input<string> | Input<ConversationService> | undefined;
}

/** What Twilio adds to an {@link AddressConfiguration}. */
export interface AddressConfigurationOutputs {
  /** `IG` and 32 hex digits; also the resource's id. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The declared service of new conversations, `IS…`; `undefined` for the account's default service, and where the service was deleted. */
  conversationService: string | undefined;
  /** Its address in Twilio's API. */
  url: string;
}

const group = (name: string) => ({
  wire: `AutoCreation.${name}`,
  from: `auto_creation.${name.replace(/(?<!^)[A-Z]/g, "_$&").toLowerCase()}`,
});

/** @internal */
export const addressConfiguration: Definition = define<AddressConfigurationArgs, AddressConfigurationOutputs>({
  type: "twilio/conversations:AddressConfiguration",
  product: "conversations",
  sid: "IG",
  path: () => "/v1/Configuration/Addresses",
  list: { key: "address_configurations", by: ["address"], fetchBy: "address", maxPageSize: 50 },
  groups: {
    names: ["autoCreation.default", "autoCreation.webhook", "autoCreation.studio"],
    by: "autoCreation.type",
    switchable: true,
  },
  unique: [{ by: ["address"], explain: "an address has one configuration" }],
  // The type and the country of an address can only change while no other configuration has it.
  deleteBeforeReplace: true,
  facts: addressConfigurationFacts,
  fields: {
    type: { type: "keyword", required: true, createOnly: true, format: oneOf(...addressTypes) },
    address: { required: true, createOnly: true, reference: senderAddress, format: text({ min: 1, max: 256 }) },
    addressCountry: { createOnly: true, format: matching(/^[A-Z]{2}$/, 'an ISO 3166 country code in capitals, like "US"') },
    friendlyName: { format: text({ max: 256 }) },
    enabled: { type: "boolean", cleared: "true", ...group("Enabled") },
    conversationService: { reference: conversationService, format: sid("IS"), ...group("ConversationServiceSid") },
    "autoCreation.default": { type: "empty" },
    "autoCreation.webhook.url": { required: true, format: shortUrl, ...group("WebhookUrl") },
    "autoCreation.webhook.method": {
      type: "keyword",
      computed: true,
      cleared: "POST",
      format: oneOf("GET", "POST"),
      ...group("WebhookMethod"),
    },
    "autoCreation.webhook.filters": {
      type: "set",
      required: true,
      format: items(oneOf(...events), { min: 1 }),
      ...group("WebhookFilters"),
    },
    "autoCreation.studio.flowSid": { required: true, format: sid("FW"), ...group("StudioFlowSid") },
    "autoCreation.studio.retryCount": {
      type: "integer",
      cleared: "0",
      format: integer({ min: 0, max: 3 }),
      ...group("StudioRetryCount"),
    },
  },

  // Declared for the program, so that a refresh shows that somebody has disabled it.
  addDefaults: (args) => (args.enabled === undefined ? { ...args, enabled: true } : args),

  validate: ({ type, address, addressCountry }) => addressProblems({ type, address, addressCountry }),

  async resolveInputs(news, olds, { log }) {
    if (news.address !== olds.address || news.type !== olds.type) warnOfAddress(news.type, news.address, log);
    return news;
  },

  // Everybody in the account may configure an address: to have the same one proves nothing.
  isMarked: () => false,
  // Which status Twilio refuses a second configuration with is not documented.
  isConflict: ({ status }) => status >= 400 && status < 500 && ![401, 429].includes(status),
  async explainConflict({ address }, _error, { twilio }) {
    const path = `/v1/Configuration/Addresses/${encodeURIComponent(address)}`;
    const attempt = "Cannot look up the configuration of the address";
    const found = await twilio.send({ attempt, product: "conversations", method: "get", path });
    if (!found) return undefined;
    verifyNames(found, { account_sid: twilio.accountSid }, attempt);
    return (
      `The address has AddressConfiguration ${found.sid} already, created ${found.date_created}; nothing shows that this resource created it. ` +
      `To manage it here, declare adopt: "${found.sid}"; otherwise delete it at Twilio.`
    );
  },

  async complete(body, context) {
    const service = get(body, "auto_creation.conversation_service_sid");
    if (typeof service !== "string" || service === "") return body;
    const question = { product: "conversations", path: `/v1/Services/${service}` } as const;
    // A service that cannot be read is not taken for a deleted one.
    const isThere = await askOnce(context, question).then(Boolean, () => true);
    if (isThere) return body;
    context.log(
      "warn",
      `AddressConfiguration ${body.sid} names ConversationService ${service}, which account ${context.twilio.accountSid} no longer has. ` +
        "Declare another conversationService, or remove it for the account's default service.",
    );
    return { ...body, auto_creation: { ...(body.auto_creation as Body), conversation_service_sid: null } };
  },
});

/**
 * What Twilio does with a message to an address of the account from a sender who is in no conversation with it: it creates a conversation, adds the
 * sender and the message, and attaches a webhook or a Studio flow where the program declares one. Such a text no longer reaches the number's own
 * webhook (`smsUrl`).
 *
 * It belongs to the address. `useInboundWebhookOnNumber` of a messaging service is something else: it decides whether a text that belongs to no
 * conversation goes to the webhook of its number or of the service.
 *
 * @example
 * new AddressConfiguration("inbound", { type: "sms", address: number.phoneNumber, autoCreation: { default: {} } });
 * new AddressConfiguration("orders", {
 *   type: "whatsapp",
 *   address: "whatsapp:+15558675310",
 *   conversationService: support,
 *   autoCreation: { webhook: { url, filters: ["onMessageAdded"] } },
 * });
 *
 * @see https://www.twilio.com/docs/conversations/inbound-autocreation
 */
export class AddressConfiguration extends resourceClass<AddressConfigurationArgs, AddressConfigurationOutputs>(addressConfiguration) {}
