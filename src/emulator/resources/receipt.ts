/** Delivery receipts (DY): one for each non-chat participant to whom a message was sent. Read-only in REST. */
import { isoDate } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import { NotFound } from "../errors";
import { crudRoutes, type PathPrefix } from "../http/crud";
import type { Route } from "../http/router";
import { chatServiceSid, type PathForm, type ServiceCall } from "./service-path";

type ReceiptStatus = "sent" | "delivered" | "read" | "failed" | "undelivered";

export interface ReceiptRecord extends Base {
  serviceSid: string;
  conversationSid: string;
  messageSid: string;
  /** The text message (SM or MM) that was sent. */
  channelMessageSid: string;
  participantSid: string;
  status: ReceiptStatus;
  errorCode: number;
}

declare module "../events" {
  interface DomainEvents {
    receiptAdded: { receipt: ReceiptRecord };
    receiptUpdated: { receipt: ReceiptRecord };
  }
}

export const receiptTable = defineTable<ReceiptRecord>()({
  name: "receipts",
  sidPrefix: "DY",
  indexes: {
    message: (receipt) => receipt.messageSid,
    pending: (receipt) => (receipt.status === "sent" ? "" : undefined),
  },
  references: { messages: { by: "message", onDelete: "cascade" } },
});

/** The message that a receipt is about. */
interface SentMessage {
  sid: string;
  serviceSid: string;
  conversationSid: string;
}

export function addReceipt(
  scope: Scope,
  message: SentMessage,
  values: Pick<ReceiptRecord, "channelMessageSid" | "participantSid" | "status" | "errorCode">,
): void {
  const receipt = receiptTable.insert(scope, {
    serviceSid: message.serviceSid,
    conversationSid: message.conversationSid,
    messageSid: message.sid,
    ...values,
  });
  scope.domain.announce(scope, "receiptAdded", { receipt });
}

/** Records that the message reached its phone. */
export function markDelivered(scope: Scope, receipt: ReceiptRecord): void {
  const delivered = receiptTable.in(scope.domain).put({ ...receipt, status: "delivered", dateUpdated: scope.domain.now() });
  scope.domain.announce(scope, "receiptUpdated", { receipt: delivered });
}

function fetchReceipt(scope: Scope, message: SentMessage, sid: string): ReceiptRecord {
  const receipt = receiptTable.in(scope.domain).get(sid);
  if (receipt?.messageSid !== message.sid) throw new NotFound();
  return receipt;
}

/** The statuses that each status includes: a delivered message was also sent, a read one also delivered. */
const REACHED: Record<ReceiptStatus, readonly ReceiptStatus[]> = {
  sent: ["sent"],
  delivered: ["sent", "delivered"],
  read: ["sent", "delivered", "read"],
  failed: ["failed"],
  undelivered: ["sent", "undelivered"],
};

/** A message's `delivery`: how many of its recipients reached each status. Null without recipients. */
export function deliverySummary(receipts: readonly ReceiptRecord[]) {
  if (receipts.length === 0) return null;
  const share = (status: ReceiptStatus) => {
    const count = receipts.filter((receipt) => REACHED[receipt.status].includes(status)).length;
    return count === 0 ? "none" : count === receipts.length ? "all" : "some";
  };
  return {
    total: receipts.length,
    sent: share("sent"),
    delivered: share("delivered"),
    read: share("read"),
    failed: share("failed"),
    undelivered: share("undelivered"),
  };
}

export function receiptBody(receipt: ReceiptRecord, form: PathForm) {
  const { conversationSid, messageSid, sid } = receipt;
  return {
    sid,
    account_sid: receipt.accountSid,
    ...chatServiceSid(form, receipt.serviceSid),
    conversation_sid: conversationSid,
    message_sid: messageSid,
    channel_message_sid: receipt.channelMessageSid,
    participant_sid: receipt.participantSid,
    status: receipt.status,
    error_code: receipt.errorCode,
    date_created: isoDate(receipt.dateCreated),
    date_updated: isoDate(receipt.dateUpdated),
    url: `${form.root}/Conversations/${conversationSid}/Messages/${messageSid}/Receipts/${sid}`,
  };
}

/** The routes of the receipts of a message. */
export function receiptRoutes<C extends ServiceCall & { message: SentMessage }>(inMessage: PathPrefix<C>): Route[] {
  return crudRoutes(inMessage, {
    path: "/Receipts",
    id: "ReceiptSid",
    key: "delivery_receipts",
    maxPageSize: 50,
    list: ({ scope, message }) => receiptTable.in(scope.domain).by.message(message.sid),
    body: (receipt, { form }) => receiptBody(receipt, form),
    fetch: ({ scope, message }, sid) => fetchReceipt(scope, message, sid),
  });
}
