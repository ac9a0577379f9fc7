/** The events that a webhook can be subscribed to, by Twilio's names. */
import type { TwilioError } from "../errors";
import type { Params } from "../http/params";

/** Sent before the change. The response may reject or amend it. */
export const PRE_EVENTS = [
  ...["onMessageAdd", "onMessageUpdate", "onMessageRemove"],
  ...["onConversationAdd", "onConversationUpdate", "onConversationRemove"],
  ...["onParticipantAdd", "onParticipantUpdate", "onParticipantRemove", "onUserUpdate"],
] as const;

/** Sent after the change, to the webhooks of one conversation. */
export const SCOPED_EVENTS = [
  ...["onMessageAdded", "onMessageUpdated", "onMessageRemoved"],
  ...["onConversationUpdated", "onConversationStateUpdated", "onConversationRemoved"],
  ...["onParticipantAdded", "onParticipantUpdated", "onParticipantRemoved", "onDeliveryUpdated"],
] as const;

/** Sent after the change, to the webhooks of an account or a service. */
export const POST_EVENTS = [...SCOPED_EVENTS, "onConversationAdded", "onUserAdded", "onUserUpdated"] as const;

/** The events in a repeated parameter, without duplicates. Undefined if it was not sent. One empty value means none. */
export function readFilters(params: Params, name: string, known: readonly string[], wrong: () => TwilioError): string[] | undefined {
  const filters = params.all(name)?.filter((filter) => filter !== "");
  if (filters?.some((filter) => !known.includes(filter))) throw wrong();
  return filters && [...new Set(filters)];
}
