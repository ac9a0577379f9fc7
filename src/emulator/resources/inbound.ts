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
  const bound = boundParticipant(scope, text.from, text.to) ?? boundGroup(scope, text.from, text.to) ?? autoCreate(scope, number, text);
  const sms = logText(scope, number, text, bound?.conversation.sid);
  if (!bound) return { routedTo: "webhook", sms, webhook: webhookOf(scope.domain, number) };
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

/** Logs a text message that a pre-webhook rejected. */
export function logRejected(scope: Scope, number: IncomingNumberRecord | undefined, text: InboundText): InboundResult {
  return { routedTo: "nowhere", sms: logText(scope, number, text, undefined) };
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
): { conversation: ConversationRecord; participant: ParticipantRecord } | undefined {
  const autoCreation = autoCreationFor(scope, text.to);
  if (!autoCreation) return undefined;
  const service = serviceTable.in(scope.domain).get(autoCreation.conversationServiceSid ?? "") ?? defaultService(scope);
  const messagingServiceSid = number?.messagingServiceSid;
  const { from, to, body } = text;
  const conversation = createConversation(scope, service, messagingServiceSid ? { messagingServiceSid } : {}, {
    text: { from, to, body, media: text.mediaUrls.map(describeMedia) },
  });
  const webhook = attachedWebhook(autoCreation);
  if (webhook) addScopedWebhook(scope, conversation, webhook);
  const participant = addParticipant(scope, conversation, { address: from, proxyAddress: to });
  return { conversation, participant };
}

/** The webhook of the number's messaging service, if it has one, unless the service uses the webhook of the number. */
function webhookOf(domain: Domain, number: IncomingNumberRecord | undefined): SmsWebhook | null {
  if (!number) return null;
  const service = number.messagingServiceSid === null ? undefined : messagingServiceTable.in(domain).get(number.messagingServiceSid);
  if (service && !service.useInboundWebhookOnNumber) {
    const { inboundRequestUrl: url, inboundMethod: method, fallbackUrl, fallbackMethod } = service;
    return url === null ? null : { url, method, fallbackUrl, fallbackMethod };
  }
  // The URLs of an application replace those of the number.
  const application = number.smsApplicationSid === null ? undefined : applicationTable.in(domain).get(number.smsApplicationSid);
  const { smsUrl: url, smsMethod: method, smsFallbackUrl: fallbackUrl, smsFallbackMethod: fallbackMethod } = application ?? number;
  return url === null ? null : { url, method, fallbackUrl, fallbackMethod };
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
