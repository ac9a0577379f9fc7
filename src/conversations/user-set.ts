import type { Input } from "@pulumi/pulumi";
import { setClass } from "../core/registration/set-resource";
import type { SetDefinition } from "../core/sets/set-definition";
import type { ConversationService } from "./service";
import type { ConversationUserArgs } from "./user";
import { conversationUser } from "./user";

/**
 * Arguments of a {@link UserSet}.
 *
 * @see https://www.twilio.com/docs/conversations/api/user-resource
 */
export interface UserSetArgs {
  /**
   * The {@link ConversationService} that has the users which declare none, or its id `IS…`. Default: the account's default service. A change
   * replaces these users.
   */
  service?: Input<string> | Input<ConversationService> | undefined;
  /**
   * The users, each under a key that the program chooses: letters, digits, `-` and `_`, up to 100 characters. An item has the arguments of a
   * {@link ConversationUser}. An added key creates, a removed key deletes, and a changed item is updated or replaced.
   */
  items: Input<Record<string, Input<ConversationUserArgs>>>;
}

/** @internal */
export const userSet: SetDefinition = { type: "twilio/conversations:UserSet", item: conversationUser };

/**
 * Many users of a service as one resource. Each is created, read, updated, deleted, adopted and guarded as a {@link ConversationUser} is.
 *
 * @example
 * new UserSet("agents", { service, items: { ada: { identity: "ada", friendlyName: "Ada" }, grace: { identity: "grace" } } });
 *
 * @see https://www.twilio.com/docs/conversations/api/user-resource
 */
export class UserSet extends setClass<UserSetArgs>(userSet) {}
