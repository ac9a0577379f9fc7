import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Context, Definition } from "../core/lifecycle/definition";
import { json, path, sid, text } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import { firstPage, guard, type Losses } from "./guard";
import type { JsonObject } from "./json-object";
import { serviceRole } from "./referents";
import type { ConversationRole } from "./role";
import type { ConversationService } from "./service";
import { conversationUserFacts } from "./user-facts";

/**
 * Arguments of a {@link ConversationUser}. `adopt` also accepts the identity.
 *
 * Twilio creates a user by itself when an identity becomes a participant or signs in for the first time. A user that exists is adopted: the
 * preview says so, and a destroy keeps it. To create the user with the program, pass `user.identity` to its participants, so that they follow it.
 *
 * @see https://www.twilio.com/docs/conversations/api/user-resource
 */
export interface ConversationUserArgs extends CommonArgs {
  /** The {@link ConversationService} that has the user, or its id `IS…`. Default: the account's default service. A change replaces. */
  service?: Input<string> | Input<ConversationService> | undefined;
  /**
   * The identity in the user's chat tokens, 1 to 256 characters, once in a service; upper and lower case differ. A change replaces, and
   * removes the user from its conversations.
   */
  identity: Input<string>;
  /** Name that applications show, up to 256 characters. Updated in place. */
  friendlyName?: Input<string> | undefined;
  /** Data of your application, as an object of up to 4,096 bytes as JSON. Only the keys declared here are managed. Updated in place. */
  attributes?: Input<JsonObject> | undefined;
  /**
   * Its role in the service: a {@link ConversationRole} of type service, or its SID `RL…`. Default: the service's default role for users.
   * Updated in place; removing it leaves the current role.
   */
  roleSid?: Input<string> | Input<ConversationRole> | undefined;
  /**
   * Allows a change that deletes the user while it participates in conversations; Twilio removes it from them. Default: `false`: such a
   * change is an error that names them. A change is recorded in place and sends nothing.
   */
  forceDestroy?: Input<boolean> | undefined;
}

/** What Twilio adds to a {@link ConversationUser}. */
export interface ConversationUserOutputs {
  /** `US` and 32 hex digits. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The `service` that the program declares, as its id; `undefined` for the account's default service. */
  service: string | undefined;
  /** The service that has the user, `IS…`. */
  chatServiceSid: string;
  /** Its identity: pass it to participants, so that the user exists before them. */
  identity: string;
  /** The data of your application that the program declares. */
  attributes: Record<string, unknown> | undefined;
  /** Its role in the service, `RL…`. */
  roleSid: string;
  /** Its address in Twilio's API. */
  url: string;
}

const guarded = guard({
  losses: membershipsOf,
  why: (id, name) => `Twilio cannot rename a user: replacing ${id}${name ? ` ("${name}")` : ""} removes`,
  instead: "Keep the identity",
  holds: (id, { first, all }) => `ConversationUser ${id} participates in ${first}. Deleting it removes ${all}.`,
});

/** @internal */
export const conversationUser: Definition = define<ConversationUserArgs, ConversationUserOutputs>({
  type: "twilio/conversations:ConversationUser",
  product: "conversations",
  sid: "US",
  path: ([service]) => (service ? `/v1/Services/${service}/Users` : "/v1/Users"),
  list: { key: "users", by: ["identity"], fetchBy: "identity", maxPageSize: 50 },
  unique: [{ by: ["service", "identity"], explain: "an identity is a user once in a service" }],
  facts: conversationUserFacts,
  fields: {
    service: { parent: "ConversationService", format: path("ConversationService", "IS") },
    identity: { required: true, createOnly: true, format: text({ min: 1, max: 256 }) },
    friendlyName: { format: text({ max: 256 }) },
    attributes: { type: "json", format: json({ maxBytes: 4096 }) },
    roleSid: { computed: true, reference: serviceRole, format: sid("RL") },
    forceDestroy: { type: "boolean", local: "delete" },
  },
  outputs: { chatServiceSid: (id) => id.split("/")[0] as string, identity: "identity" },

  parentsOf: (body) => [body.chat_service_sid as string],

  validate: ({ identity }) =>
    sid("US")(identity) === undefined ? [{ property: "identity", reason: `must not look like a user's SID; received "${identity}"` }] : [],

  refuse: guarded.refuse,
  beforeDelete: guarded.beforeDelete,
});

/** The conversations that a user takes part in, in words; `undefined` where there are none. */
async function membershipsOf(id: string, { twilio }: Context): Promise<Losses | undefined> {
  const [service, user] = id.split("/");
  const found = await firstPage(twilio, {
    attempt: `Cannot list the conversations of ConversationUser ${id}`,
    path: `/v1/Services/${service}/Users/${user}/Conversations`,
    key: "conversations",
    query: { PageSize: "50" },
    names: { user_sid: user as string },
  });
  const [first, ...rest] = found.map(({ conversation_sid: conversation }) => `conversation ${conversation}`);
  if (first === undefined) return undefined;
  const more = rest.length > 0 ? ` and ${found.length === 50 ? "at least " : ""}${rest.length} more` : "";
  return { first: `${first}${more}`, all: `it from ${first}${more}` };
}

/**
 * A person of a service: a name, data and a role for an identity that signs in with a chat token.
 *
 * @example
 * const ada = new ConversationUser("ada", { service, identity: "ada", friendlyName: "Ada", roleSid: agent });
 * new Participant("ada", { conversation: hello, identity: ada.identity });
 *
 * @see https://www.twilio.com/docs/conversations/api/user-resource
 */
export class ConversationUser extends resourceClass<ConversationUserArgs, ConversationUserOutputs>(conversationUser) {}
