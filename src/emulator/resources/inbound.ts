/**
 * From a handset to the account: a text whose pair (from, to) is bound in an open conversation becomes a
 * message there. Any other makes a conversation, if its address is configured so, or else goes to the number's
 * webhook. The text itself is logged either way.
 */
import { basename } from "node:path";
import type { Domain, Scope } from "../domain";
import { makeSid } from "../sid";
import { attachedWebhook, autoCreationFor } from "./address-configuration";
import { boundGroup, boundParticipant } from "./binding";
import { type ConversationRecord, createConversation } from "./conversation";
import type { IncomingNumberRecord } from "./incoming-number";
import { addMedia, type Media } from "./media";
import { addMessage } from "./message";
import { addParticipant, type ParticipantRecord } from "./participant";
import { addScopedWebhook } from "./scoped-webhook";
import { defaultService } from "./service";
import { addSms, type SmsRecord } from "./sms";

export interface InboundText {
  from: string;
  to: string;
  body: string;
  mediaUrls: string[];
}

/** The text that a conversation was made for. */
export interface FirstText {
  from: string;
  to: string;
  body: string;
  /** Without the SIDs that they get once the text is taken. */
  media: Omit<Media, "sid">[];
}

/** Where Twilio reports a text, and where instead if that fails. */
export interface SmsWebhook {
  url: string;
  method: "GET" | "POST";
  fallbackUrl: string | null;
  fallbackMethod: "GET" | "POST";
}

/** What became of a text; `webhook` is where it is reported, null when no URL is set; `nowhere` means that a webhook refused it. */
export type InboundResult =
  | { routedTo: "conversation"; sms: SmsRecord; conversationSid: string; messageSid: string; participantSid: string; index: number }
  | { routedTo: "webhook"; sms: SmsRecord; webhook: SmsWebhook | null }
  | { routedTo: "nowhere"; sms: SmsRecord };

/** The owner of the number a text is addressed to; undefined when it is nobody's. */
export function ownerOf(domain: Domain, to: string): IncomingNumberRecord | undefined {
  return domain.find.numberCalled(to.replace(/^whatsapp:/, ""))[0];
}

export function receive(at: Scope, number: IncomingNumberRecord | undefined, text: InboundText): InboundResult {
  const bound = boundParticipant(at, text.from, text.to) ?? boundGroup(at, text.from, text.to) ?? autoCreate(at, number, text);
  const sms = logText(at, number, text, bound?.conversation.sid);
  if (!bound) return { routedTo: "webhook", sms, webhook: webhookOf(at.domain, number) };
  const media = addAttachments(at, bound.conversation.serviceSid, sms);
  const message = addMessage(at, bound.conversation, { author: text.from, body: text.body, media });
  return {
    routedTo: "conversation",
    sms,
    conversationSid: bound.conversation.sid,
    messageSid: message.sid,
    participantSid: bound.participant.sid,
    index: message.index,
  };
}

/** A text that a pre-webhook refused: it was received, and that is all. */
export function refuse(at: Scope, number: IncomingNumberRecord | undefined, text: InboundText): InboundResult {
  return { routedTo: "nowhere", sms: logText(at, number, text, undefined) };
}

function logText(at: Scope, number: IncomingNumberRecord | undefined, text: InboundText, conversationSid: string | undefined): SmsRecord {
  return addSms(at, {
    ...text,
    direction: "inbound",
    status: "received",
    dateSent: at.domain.now(),
    messagingServiceSid: number?.messagingServiceSid ?? null,
    conversationSid: conversationSid ?? null,
  });
}

/** Makes a conversation between the handset and the address, if the address is configured so. */
function autoCreate(
  at: Scope,
  number: IncomingNumberRecord | undefined,
  text: InboundText,
): { conversation: ConversationRecord; participant: ParticipantRecord } | undefined {
  const autoCreation = autoCreationFor(at, text.to);
  if (!autoCreation) return undefined;
  const service = at.domain.services.get(autoCreation.conversationServiceSid ?? "") ?? defaultService(at);
  const messagingServiceSid = number?.messagingServiceSid;
  const { from, to, body } = text;
  const conversation = createConversation(at, service, messagingServiceSid ? { messagingServiceSid } : {}, {
    text: { from, to, body, media: text.mediaUrls.map(describeMedia) },
  });
  const webhook = attachedWebhook(autoCreation);
  if (webhook) addScopedWebhook(at, conversation, webhook);
  const participant = addParticipant(at, conversation, { address: from, proxyAddress: to });
  return { conversation, participant };
}

/** A number in a messaging service reports to the service, unless that defers to the number. */
function webhookOf(domain: Domain, number: IncomingNumberRecord | undefined): SmsWebhook | null {
  if (!number) return null;
  const service = number.messagingServiceSid === null ? undefined : domain.messagingServices.get(number.messagingServiceSid);
  if (service && !service.useInboundWebhookOnNumber) {
    const { inboundRequestUrl: url, inboundMethod: method, fallbackUrl, fallbackMethod } = service;
    return url === null ? null : { url, method, fallbackUrl, fallbackMethod };
  }
  const { smsUrl: url, smsMethod: method, smsFallbackUrl: fallbackUrl, smsFallbackMethod: fallbackMethod } = number;
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

/** The attachment as far as its URL tells: nothing is fetched. */
function describeMedia(url: string): Omit<Media, "sid"> {
  return { content_type: contentTypeOf(url), filename: filenameOf(url), size: 0 };
}

/** The attachments as media of the service; their content stays where it is. */
function addAttachments(at: Scope, serviceSid: string, sms: SmsRecord): Media[] {
  return sms.mediaUrls.map((sourceUrl, position) => {
    const media = { sid: makeSid(sms.sid, "ME", position), ...describeMedia(sourceUrl) };
    const { sid, content_type: contentType, filename, size } = media;
    addMedia(at, { sid, serviceSid, contentType, filename, size, author: sms.from, sourceUrl });
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
