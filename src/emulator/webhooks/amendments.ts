/** What the answer to a pre-webhook may change. */
import type { Amendments } from "../domain";
import type { Report } from "./deliveries";

/** The amendments that a JSON answer makes; what it may not change, or is no text, is ignored. */
export function amendmentsIn(event: string, text: string): Amendments {
  const answer = parseObject(text);
  const isMessage = event === "onMessageAdd" || event === "onMessageUpdate";
  const isConversation = event === "onConversationAdd" || event === "onConversationUpdate";
  if (isMessage) {
    const message = texts({ body: answer.body, author: answer.author, attributes: answer.attributes });
    return Object.keys(message).length > 0 ? { message } : {};
  }
  return isConversation && typeof answer.friendly_name === "string" ? { conversation: { friendlyName: answer.friendly_name } } : {};
}

/** The parameters of a question as earlier answers have amended them. */
export function amended({ event, parameters }: Report, { message = {}, conversation = {} }: Amendments): Record<string, string> {
  if (event.startsWith("onMessage")) {
    return { ...parameters, ...texts({ Body: message.body, Author: message.author, Attributes: message.attributes }) };
  }
  return event.startsWith("onConversation") ? { ...parameters, ...texts({ FriendlyName: conversation.friendlyName }) } : parameters;
}

function texts(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // An answer that is no JSON accepts the change as it is.
    return {};
  }
}
