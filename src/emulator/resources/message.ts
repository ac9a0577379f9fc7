/** Messages (IM) of a conversation. A new message is sent to every non-chat participant except its author. */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { fail, NotFound } from "../errors";
import { crudRoutes, nestedPrefix } from "../http/crud";
import { newestFirst, oldestFirst } from "../http/paging";
import { given, type Params } from "../http/params";
import type { Reply } from "../http/router";
import { checkAttributes, checkLength, checkSid, SMALL_ATTRIBUTES } from "./checks";
import { type ConversationCall, inConversation, readDates } from "./conversation";
import { checkOpen, recordActivity } from "./conversation-state";
import { type ConversationRecord, conversationTable } from "./conversation-table";
import type { Endpoints } from "./endpoints";
import { type Media, mediaOfMessage, removeMedia } from "./media";
import { sendToPhones } from "./outbound";
import { type ParticipantRecord, participantTable } from "./participant-table";
import { deliverySummary, receiptRoutes, receiptTable } from "./receipt";
import { chatServiceSid, type PathForm } from "./service-path";

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

declare module "../events" {
  interface DomainEvents {
    messageAdded: { message: MessageRecord };
    messageUpdated: { message: MessageRecord; previous: MessageRecord };
    messageRemoved: { message: MessageRecord };
  }
}

export const messageTable = defineTable<MessageRecord>()({
  name: "messages",
  sidPrefix: "IM",
  indexes: {
    conversation: (message) => message.conversationSid,
    index: ({ conversationSid, index }) => `${conversationSid} ${index}`,
  },
  references: { conversations: { by: "conversation", onDelete: deleteMessage } },
});

/** What a request says about a new message. */
type MessageInput = Partial<Pick<MessageRecord, "author" | "body" | "subject" | "attributes" | "media" | "contentSid">> & {
  dateCreated?: number;
  dateUpdated?: number;
};

const UPDATE_PARAMETERS = ["Author", "Body", "Attributes", "Subject", "DateCreated", "DateUpdated"];
const MAX_BODY_BYTES = 32 * 1024;

/** Reads the parameters of a new message. */
export function readMessage(scope: Scope, conversation: ConversationRecord, params: Params): MessageInput {
  const mediaSids = params.all("MediaSid")?.filter((sid) => sid !== "") ?? [];
  const contentSid = params.text("ContentSid");
  if (contentSid) checkSid("HX", contentSid, "ContentSid");
  // If a request has both, Twilio sends the content.
  const media = contentSid ? [] : mediaOfMessage(scope, conversation.serviceSid, mediaSids);
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

/** Checks what a request or a pre-webhook sets. */
function checkContent({ author, body, attributes }: { author?: string; body?: string; attributes?: string }): MessageInput {
  if (author !== undefined) checkLength(author, 256, 50310);
  if (body !== undefined && Buffer.byteLength(body) > MAX_BODY_BYTES) throw fail(50504);
  const checked = attributes === undefined ? undefined : checkAttributes(attributes, SMALL_ATTRIBUTES);
  return given<MessageInput>({ author, body, attributes: checked });
}

/** Adds a message and sends it to phones. */
export function addMessage(scope: Scope, conversation: ConversationRecord, request: MessageInput): MessageRecord {
  checkOpen(conversation);
  const input = { ...request, ...checkContent(scope.amendments?.message ?? {}) };
  const hasContent = Boolean(input.body) || (input.media?.length ?? 0) > 0 || Boolean(input.contentSid);
  if (!hasContent) throw fail(50503);
  const author = input.author || "system";
  const sender = findAuthor(scope, conversation, author);
  const message = messageTable.insert(scope, {
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
  conversationTable.in(scope.domain).put({ ...conversation, nextIndex: conversation.nextIndex + 1 });
  recordActivity(scope, conversation.sid);
  scope.domain.announce(scope, "messageAdded", { message });
  sendToPhones(scope, conversation, message);
  return message;
}

/** The participant whose identity or address is the author. */
function findAuthor(scope: Scope, conversation: ConversationRecord, author: string): ParticipantRecord | undefined {
  return participantTable
    .in(scope.domain)
    .by.conversation(conversation.sid)
    .find(({ identity, address }) => identity === author || address === author);
}

/** Changes the message in the conversation. Text messages that phones already received do not change. */
export function updateMessage(scope: Scope, conversation: ConversationRecord, message: MessageRecord, params: Params): MessageRecord {
  checkOpen(conversation);
  if (!params.hasAny(UPDATE_PARAMETERS)) throw fail(20161);
  const input = { ...readCommon(params), ...checkContent(scope.amendments?.message ?? {}) };
  if (input.body === "" && message.media.length === 0 && message.contentSid === null) throw fail(50503);
  const author = input.author || message.author;
  const participantSid = author === message.author ? message.participantSid : (findAuthor(scope, conversation, author)?.sid ?? null);
  const updated = messageTable.update(scope, message, { ...input, author, participantSid });
  scope.domain.announce(scope, "messageUpdated", { message: updated, previous: message });
  return updated;
}

export function fetchMessage(scope: Scope, conversation: ConversationRecord, sid: string): MessageRecord {
  const message = messageTable.in(scope.domain).get(sid);
  if (message?.conversationSid !== conversation.sid) throw new NotFound();
  return message;
}

/** Deletes the message. Its index is never reused. */
export function removeMessage(scope: Scope, message: MessageRecord): void {
  deleteMessage(scope, message);
  scope.domain.announce(scope, "messageRemoved", { message });
}

/** Deletes the message, its receipts and its media without an event about the message. */
function deleteMessage(scope: Scope, message: MessageRecord): void {
  messageTable.remove(scope, message);
  for (const { sid } of message.media) removeMedia(scope, sid);
}

export function messageBody(message: MessageRecord, scope: Scope, form: PathForm) {
  const url = `${form.root}/Conversations/${message.conversationSid}/Messages/${message.sid}`;
  return {
    sid: message.sid,
    account_sid: message.accountSid,
    ...chatServiceSid(form, message.serviceSid),
    conversation_sid: message.conversationSid,
    index: message.index,
    author: message.author,
    body: message.body,
    media: message.media.length === 0 ? null : message.media,
    attributes: message.attributes,
    participant_sid: message.participantSid,
    delivery: deliverySummary(receiptTable.in(scope.domain).by.message(message.sid)),
    content_sid: message.contentSid,
    date_created: isoDate(message.dateCreated),
    date_updated: isoDate(message.dateUpdated),
    url,
    links: { delivery_receipts: `${url}/Receipts`, channel_metadata: `${url}/ChannelMetadata` },
  };
}

interface MessageCall extends ConversationCall {
  message: MessageRecord;
}

/** Paths below a message. */
const inMessage = nestedPrefix(
  inConversation,
  "/Messages/{MessageSid}",
  (call): MessageCall => ({ ...call, message: fetchMessage(call.scope, call.conversation, call.part("MessageSid")) }),
);

export const messageEndpoints: Endpoints = {
  tables: [messageTable, receiptTable],
  routes: {
    conversations: [
      ...crudRoutes(inConversation, {
        path: "/Messages",
        id: "MessageSid",
        key: "messages",
        maxPageSize: 100,
        order: ({ params }) => (params.word("Order", ["asc", "desc"]) === "desc" ? newestFirst : oldestFirst),
        list: ({ scope, conversation }) => messageTable.in(scope.domain).by.conversation(conversation.sid),
        body: (message, { scope, form }) => messageBody(message, scope, form),
        create: ({ scope, conversation, params }) => addMessage(scope, conversation, readMessage(scope, conversation, params)),
        fetch: ({ scope, conversation }, sid) => fetchMessage(scope, conversation, sid),
        update: (message, { scope, conversation, params }) => updateMessage(scope, conversation, message, params),
        remove: (message, { scope }) => removeMessage(scope, message),
      }),
      ...receiptRoutes(inMessage),
      // No channel of the emulator adds metadata to a message.
      ...inMessage.route("GET", "/ChannelMetadata", (): Reply => {
        throw fail(50530);
      }),
    ],
  },
};
