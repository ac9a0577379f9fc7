import type { Input } from "@pulumi/pulumi";
import { type Context, define, matchesNote, type Note, type Props } from "../core/lifecycle/definition";
import { boolean, oneOf, text } from "../core/lifecycle/formats";
import { type CommonArgs, commonFields, resourceClass } from "../core/registration/resource";
import { UsageError } from "../core/twilio/errors";
import { guard, type Losses, messagesOf, nameConversation } from "./guard";

/**
 * What you may set on a {@link ConversationService}. `adopt` also takes the exact friendly name, if only one service has it.
 *
 * @see https://www.twilio.com/docs/conversations/api/service-resource
 */
export interface ConversationServiceArgs extends CommonArgs {
  /** Name shown in the Console, 1 to 256 characters; need not be unique. Twilio cannot rename a service: a change replaces it. */
  friendlyName: Input<string>;
  /**
   * Allows deleting or replacing the service while it still holds conversations; they are lost with all their messages. Default: `false`, which
   * makes such a change an error that says what would be lost. A change is recorded in place and sends nothing. The account's default service
   * is never deleted.
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

const guarded = guard({
  losses: conversationsIn,
  why: (id, name) => `Twilio cannot rename a service, so "${name}" (${id}) would be deleted with all it holds,`,
  instead: "Keep the name",
  holds: (id, { first, all }) =>
    `ConversationService ${id} still holds ${first}, which this stack does not manage; deleting the service would delete ${all}.`,
});

export const conversationService = define<ConversationServiceArgs, ConversationServiceOutputs>({
  type: "twilio/conversations:ConversationService",
  product: "conversations",
  sid: "IS",
  path: () => "/v1/Services",
  owned: true,
  allowsDuplicates: () => true,
  fields: {
    friendlyName: { required: true, createOnly: true, format: text({ min: 1, max: 256 }) },
    forceDestroy: { type: "boolean", local: "delete", format: boolean },
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

  pendingCreateKey: ({ __urn, friendlyName }) => (__urn === undefined ? undefined : noteKey(friendlyName, __urn)),

  // Names are not unique, so a service of this name counts as ours only if it came to be with our request and is no other resource's.
  async findLost({ friendlyName }, { twilio, notes: memory }, note, held) {
    if (!note) return undefined;
    const namesakes = (memory.all() as Note[]).filter(({ key }) => key !== note.key && key?.startsWith(noteKey(friendlyName, "")));
    const noted = new Set<unknown>(namesakes.map(({ sid }) => sid));
    const candidates = [];
    for await (const body of services(twilio, friendlyName as string)) {
      const isOthers = held.has(String(body.sid)) || noted.has(body.sid);
      if (!isOthers && matchesNote(note, body, twilio)) candidates.push(body);
    }
    // Of several that were interrupted together, each takes any.
    const interrupted = 1 + namesakes.filter(({ sid }) => sid === undefined).length;
    if (candidates.length > interrupted) throw ambiguous(friendlyName as string, candidates);
    return candidates[0];
  },

  async findByName(name, _inputs, { twilio }) {
    const found = [];
    for await (const body of services(twilio, name)) found.push(body);
    if (found.length > 1) throw ambiguous(name, found);
    return found[0];
  },

  refuse: guarded.refuse,
  async beforeDelete(id, props, context) {
    const account = await context.twilio.send({
      attempt: "Cannot read which service is the account's default",
      product: "conversations",
      method: "get",
      path: "/v1/Configuration",
    });
    if (!account)
      throw new UsageError(`ConversationService ${id} is not deleted: Twilio does not tell which service is the account's default.`);
    if (account.default_chat_service_sid !== id) return guarded.beforeDelete(id, props, context);
    context.log("info", `ConversationService ${id} is the account's default and stays at Twilio, whatever onDelete says.`, props.__urn);
    return "keep";
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

const noteKey = (friendlyName: unknown, urn: unknown) => `service ${JSON.stringify(friendlyName)} ${urn}`;

// Enough to see what is at stake, and no more calls than a person would wait for.
const lookInto = 5;

/** The conversations of a service; nothing where there are none. */
async function conversationsIn(id: string, context: Context): Promise<Losses | undefined> {
  const page = await context.twilio.send({
    attempt: `Cannot list the conversations of ConversationService ${id}`,
    product: "conversations",
    method: "get",
    path: `/v1/Services/${id}/Conversations`,
    query: { PageSize: "100" },
  });
  const found = (page?.conversations ?? []) as Props[];
  const named = (body: Props) => `conversation ${nameConversation(body)}`;
  const [first] = found.map(named);
  if (first === undefined) return undefined;
  const described = await Promise.all(
    found
      .slice(0, lookInto)
      .map(async (body) => `${named(body)} with ${(await messagesOf(`${id}/${body.sid}`, context))?.all ?? "no messages"}`),
  );
  const more = found.length - lookInto;
  if (more > 0) described.push(`and ${found.length === 100 ? "at least " : ""}${more} more`);
  return { first, all: described.join("; ") };
}
