/** Reads the changes that a pre-webhook's response makes to a message or conversation. */
import type { Amendments } from "../events";
import type { Report } from "./deliveries";

/** Reads the amendments from a JSON response. Ignores fields that a pre-webhook may not change or that are not strings. */
export function readAmendments(event: string, text: string): Amendments {
  const response = parseObject(text);
  const isMessage = event === "onMessageAdd" || event === "onMessageUpdate";
  const isConversation = event === "onConversationAdd" || event === "onConversationUpdate";
  if (isMessage) {
    const message = stringsIn({ body: response.body, author: response.author, attributes: response.attributes });
    return Object.keys(message).length > 0 ? { message } : {};
  }
  return isConversation && typeof response.friendly_name === "string" ? { conversation: { friendlyName: response.friendly_name } } : {};
}

/** The parameters of a pre-webhook request, after the amendments of earlier responses. */
export function amendedParameters({ event, parameters }: Report, { message = {}, conversation = {} }: Amendments): Record<string, string> {
  if (event.startsWith("onMessage")) {
    return { ...parameters, ...stringsIn({ Body: message.body, Author: message.author, Attributes: message.attributes }) };
  }
  return event.startsWith("onConversation") ? { ...parameters, ...stringsIn({ FriendlyName: conversation.friendlyName }) } : parameters;
}

function stringsIn(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    // A response that is not JSON accepts the change unmodified.
    return {};
  }
}
