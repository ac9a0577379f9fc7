/** The state for users to inspect: numbers, services, conversations and messages. Contains no secrets. */
import { isoDate } from "../dates";
import type { Domain } from "../domain";
import { type ConversationRecord, conversationTable } from "../resources/conversation-table";
import { numberTable } from "../resources/incoming-number";
import { messageTable } from "../resources/message";
import { type ParticipantRecord, participantTable } from "../resources/participant-table";
import { receiptTable } from "../resources/receipt";
import { serviceTable } from "../resources/service";
import { smsTable } from "../resources/sms";
import type { TextRoute } from "../resources/text-route";
import { type ControlCall, ControlError } from "./call";
import type { History } from "./history";

/** More than a user reads. */
const MAX_CONVERSATIONS = 200;
const MAX_MESSAGES = 200;
const MAX_PHONES = 100;
/** The latest texts and participants, in which phones are looked for. */
const MAX_TEXTS = 1000;

/** `GET /_emulator/state`: all accounts, with the most recently changed conversations first. With `?conversationSid=`, its messages, oldest first. */
export function state({ context: { domain, history }, query }: ControlCall): unknown {
  const sid = query.get("conversationSid");
  if (sid === null) return { ...overview(domain), phones: phones(domain, history) };
  const conversation = conversationTable.in(domain).get(sid);
  if (!conversation) throw new ControlError(404, `there is no ${sid}`);
  const messages = messageTable.in(domain).by.conversation(sid);
  return {
    conversation: conversationBody(domain, conversation),
    messages: messages.slice(-MAX_MESSAGES).map((message) => ({
      sid: message.sid,
      index: message.index,
      author: message.author,
      body: message.body,
      media: message.media.map(({ filename, content_type: contentType, size }) => ({ filename, contentType, size })),
      date: isoDate(message.dateCreated),
      receipts: receiptTable
        .in(domain)
        .by.message(message.sid)
        .map(({ participantSid, status, errorCode }) => ({ participantSid, status, errorCode: errorCode === 0 ? null : errorCode })),
    })),
    omitted: Math.max(0, messages.length - MAX_MESSAGES),
  };
}

function overview(domain: Domain): object {
  const conversations = conversationTable
    .in(domain)
    .all()
    .sort((a, b) => latest(domain, b) - latest(domain, a));
  return {
    numbers: numberTable
      .in(domain)
      .all()
      .map(({ sid, accountSid, phoneNumber, friendlyName, smsUrl, messagingServiceSid }) => ({
        sid,
        accountSid,
        phoneNumber,
        friendlyName,
        smsUrl: smsUrl === null ? null : withoutLogin(smsUrl),
        messagingServiceSid,
      })),
    services: serviceTable
      .in(domain)
      .all()
      .map(({ sid, accountSid, friendlyName }) => ({ sid, accountSid, friendlyName })),
    conversations: conversations.slice(0, MAX_CONVERSATIONS).map((conversation) => conversationBody(domain, conversation)),
    omitted: Math.max(0, conversations.length - MAX_CONVERSATIONS),
  };
}

/** The phones that texted last, with those whose texts reached no account, and those of participants. */
function phones(domain: Domain, history: History): string[] {
  const routed = history
    .after("")
    .flatMap(({ event, data }) => (event === "textRouted" ? [(data as { route: TextRoute }).route.from] : []));
  const texted = smsTable
    .in(domain)
    .all()
    .slice(-MAX_TEXTS)
    .map(({ direction, from, to }) => (direction === "inbound" ? from : to));
  const participants = participantTable.in(domain).all().slice(-MAX_TEXTS);
  const addresses = participants.flatMap(({ address }) => (address === null ? [] : [address]));
  return [...new Set([...routed.reverse(), ...texted.reverse(), ...addresses.reverse()])].slice(0, MAX_PHONES);
}

/** The date of the last change in the conversation. */
function latest(domain: Domain, { sid, dateUpdated }: ConversationRecord): number {
  return Math.max(dateUpdated, messageTable.in(domain).by.conversation(sid).at(-1)?.dateCreated ?? 0);
}

function conversationBody(domain: Domain, conversation: ConversationRecord) {
  const { sid, accountSid, serviceSid, friendlyName, uniqueName, state } = conversation;
  const participants = participantTable.in(domain).by.conversation(sid).map(participantBody);
  const messages = messageTable.in(domain).by.conversation(sid).length;
  const date = isoDate(latest(domain, conversation));
  return { sid, accountSid, serviceSid, friendlyName, uniqueName, state, date, messages, participants };
}

function participantBody({ sid, identity, address, proxyAddress, projectedAddress }: ParticipantRecord) {
  return { sid, identity, address, proxyAddress, projectedAddress };
}

/** A URL without user name and password. */
function withoutLogin(url: string): string {
  if (!URL.canParse(url)) return url;
  return Object.assign(new URL(url), { username: "", password: "" }).href;
}
