/**
 * From a handset to the account: a text whose pair (from, to) is bound in an open conversation becomes a
 * message there; any other goes to the number's webhook. The text itself is logged either way.
 */
import { basename } from "node:path";
import type { Domain, Scope } from "../domain";
import { makeSid } from "../sid";
import { boundGroup, boundParticipant } from "./binding";
import type { IncomingNumberRecord } from "./incoming-number";
import { addMedia, attachmentOf, type Media } from "./media";
import { addMessage } from "./message";
import { addSms, type SmsRecord } from "./sms";

interface InboundText {
  from: string;
  to: string;
  body: string;
  mediaUrls: string[];
}

/** What became of a text; `webhook` is where Twilio would report it, null when no URL is set. */
export type InboundResult =
  | { routedTo: "conversation"; sms: SmsRecord; conversationSid: string; messageSid: string; participantSid: string; index: number }
  | { routedTo: "webhook"; sms: SmsRecord; webhook: { url: string; method: "GET" | "POST" } | null };

/** The owner of the number a text is addressed to; undefined when it is nobody's. */
export function ownerOf(domain: Domain, to: string): IncomingNumberRecord | undefined {
  return domain.find.numberCalled(to.replace(/^whatsapp:/, ""))[0];
}

export function receive(at: Scope, number: IncomingNumberRecord | undefined, text: InboundText): InboundResult {
  const bound = boundParticipant(at, text.from, text.to) ?? boundGroup(at, text.from, text.to);
  const sms = addSms(at, {
    ...text,
    direction: "inbound",
    status: "received",
    dateSent: at.domain.now(),
    messagingServiceSid: number?.messagingServiceSid ?? null,
    conversationSid: bound?.conversation.sid ?? null,
  });
  if (!bound) return { routedTo: "webhook", sms, webhook: webhookOf(at.domain, number) };
  const media = text.mediaUrls.map((url, position) => mediaOf(at, bound.conversation.serviceSid, sms, url, position));
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

/** A number in a messaging service reports to the service, unless that defers to the number. */
function webhookOf(domain: Domain, number: IncomingNumberRecord | undefined): { url: string; method: "GET" | "POST" } | null {
  if (!number) return null;
  const service = number.messagingServiceSid === null ? undefined : domain.messagingServices.get(number.messagingServiceSid);
  if (service && !service.useInboundWebhookOnNumber) {
    return service.inboundRequestUrl === null ? null : { url: service.inboundRequestUrl, method: service.inboundMethod };
  }
  return number.smsUrl === null ? null : { url: number.smsUrl, method: number.smsMethod };
}

const CONTENT_TYPES: Record<string, string> = {
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  png: "image/png",
};

/** The attachment as far as its URL tells: nothing is fetched, it stays where it is. */
function mediaOf(at: Scope, serviceSid: string, sms: SmsRecord, url: string, position: number): Media {
  const [, dataType] = /^data:([\w.+/-]+)[;,]/.exec(url) ?? [];
  const filename = (dataType ? "" : basename(URL.canParse(url) ? new URL(url).pathname : url)) || "media";
  const contentType = dataType ?? CONTENT_TYPES[filename.split(".").at(-1)?.toLowerCase() ?? ""] ?? "application/octet-stream";
  const sid = makeSid(sms.sid, "ME", position);
  return attachmentOf(addMedia(at, { sid, serviceSid, contentType, filename, size: 0, author: sms.from, sourceUrl: url }));
}
