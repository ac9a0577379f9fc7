import type { Input } from "@pulumi/pulumi";
import type { CommonArgs } from "../core/lifecycle/common-args";
import { define } from "../core/lifecycle/define";
import type { Definition } from "../core/lifecycle/definition";
import { json, oneOf, path, sid, text } from "../core/lifecycle/formats";
import { resourceClass } from "../core/registration/resource";
import type { Conversation } from "./conversation";
import { conversationMessageFacts, markKey } from "./conversation-message-facts";
import type { JsonObject } from "./json-object";
import { findMarked, withMark } from "./message-mark";

/**
 * Arguments of a {@link ConversationMessage}: at least one of `body`, `mediaSid` and `contentSid`.
 *
 * Creating the resource sends the message once to everybody in the conversation. An update changes the message in the conversation; phones keep
 * what they received, and nothing is sent again. Only a change of `conversation` sends it again, to the other conversation.
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-message-resource
 */
export interface ConversationMessageArgs extends CommonArgs {
  /** The {@link Conversation} that it is sent to, or its id `IS…/CH…`. A change replaces: it is sent to the other one, and deleted in this one. */
  conversation: Input<string> | Input<Conversation>;
  /**
   * The text, up to 32,768 characters; phones get texts and WhatsApp messages of up to 1,600. Updated in place, in the conversation only. It
   * cannot be removed from a message without media or content.
   */
  body?: Input<string> | undefined;
  /**
   * Who the message is from: the identity or address of a participant, who then does not receive it, or any name of up to 256 characters.
   * Twilio's default: `"system"`. Updated in place; removing it leaves the current author.
   */
  author?: Input<string> | undefined;
  /**
   * Data of your application, as an object of up to 4,050 bytes as JSON. Only the keys declared here are managed. The key `pulumi` holds the
   * ownership mark. Updated in place.
   */
  attributes?: Input<JsonObject> | undefined;
  /** A file that was uploaded to the service, `ME…`. Sent at creation only; a later change does nothing. */
  mediaSid?: Input<string> | undefined;
  /** A content template, `HX…`, in place of `body` and `mediaSid`. Sent at creation only; a later change does nothing. */
  contentSid?: Input<string> | undefined;
  /** The values of the template's variables: `{ "1": "Ada" }`. Sent at creation only; a later change does nothing. */
  contentVariables?: Input<JsonObject> | undefined;
  /**
   * Where to store the ownership mark, which recovers a create whose response was lost, so that the message is not sent twice. `"attributes"`
   * (default): in the key `pulumi`. `"none-may-duplicate"`: nowhere. Matters at creation only.
   */
  ownerMark?: Input<"attributes" | "none-may-duplicate"> | undefined;
}

/** What Twilio adds to a {@link ConversationMessage}. */
export interface ConversationMessageOutputs {
  /** `IM` and 32 hex digits. */
  sid: string;
  /** The account that owns it, `AC…`. */
  accountSid: string;
  /** The id of its conversation, `IS…/CH…`. */
  conversation: string;
  /** The data of your application that the program declares. */
  attributes: Record<string, unknown> | undefined;
  /** Who it is from. */
  author: string;
  /** Its place in the conversation, from 0. */
  index: number;
  /** Its address in Twilio's API. */
  url: string;
}

/** @internal */
export const conversationMessage: Definition = define<ConversationMessageArgs, ConversationMessageOutputs>({
  type: "twilio/conversations:ConversationMessage",
  product: "conversations",
  sid: "IM",
  path: ([service, conversation]) => `/v1/Services/${service}/Conversations/${conversation}/Messages`,
  // Any number of messages may have the same values: the mark distinguishes them.
  list: { key: "messages", by: ["conversation"], allowsDuplicates: () => true },
  facts: conversationMessageFacts,
  fields: {
    conversation: { parent: "Conversation", required: true, format: path("Conversation", "IS", "CH") },
    body: { format: text({ min: 1, max: 32_768 }) },
    author: { computed: true, format: text({ min: 1, max: 256 }) },
    attributes: { type: "json", format: json({ maxBytes: 4050 }) },
    mediaSid: { sentOnCreate: true, format: sid("ME") },
    contentSid: { sentOnCreate: true, format: sid("HX") },
    contentVariables: { type: "json", sentOnCreate: true, format: json({ maxBytes: 4096 }) },
    ownerMark: { local: "create", format: oneOf("attributes", "none-may-duplicate") },
  },
  outputs: { index: "index" },

  validate({ body, mediaSid, contentSid, contentVariables, attributes, adopt }) {
    const contents = { body, mediaSid, contentSid };
    const given = Object.entries(contents).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    if (given.length === 0 && adopt === undefined)
      return [{ property: "body", reason: "is missing: declare `body`, `mediaSid` or `contentSid`" }];
    if (contentSid !== undefined && given.length > 1)
      return [
        {
          property: given[0] as string,
          reason: "must not be declared together with `contentSid`, for which Twilio ignores it: remove one",
        },
      ];
    if (contentVariables !== undefined && contentSid === undefined)
      return [{ property: "contentVariables", reason: "must not be declared without `contentSid`, the template that has the variables" }];
    if (attributes !== undefined && markKey in attributes)
      return [{ property: `attributes.${markKey}`, reason: "is the key of the ownership mark: use another key" }];
    return [];
  },

  createForm: (form, news, context) => (news.ownerMark === "none-may-duplicate" ? form : withMark(form, context)),
  findOwn: (news, context, note) =>
    news.ownerMark === "none-may-duplicate" ? Promise.resolve(undefined) : findMarked(news.conversation, context, note),
});

/**
 * A message that a program sends to a conversation, such as a greeting or a notice. It is an effect: it is sent when the resource is created,
 * and nobody can unsend it.
 *
 * @example
 * new ConversationMessage("welcome", { conversation: hello, body: "Welcome! We answer within an hour.", author: "support" });
 *
 * @see https://www.twilio.com/docs/conversations/api/conversation-message-resource
 */
export class ConversationMessage extends resourceClass<ConversationMessageArgs, ConversationMessageOutputs>(conversationMessage) {}
