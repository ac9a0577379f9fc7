import type { Input } from "@pulumi/pulumi";
import { type Context, define, isOf, type Props } from "../core/definition";
import { UsageError } from "../core/errors";
import { boolean, oneOf, text } from "../core/formats";
import { type CommonArgs, commonFields, resourceClass } from "../core/resource";

/**
 * What you may set on a {@link ConversationService}. `adopt` also takes the exact friendly name, if only one service has it.
 *
 * @see https://www.twilio.com/docs/conversations/api/service-resource
 */
export interface ConversationServiceArgs extends CommonArgs {
  /** Name shown in the Console, 1 to 256 characters; need not be unique. Twilio cannot rename a service: a change replaces it. */
  friendlyName: Input<string>;
  /**
   * Allows deleting or replacing the service while it still holds conversations that are not part of this stack; they are lost with all their
   * messages. Default: `false`, which makes such a change an error. A change is recorded in place and sends nothing.
   */
  forceDestroy?: Input<boolean>;
}

/** What Twilio adds to a {@link ConversationService}. */
export interface ConversationServiceOutputs {
  /** `IS` and 32 hex digits; also the resource's id. */
  sid: string;
  /** The account that owns the service, `AC…`. */
  accountSid: string;
  /** The service's defaults, as Twilio made them. @see https://www.twilio.com/docs/conversations/api/service-configuration-resource */
  configuration: {
    /** Role of whoever creates a conversation, within it, `RL…`. */
    defaultConversationCreatorRoleSid: string;
    /** Role of participants who are added to a conversation, `RL…`. */
    defaultConversationRoleSid: string;
    /** Role of users in the service, `RL…`. */
    defaultChatServiceRoleSid: string;
  };
  /** The service's address in Twilio's API. */
  url: string;
}

export const conversationService = define<ConversationServiceArgs, ConversationServiceOutputs>({
  type: "twilio/conversations:ConversationService",
  product: "conversations",
  sid: "IS",
  path: () => "/v1/Services",
  owned: true,
  twins: true,
  fields: {
    friendlyName: { required: true, createOnly: true, format: text({ min: 1, max: 256 }) },
    forceDestroy: { shape: "boolean", local: "delete", format: boolean },
    ...commonFields,
    onDelete: { ...commonFields.onDelete, format: oneOf("delete", "retain") },
  },
  outputs: { configuration: "configuration" },
  derived: { url: (id) => `https://conversations.twilio.com/v1/Services/${id}` },

  async complete(body, { twilio }) {
    const found = await twilio.send({
      attempt: `Cannot read the configuration of ConversationService ${body.sid}`,
      product: "conversations",
      method: "get",
      path: `/v1/Services/${body.sid}/Configuration`,
    });
    const configuration = {
      defaultConversationCreatorRoleSid: found?.default_conversation_creator_role_sid,
      defaultConversationRoleSid: found?.default_conversation_role_sid,
      defaultChatServiceRoleSid: found?.default_chat_service_role_sid,
    };
    return { ...body, configuration };
  },

  noteKey: ({ __urn, friendlyName }) => (__urn === undefined ? undefined : `service ${__urn} ${friendlyName}`),

  // Names are not unique, so a service of this name counts as ours only if it came to be after our request began.
  async findLost({ friendlyName }, { twilio }, note) {
    if (!note) return undefined;
    const candidates = [];
    for await (const body of services(twilio, friendlyName as string)) if (isOf(note, body)) candidates.push(body);
    if (candidates.length > 1) throw ambiguous(friendlyName as string, candidates);
    return candidates[0];
  },

  async findByName(name, _inputs, { twilio }) {
    const found = [];
    for await (const body of services(twilio, name)) found.push(body);
    if (found.length > 1) throw ambiguous(name, found);
    return found[0];
  },

  async refuse({ id, news, olds, replaces }, context) {
    if (replaces.length === 0) return;
    if (news.forceDestroy === true) {
      replacing.add(id);
      return;
    }
    const held = await holds(id, context);
    if (held === undefined) return;
    throw new UsageError(
      `Twilio cannot rename a service, so "${olds.friendlyName}" (${id}) would be deleted with all it holds, ${held} and its messages at least. ` +
        "Keep the name, or set forceDestroy: true to lose them.",
    );
  },

  async beforeDelete(id, props, context) {
    if (props.forceDestroy === true || replacing.has(id)) return;
    const held = await holds(id, context);
    if (held === undefined) return;
    throw new UsageError(
      `ConversationService ${id} still holds ${held}, which this stack does not manage; deleting the service would delete it with its messages. ` +
        'Nothing was deleted. Remove it first, or run `pulumi up` with forceDestroy: true and then destroy, or keep the service with onDelete: "retain".',
    );
  },
});

/**
 * A room of its own for conversations, users and roles.
 *
 * @example
 * const service = new ConversationService("support", { friendlyName: "Support" });
 * new Conversation("hello", { service });
 *
 * @see https://www.twilio.com/docs/conversations/api/service-resource
 */
export class ConversationService extends resourceClass<ConversationServiceArgs, ConversationServiceOutputs>(conversationService) {}

// A replacement is planned with the new properties and carried out, in the same process, with the old ones.
const replacing = new Set<string>();

/** A conversation that the service holds, as words for a message. */
async function holds(id: string, { twilio }: Context): Promise<string | undefined> {
  const page = await twilio.send({
    attempt: `Cannot list the conversations of ConversationService ${id}`,
    product: "conversations",
    method: "get",
    path: `/v1/Services/${id}/Conversations`,
    query: { PageSize: "1" },
  });
  const [first] = (page?.conversations ?? []) as Props[];
  return first && `conversation ${first.sid}${first.friendly_name ? ` ("${first.friendly_name}")` : ""}`;
}

async function* services(twilio: Context["twilio"], friendlyName: string) {
  const request = {
    attempt: "Cannot list the services",
    product: "conversations",
    path: "/v1/Services",
    query: { PageSize: "100" },
  } as const;
  for await (const body of twilio.list(request, "services")) if (body.friendly_name === friendlyName) yield body;
}

function ambiguous(name: string, found: Props[]): UsageError {
  return new UsageError(
    `${found.length} services are called "${name}" (${found.map(({ sid }) => sid).join(", ")}); name the one that is meant with adopt: "IS…".`,
  );
}
