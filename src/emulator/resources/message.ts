/** Messages (IM) in a conversation. A new one goes out to every non-chat participant but its author. */
import { isoDate } from "../dates";
import type { Base, Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { given, type Params } from "../http/params";
import { changed, checkAttributes, checkLength, checkSid, SMALL_ATTRIBUTES } from "./checks";
import { type ConversationRecord, readDates } from "./conversation";
import { checkOpen, noteActivity } from "./conversation-state";
import { type Media, mediaOfMessage, removeMedia } from "./media";
import { fanOut } from "./outbound";
import type { ParticipantRecord } from "./participant";
import { type Place, scopedPart } from "./place";
import { deliverySummary } from "./receipt";

export interface MessageRecord extends Base {
  serviceSid: string;
  conversationSid: string;
  index: number;
  author: string;
  body: string | null;
  subject: string | null;
  attributes: string;
  media: Media[];
  contentSid: string | null;
  participantSid: string | null;
}

/** What a caller says about a new message. */
type MessageInput = Partial<Pick<MessageRecord, "author" | "body" | "subject" | "attributes" | "media" | "contentSid">> & {
  dateCreated?: number;
  dateUpdated?: number;
};

const UPDATE_PARAMETERS = ["Author", "Body", "Attributes", "Subject", "DateCreated", "DateUpdated"];
const LONGEST_BODY = 32 * 1024;

/** Reads the parameters of a new message. */
export function readMessage(at: Scope, conversation: ConversationRecord, params: Params): MessageInput {
  const mediaSids = params.all("MediaSid")?.filter((sid) => sid !== "") ?? [];
  const contentSid = params.text("ContentSid");
  if (contentSid) checkSid("HX", contentSid, "ContentSid");
  // With both, Twilio sends the content.
  const media = contentSid ? [] : mediaOfMessage(at, conversation.serviceSid, mediaSids);
  return given<MessageInput>({ ...readCommon(params), contentSid: contentSid || undefined, media });
}

function readCommon(params: Params): MessageInput {
  const subject = params.text("Subject");
  return given<MessageInput>({
    ...checkContent({ author: params.text("Author"), body: params.text("Body"), attributes: params.text("Attributes") }),
    subject: subject === undefined ? undefined : checkLength(subject, 256, 50504),
    ...readDates(params),
  });
}

/** Checks what a caller says, and what a pre-webhook makes of it. */
function checkContent({ author, body, attributes }: { author?: string; body?: string; attributes?: string }): MessageInput {
  if (author !== undefined) checkLength(author, 256, 50310);
  if (body !== undefined && Buffer.byteLength(body) > LONGEST_BODY) throw fail(50504);
  const checked = attributes === undefined ? undefined : checkAttributes(attributes, SMALL_ATTRIBUTES);
  return given<MessageInput>({ author, body, attributes: checked });
}

/** Adds a message and sends it on. */
export function addMessage(at: Scope, conversation: ConversationRecord, said: MessageInput): MessageRecord {
  checkOpen(conversation);
  const input = { ...said, ...checkContent(at.amendments?.message ?? {}) };
  const hasContent = Boolean(input.body) || (input.media?.length ?? 0) > 0 || Boolean(input.contentSid);
  if (!hasContent) throw fail(50503);
  const author = input.author || "system";
  const sender = participantWriting(at, conversation, author);
  const message = at.domain.messages.put({
    ...at.domain.base(at.accountSid, "IM"),
    subject: null,
    attributes: "{}",
    media: [],
    contentSid: null,
    ...input,
    body: input.body || null,
    author,
    serviceSid: conversation.serviceSid,
    conversationSid: conversation.sid,
    index: conversation.nextIndex,
    participantSid: sender?.sid ?? null,
  });
  at.domain.conversations.put({ ...conversation, nextIndex: conversation.nextIndex + 1 });
  noteActivity(at, conversation.sid);
  at.domain.announce(at, "messageAdded", { message });
  fanOut(at, conversation, message);
  return message;
}

/** The participant an author's name stands for: its identity or its address. */
function participantWriting(at: Scope, conversation: ConversationRecord, author: string): ParticipantRecord | undefined {
  return at.domain.find.participantsIn(conversation.sid).find(({ identity, address }) => identity === author || address === author);
}

/** Changes the message in the conversation; what handsets have already received stays as it was. */
export function updateMessage(at: Scope, conversation: ConversationRecord, message: MessageRecord, params: Params): MessageRecord {
  checkOpen(conversation);
  if (!params.hasAny(UPDATE_PARAMETERS)) throw fail(20161);
  const input = { ...readCommon(params), ...checkContent(at.amendments?.message ?? {}) };
  if (input.body === "" && message.media.length === 0 && message.contentSid === null) throw fail(50503);
  const author = input.author || message.author;
  const participantSid = author === message.author ? message.participantSid : (participantWriting(at, conversation, author)?.sid ?? null);
  const updated = at.domain.messages.put(changed(message, { ...input, author, participantSid }, at.domain.now()));
  at.domain.announce(at, "messageUpdated", { message: updated, previous: message });
  return updated;
}

export function fetchMessage(at: Scope, conversation: ConversationRecord, sid: string): MessageRecord {
  const message = at.domain.messages.get(sid);
  if (message?.conversationSid !== conversation.sid) throw new NotFound();
  return message;
}

/** Removes the message; its index is never used again. */
export function removeMessage(at: Scope, message: MessageRecord): void {
  removeMessageRecord(at, message);
  at.domain.announce(at, "messageRemoved", { message });
}

/** The message and its receipts, without a word to anyone. */
export function removeMessageRecord(at: Scope, message: MessageRecord): void {
  for (const receipt of at.domain.find.receiptsOf(message.sid)) at.domain.receipts.delete(receipt.sid);
  for (const { sid } of message.media) removeMedia(at, sid);
  at.domain.messages.delete(message.sid);
}

export function messageBody(message: MessageRecord, at: Scope, place: Place) {
  const url = `${place.root}/Conversations/${message.conversationSid}/Messages/${message.sid}`;
  return {
    sid: message.sid,
    account_sid: message.accountSid,
    ...scopedPart(place, message.serviceSid),
    conversation_sid: message.conversationSid,
    index: message.index,
    author: message.author,
    body: message.body,
    media: message.media.length === 0 ? null : message.media,
    attributes: message.attributes,
    participant_sid: message.participantSid,
    delivery: deliverySummary(at.domain.find.receiptsOf(message.sid)),
    content_sid: message.contentSid,
    date_created: isoDate(message.dateCreated),
    date_updated: isoDate(message.dateUpdated),
    url,
    links: { delivery_receipts: `${url}/Receipts`, channel_metadata: `${url}/ChannelMetadata` },
  };
}
