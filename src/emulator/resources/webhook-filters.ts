/** The events that webhooks can be asked for, by Twilio's names. */
import type { TwilioError } from "../errors";
import type { Params } from "../http/params";

/** Asked about before the change happens: the answer may refuse or amend it. */
export const PRE_EVENTS = [
  ...["onMessageAdd", "onMessageUpdate", "onMessageRemove"],
  ...["onConversationAdd", "onConversationUpdate", "onConversationRemove"],
  ...["onParticipantAdd", "onParticipantUpdate", "onParticipantRemove", "onUserUpdate"],
] as const;

/** Told after the change, to the webhooks of one conversation. */
export const SCOPED_EVENTS = [
  ...["onMessageAdded", "onMessageUpdated", "onMessageRemoved"],
  ...["onConversationUpdated", "onConversationStateUpdated", "onConversationRemoved"],
  ...["onParticipantAdded", "onParticipantUpdated", "onParticipantRemoved", "onDeliveryUpdated"],
] as const;

/** Told after the change, to the webhooks of an account or a service. */
export const POST_EVENTS = [...SCOPED_EVENTS, "onConversationAdded", "onUserAdded", "onUserUpdated"] as const;

/** The events named by a repeated parameter, undefined when it was not sent; one empty value names none. */
export function readFilters(params: Params, name: string, known: readonly string[], wrong: () => TwilioError): string[] | undefined {
  const filters = params.all(name)?.filter((filter) => filter !== "");
  if (filters?.some((filter) => !known.includes(filter))) throw wrong();
  return filters && [...new Set(filters)];
}
