/** What there is, for people to look at: numbers, services, conversations, and what was said in one. Holds no secret. */
import { isoDate } from "../dates";
import type { Domain } from "../domain";
import type { ConversationRecord } from "../resources/conversation";
import type { ParticipantRecord } from "../resources/participant";
import { type ControlCall, Refused } from "./controls";

/** More than a person reads. */
const MOST_CONVERSATIONS = 200;
const MOST_MESSAGES = 200;

/** `GET /_emulator/state`: of all accounts, the conversations with the latest change first. With `?conversationSid=`, its messages, oldest first. */
export function state({ controls: { domain }, query }: ControlCall): unknown {
  const sid = query.get("conversationSid");
  if (sid === null) return overview(domain);
  const conversation = domain.conversations.get(sid);
  if (!conversation) throw new Refused(404, `there is no ${sid}`);
  const messages = domain.find.messagesIn(sid);
  return {
    conversation: conversationBody(domain, conversation),
    messages: messages.slice(-MOST_MESSAGES).map((message) => ({
      sid: message.sid,
      index: message.index,
      author: message.author,
      body: message.body,
      media: message.media.map(({ filename, content_type: contentType, size }) => ({ filename, contentType, size })),
      date: isoDate(message.dateCreated),
      receipts: domain.find
        .receiptsOf(message.sid)
        .map(({ participantSid, status, errorCode }) => ({ participantSid, status, errorCode: errorCode === 0 ? null : errorCode })),
    })),
    omitted: Math.max(0, messages.length - MOST_MESSAGES),
  };
}

function overview(domain: Domain): unknown {
  const conversations = domain.conversations.all().sort((a, b) => latest(domain, b) - latest(domain, a));
  return {
    numbers: domain.numbers.all().map(({ sid, accountSid, phoneNumber, friendlyName, smsUrl, messagingServiceSid }) => ({
      sid,
      accountSid,
      phoneNumber,
      friendlyName,
      smsUrl: smsUrl === null ? null : withoutLogin(smsUrl),
      messagingServiceSid,
    })),
    services: domain.services.all().map(({ sid, accountSid, friendlyName }) => ({ sid, accountSid, friendlyName })),
    conversations: conversations.slice(0, MOST_CONVERSATIONS).map((conversation) => conversationBody(domain, conversation)),
    omitted: Math.max(0, conversations.length - MOST_CONVERSATIONS),
  };
}

/** When something last changed in it. */
function latest({ find }: Domain, { sid, dateUpdated }: ConversationRecord): number {
  return Math.max(dateUpdated, find.messagesIn(sid).at(-1)?.dateCreated ?? 0);
}

function conversationBody(domain: Domain, conversation: ConversationRecord) {
  const { sid, accountSid, serviceSid, friendlyName, uniqueName, state } = conversation;
  const participants = domain.find.participantsIn(sid).map(participantBody);
  const messages = domain.find.messagesIn(sid).length;
  const date = isoDate(latest(domain, conversation));
  return { sid, accountSid, serviceSid, friendlyName, uniqueName, state, date, messages, participants };
}

function participantBody({ sid, identity, address, proxyAddress, projectedAddress }: ParticipantRecord) {
  return { sid, identity, address, proxyAddress, projectedAddress };
}

/** A URL without user and password. */
function withoutLogin(url: string): string {
  if (!URL.canParse(url)) return url;
  return Object.assign(new URL(url), { username: "", password: "" }).href;
}
