import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { path, sid } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import { defaultConversationRole, defaultServiceRole } from "./referents";
import type { ConversationRole } from "./role";
import type { ConversationService } from "./service";

/**
 * Arguments of a {@link ConversationServiceConfiguration}. Every service has one: it is neither created nor deleted, and a program declares it
 * at most once for a service.
 *
 * @see https://www.twilio.com/docs/conversations/api/service-configuration-resource
 */
export interface ConversationServiceConfigurationArgs {
  /** The service's SID `IS…`: adopts the configuration, so that destroy leaves the declared values. Matters at creation only. */
  adopt?: CommonArgs["adopt"] | undefined;
  /**
   * What destroying the resource does: `"restore"` sets the values that were found when the resource was created, `"retain"` leaves the
   * declared ones. Default: `"restore"`, but `"retain"` with `adopt`. A change is recorded in place and sends nothing.
   */
  onDelete?: Input<"restore" | "retain"> | undefined;
  /** The {@link ConversationService} that it belongs to, or its id `IS…`. A change replaces: the former service gets its former values back. */
  service: Input<string> | Input<ConversationService>;
  /**
   * The role of a conversation's creator in that conversation: a {@link ConversationRole} of type conversation in the service, or its SID
   * `RL…`. Updated in place; removing it restores the former role. Participants that exist keep theirs.
   */
  defaultConversationCreatorRoleSid?: Input<string> | Input<ConversationRole> | undefined;
  /**
   * The role of participants who are added to a conversation: a {@link ConversationRole} of type conversation in the service, or its SID
   * `RL…`. Updated in place; removing it restores the former role. Participants that exist keep theirs.
   */
  defaultConversationRoleSid?: Input<string> | Input<ConversationRole> | undefined;
  /**
   * The role of new users: a {@link ConversationRole} of type service in the service, or its SID `RL…`. Updated in place; removing it
   * restores the former role. Users that exist keep theirs.
   */
  defaultChatServiceRoleSid?: Input<string> | Input<ConversationRole> | undefined;
  /**
   * Whether users see who is online and who can be notified. Twilio's default: `false`. Updated in place; removing it restores the former value.
   *
   * @see https://www.twilio.com/docs/conversations/reachability
   */
  reachabilityEnabled?: Input<boolean> | undefined;
}

/** What Twilio adds to a {@link ConversationServiceConfiguration}. */
export interface ConversationServiceConfigurationOutputs {
  /** The service's SID, `IS…`; also the resource's id. */
  sid: string;
  /** The account that owns the service, `AC…`. */
  accountSid: string;
  /** Its service, `IS…`. */
  service: string;
  /** Its address in Twilio's API. */
  url: string;
}

/** @internal */
export const conversationServiceConfiguration: Definition = define<
  ConversationServiceConfigurationArgs,
  ConversationServiceConfigurationOutputs
>({
  type: "twilio/conversations:ConversationServiceConfiguration",
  product: "conversations",
  sid: "IS",
  path: ([service]) => `/v1/Services/${service}/Configuration`,
  singleton: true,
  onDelete: ["restore", "retain"],
  unique: [{ by: ["service"], explain: "a service has one configuration" }],
  facts: { plural: "service configurations", singular: "service configuration" },
  fields: {
    service: { parent: "ConversationService", required: true, format: path("ConversationService", "IS") },
    defaultConversationCreatorRoleSid: { reference: defaultConversationRole, format: sid("RL") },
    defaultConversationRoleSid: { reference: defaultConversationRole, format: sid("RL") },
    defaultChatServiceRoleSid: { reference: defaultServiceRole, format: sid("RL") },
    reachabilityEnabled: { type: "boolean", cleared: "false" },
  },
});

/**
 * The default roles of a service, and whether its users see who is online.
 *
 * @example
 * new ConversationServiceConfiguration("support", { service: support, reachabilityEnabled: true });
 *
 * @see https://www.twilio.com/docs/conversations/api/service-configuration-resource
 */
export class ConversationServiceConfiguration extends resourceClass<
  ConversationServiceConfigurationArgs,
  ConversationServiceConfigurationOutputs
>(conversationServiceConfiguration) {}
