/** Delivery receipts (DY): one for each non-chat participant a message went out to. Read-only over REST. */
import { isoDate } from "../dates";
import type { Base, Scope } from "../domain";
import { NotFound } from "../errors";
import type { MessageRecord } from "./message";
import { type Place, scopedPart } from "./place";

type ReceiptStatus = "sent" | "delivered" | "read" | "failed" | "undelivered";

export interface ReceiptRecord extends Base {
  serviceSid: string;
  conversationSid: string;
  messageSid: string;
  /** The SM or MM that carried it. */
  channelMessageSid: string;
  participantSid: string;
  status: ReceiptStatus;
  errorCode: number;
}

export function addReceipt(
  at: Scope,
  message: MessageRecord,
  values: Pick<ReceiptRecord, "channelMessageSid" | "participantSid" | "status" | "errorCode">,
): void {
  const receipt = at.domain.receipts.put({
    ...at.domain.base(at.accountSid, "DY"),
    serviceSid: message.serviceSid,
    conversationSid: message.conversationSid,
    messageSid: message.sid,
    ...values,
  });
  at.domain.announce(at, "receiptAdded", { receipt });
}

/** Notes that the handset has it. */
export function markDelivered(at: Scope, receipt: ReceiptRecord): void {
  const delivered = at.domain.receipts.put({ ...receipt, status: "delivered", dateUpdated: at.domain.now() });
  at.domain.announce(at, "receiptUpdated", { receipt: delivered });
}

export function fetchReceipt(at: Scope, message: MessageRecord, sid: string): ReceiptRecord {
  const receipt = at.domain.receipts.get(sid);
  if (receipt?.messageSid !== message.sid) throw new NotFound();
  return receipt;
}

/** What has become of each status: a delivered message was sent too, a read one delivered too. */
const REACHED: Record<ReceiptStatus, readonly ReceiptStatus[]> = {
  sent: ["sent"],
  delivered: ["sent", "delivered"],
  read: ["sent", "delivered", "read"],
  failed: ["failed"],
  undelivered: ["sent", "undelivered"],
};

/** A message's `delivery`: how many of its recipients reached each status; null without recipients. */
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

export function receiptBody(receipt: ReceiptRecord, place: Place) {
  const { conversationSid, messageSid, sid } = receipt;
  return {
    sid,
    account_sid: receipt.accountSid,
    ...scopedPart(place, receipt.serviceSid),
    conversation_sid: conversationSid,
    message_sid: messageSid,
    channel_message_sid: receipt.channelMessageSid,
    participant_sid: receipt.participantSid,
    status: receipt.status,
    error_code: receipt.errorCode,
    date_created: isoDate(receipt.dateCreated),
    date_updated: isoDate(receipt.dateUpdated),
    url: `${place.root}/Conversations/${conversationSid}/Messages/${messageSid}/Receipts/${sid}`,
  };
}
