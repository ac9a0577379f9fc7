import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Change, Context, Definition } from "../core/lifecycle/definition";
import { items, oneOf, path, text } from "../core/lifecycle/formats";
import { logPermissionChange } from "../core/lifecycle/permission-change";
import { isUnknown } from "../core/lifecycle/props";
import { resourceClass } from "../core/registration/resource";
import { UsageError } from "../core/twilio/errors";
import { conversationRoleFacts } from "./role-facts";
import type { ConversationService } from "./service";
import { settingsOf } from "./service-contents";

interface Common extends CommonArgs {
  /** The {@link ConversationService} that has the role, or its id `IS…`. Default: the account's default service. A change replaces. */
  service?: Input<string> | Input<ConversationService> | undefined;
  /** Name in the Console, 1 to 64 characters; need not be unique. Twilio cannot rename a role: a change replaces. */
  friendlyName: Input<string>;
}

/** What a user may do in the whole service. */
export interface ServiceRoleArgs extends Common {
  /** A role of a user. A change replaces. */
  type: Input<"service">;
  /**
   * What the role allows, at least one permission, in any order. A permission that this package does not know causes a warning; Twilio refuses
   * one that does not exist (50104). Updated in place: the preview names the permissions that are gained and lost.
   */
  permissions: Input<Input<ServicePermission | (string & {})>[]>;
}

/** What a participant may do in one conversation. */
export interface ConversationRoleOfParticipantArgs extends Common {
  /** A role of a participant. A change replaces. */
  type: Input<"conversation">;
  /**
   * What the role allows, at least one permission, in any order. A permission that this package does not know causes a warning; Twilio refuses
   * one that does not exist (50104). Updated in place: the preview names the permissions that are gained and lost.
   */
  permissions: Input<Input<ConversationPermission | (string & {})>[]>;
}

/**
 * Arguments of a {@link ConversationRole}. `adopt` also accepts the exact friendly name, if only one role of the service has it.
 *
 * @see https://www.twilio.com/docs/conversations/api/role-resource
 */
export type ConversationRoleArgs = ServiceRoleArgs | ConversationRoleOfParticipantArgs;

/** What Twilio adds to a {@link ConversationRole}. */
export interface ConversationRoleOutputs {
  /** `RL` and 32 hex digits. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The `service` that the program declares, as its id; `undefined` for the account's default service. */
  service: string | undefined;
  /** The service that has the role, `IS…`. */
  chatServiceSid: string;
  /** Its address in Twilio's API. */
  url: string;
}

// Twilio's page lists most of them; Twilio also accepts the four about levels and participants.
const ofBoth = [
  ...["addNonChatParticipant", "addParticipant", "deleteAnyMessage", "deleteConversation", "editAnyMessage", "editAnyMessageAttributes"],
  ...["editAnyParticipantAttributes", "editAnyUserInfo", "editConversationAttributes", "editConversationName", "editNotificationLevel"],
  ...["editOwnMessage", "editOwnMessageAttributes", "editOwnParticipantAttributes", "editOwnUserInfo", "removeParticipant"],
] as const;
const ofService = [...ofBoth, "createConversation", "joinConversation"] as const;
const ofConversation = [...ofBoth, "deleteOwnMessage", "leaveConversation", "sendMediaMessage", "sendMessage"] as const;

/**
 * A permission of a role of type service. Without `addParticipant`, a user adds nobody to a conversation, not even to one that the user created,
 * unless the user's role in that conversation has it.
 */
export type ServicePermission = (typeof ofService)[number];

/** A permission of a role of type conversation. */
export type ConversationPermission = (typeof ofConversation)[number];

interface AnyRoleArgs extends Common {
  type: string;
  permissions: string[];
}

/** @internal */
export const conversationRole: Definition = define<AnyRoleArgs, ConversationRoleOutputs>({
  type: "twilio/conversations:ConversationRole",
  product: "conversations",
  sid: "RL",
  path: ([service]) => (service ? `/v1/Services/${service}/Roles` : "/v1/Roles"),
  list: { key: "roles", by: ["friendlyName", "type"], name: "friendlyName", maxPageSize: 50, allowsDuplicates: () => true },
  facts: conversationRoleFacts,
  fields: {
    service: { parent: "ConversationService", format: path("ConversationService", "IS") },
    friendlyName: { required: true, createOnly: true, format: text({ min: 1, max: 64 }) },
    type: { required: true, createOnly: true, format: oneOf("conversation", "service") },
    permissions: {
      type: "set",
      wire: "Permission",
      from: "permissions",
      required: true,
      format: items(text({ min: 1, max: 64 }), { min: 1 }),
    },
  },
  outputs: { chatServiceSid: (id) => id.split("/")[0] as string },

  parentsOf: (body) => [body.chat_service_sid as string],

  async resolveInputs(news, olds, context) {
    const known: readonly string[] = news.type === "service" ? ofService : ofConversation;
    const added = without(news.permissions, olds.permissions).filter((permission) => !known.includes(permission));
    if (added.length > 0 && !isUnknown(news.type))
      context.log(
        "warn",
        `\`permissions\` of a role of type ${news.type} contains ${added.map((one) => JSON.stringify(one)).join(", ")}, which this package does ` +
          "not know. Twilio refuses the role if there is no such permission: compare it with Twilio's list of permissions.",
      );
    return news;
  },

  refuse: ({ id, olds, news }: Change<AnyRole>, context) =>
    logPermissionChange(`ConversationRole ${id}`, [olds.permissions, news.permissions], without, context),

  beforeDelete: refuseDefaultRole,
});

interface AnyRole {
  readonly permissions: readonly string[];
}

/** The strings of one list that are not in another. Values that are not known yet are in neither. */
function without(list: readonly string[] | undefined, other: readonly string[] | undefined): string[] {
  const [these, those] = [list, other].map((values) => (Array.isArray(values) ? values.filter((value) => !isUnknown(value)) : []));
  return (these as string[]).filter((value) => !those?.includes(value));
}

/** Where a service's default role is deleted, new users and participants would get a role that does not exist. */
async function refuseDefaultRole(id: string, _props: unknown, context: Context): Promise<undefined> {
  const [service = "", role] = id.split("/");
  const configuration = await settingsOf(service, "Configuration", context);
  const uses = [
    ["default_conversation_creator_role_sid", "creators of conversations"],
    ["default_conversation_role_sid", "participants"],
    ["default_chat_service_role_sid", "users"],
  ].filter(([key = ""]) => configuration?.[key] === role);
  if (uses.length === 0) return undefined;
  throw new UsageError(
    `ConversationRole ${id} is the default role of service ${service} for ${uses.map(([, who]) => who).join(" and ")}. Nothing was deleted. ` +
      'Give the service another default role first, or set onDelete: "retain".',
  );
}

/**
 * What users may do in a service, or participants in a conversation, when they use the chat SDK. Roles do not restrict Twilio's REST API.
 *
 * @example
 * const agent = new ConversationRole("agent", { service, friendlyName: "agent", type: "service", permissions: ["createConversation", "addParticipant"] });
 * new ConversationUser("ada", { service, identity: "ada", roleSid: agent });
 *
 * @see https://www.twilio.com/docs/conversations/api/role-resource
 */
export class ConversationRole extends resourceClass<ConversationRoleArgs, ConversationRoleOutputs>(conversationRole) {}
