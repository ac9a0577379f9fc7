import type { Input } from "@pulumi/pulumi";
import { setClass } from "../core/registration/set-resource";
import type { SetDefinition } from "../core/sets/set-definition";
import type { ConversationArgs } from "./conversation";
import { conversation } from "./conversation";
import type { ConversationService } from "./service";

/**
 * Arguments of a {@link ConversationSet}.
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-resource
 */
export interface ConversationSetArgs {
  /**
   * The {@link ConversationService} that holds the conversations which declare none, or its id `IS…`. Default: the account's default service. A
   * change replaces these conversations; messages are lost.
   */
  service?: Input<string> | Input<ConversationService> | undefined;
  /**
   * The conversations, each under a key that the program chooses: letters, digits, `-` and `_`, up to 100 characters. An item has the
   * arguments of a {@link Conversation}; `uniqueName` has a default that follows from the key. An added key creates, a removed key deletes, and
   * a changed item is updated or replaced, as the resource of one conversation would be.
   */
  items: Input<Record<string, Input<ConversationArgs>>>;
}

/** @internal */
export const conversationSet: SetDefinition = { type: "twilio/conversations:ConversationSet", item: conversation };

/**
 * Many conversations as one resource. Each is created, read, updated, deleted, adopted and guarded as a {@link Conversation} is; the engine
 * takes one step and one entry of the state for all of them. Programs with hundreds of conversations are several times faster with it.
 *
 * The preview's own lines name each change (`items["store-17"].friendlyName: "a" => "b"`; the first 20 and a count), and everything that is
 * replaced or removed. A failed item fails the resource and leaves the others in the state. A key that moves here from another set, or from a
 * {@link Conversation} of that name, keeps its conversation.
 *
 * @example
 * const stores = new ConversationSet("stores", {
 *   service,
 *   items: { "store-1": { friendlyName: "Store 1" }, "store-2": { friendlyName: "Store 2" } },
 * });
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-resource
 */
export class ConversationSet extends setClass<ConversationSetArgs>(conversationSet) {}
