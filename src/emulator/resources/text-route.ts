/** Where a text from a phone went, and why: the answer to "why did this text create no conversation?", in the words of Twilio's API. */
import type { Domain, Scope } from "../domain";
import type { Origin } from "../events";
import { type AddressConfigurationRecord, addressConfigurationFor } from "./address-configuration";
import type { IncomingNumberRecord } from "./incoming-number";
import { channelOf } from "./sms-sender";

/** Why a text went where it went. */
export type RouteReason =
  | "created"
  | "inConversation"
  | "noAddressConfiguration"
  | "autoCreationOff"
  | "otherType"
  | "rejected"
  | "numberNotOwned"
  | "accountNotActive"
  | "failed";

/** One text, where it went, and why. */
export interface TextRoute {
  from: string;
  to: string;
  /** Null if the text was not stored. */
  smsSid: string | null;
  reason: RouteReason;
  /** The owner of the webhook, if one received the text. */
  destination: "conversation" | "number" | "application" | "messagingService" | "nowhere";
  conversationSid: string | null;
  /** The webhook that the text was sent to. */
  url: string | null;
  /** Whether the text reached nobody. */
  failed: boolean;
  /** What happened, and why. */
  sentence: string;
  /** What to do if this is not what was intended. */
  advice: string | null;
}

declare module "../events" {
  interface DomainEvents {
    /** A text from a phone has reached its destination, or has none. */
    textRouted: { route: TextRoute };
  }
}

/** The text that a route is about. */
export interface RoutedText {
  from: string;
  to: string;
}

/** Where a text goes that belongs to no conversation: the owner of the webhook, and what to say about it. */
export interface WebhookRoute {
  destination: TextRoute["destination"];
  url: string | null;
  /** A sentence about the webhook. */
  sentence: string;
}

/** Phones have short addresses, but a request to the control plane can have any. */
const MAX_ADDRESS = 100;

function routeOf(
  { from, to }: RoutedText,
  smsSid: string | null,
  what: Pick<TextRoute, "reason" | "sentence"> & Partial<TextRoute>,
): TextRoute {
  const nowhere = {
    destination: "nowhere",
    conversationSid: null,
    url: null,
    advice: null,
    failed: what.destination === undefined,
  } as const;
  return { from: short(from), to: short(to), smsSid, ...nowhere, ...what };
}

const short = (address: string): string => (address.length > MAX_ADDRESS ? `${address.slice(0, MAX_ADDRESS)}…` : address);

/** The route of a text that became a message. */
export function routeToConversation(text: RoutedText, smsSid: string, conversationSid: string, createdBy: string | undefined): TextRoute {
  const [from, to] = [short(text.from), short(text.to)];
  const shared = { destination: "conversation", conversationSid } as const;
  if (createdBy !== undefined) {
    return routeOf(text, smsSid, {
      ...shared,
      reason: "created",
      sentence: `The text created conversation ${conversationSid}, as address configuration ${createdBy} of ${to} says.`,
    });
  }
  return routeOf(text, smsSid, {
    ...shared,
    reason: "inConversation",
    sentence: `The text became a message of ${conversationSid} and created no other conversation, because ${from} is already in it with ${to}.`,
    advice: "To let the next text create one, close or delete that conversation, or remove the participant from it.",
  });
}

/** The route of a text that became no message, because its address creates no conversations. */
export function routeToWebhook(scope: Scope, text: RoutedText, smsSid: string, { destination, url, sentence }: WebhookRoute): TextRoute {
  const why = whyNotCreated(scope, text.to);
  const failed = destination === "nowhere";
  return routeOf(text, smsSid, { ...why, destination, url, failed, sentence: `${why.sentence} ${sentence}` });
}

function whyNotCreated(scope: Scope, address: string): Pick<TextRoute, "reason" | "sentence" | "advice"> {
  const to = short(address);
  const type = channelOf(address);
  const configuration = addressConfigurationFor(scope, address) ?? addressConfigurationFor(scope, otherChannelOf(address));
  const create = `POST /v1/Configuration/Addresses with Type=${type}, Address=${to} and AutoCreation.Enabled=true`;
  if (!configuration) {
    const sentence = `The text created no conversation, because ${to} has no address configuration.`;
    return { reason: "noAddressConfiguration", sentence, advice: `To create conversations for such texts: ${create}.` };
  }
  const { sid } = configuration;
  if (configuration.address !== address || configuration.type !== type) {
    const sentence = `The text created no conversation: address configuration ${sid} is for ${configuration.address} (type ${configuration.type}), and the text was sent to ${to} (type ${type}).`;
    return { reason: "otherType", sentence, advice: adviceOnType(configuration, address, create) };
  }
  const sentence = `The text created no conversation, because address configuration ${sid} of ${to} has AutoCreation.Enabled=false.`;
  return { reason: "autoCreationOff", sentence, advice: `POST /v1/Configuration/Addresses/${sid} with AutoCreation.Enabled=true.` };
}

/** An address has one configuration, and its type cannot change. */
function adviceOnType({ sid, address }: AddressConfigurationRecord, to: string, create: string): string {
  return address === to ? `Delete ${sid}, then ${create}.` : `Send the text to ${address}, or also ${create}.`;
}

/** The same number on the other channel that it can have. */
const otherChannelOf = (address: string): string =>
  address.startsWith("whatsapp:") ? address.replace("whatsapp:", "") : `whatsapp:${address}`;

/** The route of a text that a pre-webhook rejected. */
export function rejectedRoute(
  text: RoutedText,
  smsSid: string,
  { event, url, status }: { event: string; url: string; status: number },
): TextRoute {
  return routeOf(text, smsSid, {
    reason: "rejected",
    sentence: `The text was dropped, because the pre-webhook for ${event} (${url}) rejected it with status ${status}.`,
    advice: "The pre-webhook must respond with 200 to accept a text. Its entry in the delivery log has the parameters that it received.",
  });
}

/** The route of a text to a number that no account, or another account, owns. */
export function notOwnedRoute(text: RoutedText, accountSid: string | undefined): TextRoute {
  const to = short(text.to);
  const sentence =
    accountSid === undefined
      ? `The text went nowhere, because no account owns ${to}.`
      : `The text went nowhere, because account ${short(accountSid)} does not own ${to}.`;
  const advice =
    accountSid === undefined
      ? `Send the text to a number that the account owns, or buy this one: POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json with PhoneNumber=${to}.`
      : "Send the text without accountSid. The account that owns the number then receives it.";
  return routeOf(text, null, { reason: "numberNotOwned", sentence, advice });
}

/** The route of a text to a number whose account is suspended or closed. */
export function inactiveRoute(text: RoutedText, accountSid: string, status: string): TextRoute {
  const sentence = `The text went nowhere, because account ${accountSid} is ${status} and receives nothing.`;
  const advice =
    status === "suspended"
      ? `To receive again: POST /2010-04-01/Accounts/${accountSid}.json with Status=active.`
      : "A closed account cannot be opened again. Send the text to a number of another account.";
  return routeOf(text, null, { reason: "accountNotActive", sentence, advice });
}

/** The route of a text whose conversation or message Twilio's rules refuse. */
export function failedRoute(text: RoutedText, { code, message }: { code: number; message: string }): TextRoute {
  return routeOf(text, null, {
    reason: "failed",
    sentence: `The text became no message, because of Twilio error ${code}: ${message}.`,
    advice: `See https://www.twilio.com/docs/errors/${code}.`,
  });
}

/** Publishes the route of a text that changed nothing in the domain. */
export function publishRoute(domain: Domain, accountSid: string, route: TextRoute): void {
  const origin: Origin = { source: "SMS", webhooksEnabled: false };
  domain.events.publish({ name: "textRouted", accountSid, at: domain.now(), origin, data: { route } });
}

/** The webhook route of a number without a webhook of its own. */
export const noNumber: WebhookRoute = { destination: "nowhere", url: null, sentence: "No webhook received it either." };

/** The webhook route by the owner of the URL. */
export function webhookRoute(
  number: Pick<IncomingNumberRecord, "phoneNumber">,
  owner: { sid: string; kind: "number" | "application" | "messagingService" },
  url: string | null,
): WebhookRoute {
  const { phoneNumber } = number;
  const urlName = owner.kind === "messagingService" ? "InboundRequestUrl" : "SmsUrl";
  const name = owner.kind === "number" ? phoneNumber : `${owner.kind === "application" ? "application" : "messaging service"} ${owner.sid}`;
  if (url === null) return { destination: "nowhere", url, sentence: `No webhook received it either: ${name} has no ${urlName}.` };
  return { destination: owner.kind, url, sentence: `It was sent to the ${urlName} of ${name} instead.` };
}
