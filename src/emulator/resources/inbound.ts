/**
 * Text messages from phones. If the pair (from, to) is bound in an open conversation, the text becomes a message there.
 * Else it creates a conversation if the address is configured to do so, or is sent to the webhook of the number. The
 * text message itself is always logged.
 */
import { basename } from "node:path";
import type { Domain, Scope } from "../domain";
import { makeSid } from "../sid";
import { attachedWebhook, autoCreationFor } from "./address-configuration";
import { applicationTable } from "./application";
import { defaultService } from "./configuration";
import { createConversation } from "./conversation";
import type { ConversationRecord } from "./conversation-table";
import { type IncomingNumberRecord, numberTable } from "./incoming-number";
import { addMedia, type Media } from "./media";
import { addMessage } from "./message";
import { messagingServiceTable } from "./messaging-service";
import { addParticipant } from "./participant";
import { boundGroup, boundParticipant } from "./participant-conflicts";
import type { ParticipantRecord } from "./participant-table";
import { addScopedWebhook } from "./scoped-webhook";
import { serviceTable } from "./service";
import { addSms, type SmsRecord } from "./sms";
import { noNumber, routeToConversation, routeToWebhook, type TextRoute, type WebhookRoute, webhookRoute } from "./text-route";

export interface InboundText {
  from: string;
  to: string;
  body: string;
  mediaUrls: string[];
}

/** Where a text message is sent, and the fallback if that fails. */
export interface SmsWebhook {
  url: string;
  method: "GET" | "POST";
  fallbackUrl: string | null;
  fallbackMethod: "GET" | "POST";
}

/** Where a text message went. `webhook` is null if no URL is set. `nowhere` means that a pre-webhook rejected it. */
export type InboundResult =
  | { routedTo: "conversation"; sms: SmsRecord; conversationSid: string; messageSid: string; participantSid: string; index: number }
  | { routedTo: "webhook"; sms: SmsRecord; webhook: SmsWebhook | null }
  | { routedTo: "nowhere"; sms: SmsRecord };

/** The number that a text message is sent to. Undefined if no account owns it. */
export function findReceivingNumber(domain: Domain, to: string): IncomingNumberRecord | undefined {
  return numberTable.in(domain).by.phoneNumber(to.replace(/^whatsapp:/, ""))[0];
}

/** Delivers a text message to a conversation or to the webhook of the number. */
export function receiveText(scope: Scope, number: IncomingNumberRecord | undefined, text: InboundText): InboundResult {
  const earlier = boundParticipant(scope, text.from, text.to) ?? boundGroup(scope, text.from, text.to);
  const created = earlier ? undefined : autoCreate(scope, number, text);
  const bound = earlier ?? created;
  const sms = logText(scope, number, text, bound?.conversation.sid);
  if (!bound) {
    const { webhook, route } = webhookOf(scope.domain, number);
    scope.domain.announce(scope, "textRouted", { route: routeToWebhook(scope, text, sms.sid, route) });
    return { routedTo: "webhook", sms, webhook };
  }
  const route = routeToConversation(text, sms.sid, bound.conversation.sid, created?.configurationSid);
  scope.domain.announce(scope, "textRouted", { route });
  const media = addAttachments(scope, bound.conversation.serviceSid, sms);
  const message = addMessage(scope, bound.conversation, { author: text.from, body: text.body, media });
  return {
    routedTo: "conversation",
    sms,
    conversationSid: bound.conversation.sid,
    messageSid: message.sid,
    participantSid: bound.participant.sid,
    index: message.index,
  };
}

/** Logs a text message that a pre-webhook rejected. `routeOf` explains the rejection. */
export function logRejected(
  scope: Scope,
  number: IncomingNumberRecord | undefined,
  text: InboundText,
  routeOf: (smsSid: string) => TextRoute,
): InboundResult {
  const sms = logText(scope, number, text, undefined);
  scope.domain.announce(scope, "textRouted", { route: routeOf(sms.sid) });
  return { routedTo: "nowhere", sms };
}

function logText(
  scope: Scope,
  number: IncomingNumberRecord | undefined,
  text: InboundText,
  conversationSid: string | undefined,
): SmsRecord {
  return addSms(scope, {
    ...text,
    direction: "inbound",
    status: "received",
    dateSent: scope.domain.now(),
    messagingServiceSid: number?.messagingServiceSid ?? null,
    conversationSid: conversationSid ?? null,
  });
}

/** Creates a conversation between the phone and the address, if the address is configured to do so. */
function autoCreate(
  scope: Scope,
  number: IncomingNumberRecord | undefined,
  text: InboundText,
): { conversation: ConversationRecord; participant: ParticipantRecord; configurationSid: string } | undefined {
  const configuration = autoCreationFor(scope, text.to);
  if (!configuration) return undefined;
  const { autoCreation, sid: configurationSid } = configuration;
  const service = serviceTable.in(scope.domain).get(autoCreation.conversationServiceSid ?? "") ?? defaultService(scope);
  const messagingServiceSid = number?.messagingServiceSid;
  const { from, to, body } = text;
  const conversation = createConversation(scope, service, messagingServiceSid ? { messagingServiceSid } : {}, {
    text: { from, to, body, media: text.mediaUrls.map(describeMedia) },
  });
  const webhook = attachedWebhook(autoCreation);
  if (webhook) addScopedWebhook(scope, conversation, webhook);
  const participant = addParticipant(scope, conversation, { address: from, proxyAddress: to });
  return { conversation, participant, configurationSid };
}

/** The webhook of the number's messaging service, if it has one, unless the service uses the webhook of the number. */
function webhookOf(domain: Domain, number: IncomingNumberRecord | undefined): { webhook: SmsWebhook | null; route: WebhookRoute } {
  if (!number) return { webhook: null, route: noNumber };
  const service = number.messagingServiceSid === null ? undefined : messagingServiceTable.in(domain).get(number.messagingServiceSid);
  if (service && !service.useInboundWebhookOnNumber) {
    const { sid, inboundRequestUrl: url, inboundMethod: method, fallbackUrl, fallbackMethod } = service;
    const route = webhookRoute(number, { sid, kind: "messagingService" }, url);
    return { webhook: url === null ? null : { url, method, fallbackUrl, fallbackMethod }, route };
  }
  // The URLs of an application replace those of the number.
  const application = number.smsApplicationSid === null ? undefined : applicationTable.in(domain).get(number.smsApplicationSid);
  const owner = application ?? number;
  const { sid, smsUrl: url, smsMethod: method, smsFallbackUrl: fallbackUrl, smsFallbackMethod: fallbackMethod } = owner;
  const route = webhookRoute(number, { sid, kind: application ? "application" : "number" }, url);
  return { webhook: url === null ? null : { url, method, fallbackUrl, fallbackMethod }, route };
}

const CONTENT_TYPES: Record<string, string> = {
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  png: "image/png",
};

/** Describes an attachment from its URL, without fetching it. */
function describeMedia(url: string): Omit<Media, "sid"> {
  return { content_type: contentTypeOf(url), filename: filenameOf(url), size: 0 };
}

/** Stores the attachments as media of the service. Their content stays where it is. */
function addAttachments(scope: Scope, serviceSid: string, sms: SmsRecord): Media[] {
  return sms.mediaUrls.map((sourceUrl, position) => {
    const media = { sid: makeSid(sms.sid, "ME", position), ...describeMedia(sourceUrl) };
    const { sid, content_type: contentType, filename, size } = media;
    addMedia(scope, { sid, serviceSid, contentType, filename, size, author: sms.from, sourceUrl });
    return media;
  });
}

export function contentTypeOf(url: string): string {
  const [, inData] = /^data:([\w.+/-]+)[;,]/.exec(url) ?? [];
  return inData ?? CONTENT_TYPES[filenameOf(url).split(".").at(-1)?.toLowerCase() ?? ""] ?? "application/octet-stream";
}

function filenameOf(url: string): string {
  const { pathname = url, protocol } = URL.canParse(url) ? new URL(url) : {};
  return (protocol === "data:" ? "" : basename(pathname)) || "media";
}
