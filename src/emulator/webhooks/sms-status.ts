/**
 * Reports each status of a text message to the URL that the message names, else to that of its application, else to that of its messaging service.
 * The first status is in the response to the request that created it. Texts of conversations are not reported; their receipts are.
 */
import type { Domain } from "../domain";
import { applicationTable } from "../resources/application";
import { messagingServiceTable } from "../resources/messaging-service";
import type { SmsRecord } from "../resources/sms";
import { channelOf } from "../resources/sms-sender";
import { type Deliveries, isSuccess } from "./deliveries";

const RESPONSE_MS = 15_000;

/** Reports the status of a text message, if a URL is set. Reports to one URL arrive in the order of the statuses. */
export function reportStatus(domain: Domain, deliveries: Deliveries, sms: SmsRecord): void {
  const url = callbackOf(domain, sms);
  if (url === null) return;
  const { accountSid } = sms;
  const parameters = parametersOf(sms);
  const report = { accountSid, event: "messageStatus", scope: "message", target: "webhook", url, method: "POST", parameters } as const;
  const { delivery, done } = deliveries.send(report, { responseMs: RESPONSE_MS });
  void done.then((response) => deliveries.finish(delivery, isSuccess(response) ? "delivered" : "failed"));
}

function callbackOf(domain: Domain, sms: SmsRecord): string | null {
  if (sms.direction === "inbound" || sms.conversationSid !== null) return null;
  const application = applicationTable.in(domain).get(sms.applicationSid ?? "");
  const service = messagingServiceTable.in(domain).get(sms.messagingServiceSid ?? "");
  return sms.statusCallback ?? application?.messageStatusCallback ?? service?.statusCallback ?? null;
}

function parametersOf(sms: SmsRecord): Record<string, string> {
  const channel = channelOf(sms.to);
  const isSms = channel === "sms";
  return {
    MessageSid: sms.sid,
    SmsSid: sms.sid,
    MessageStatus: sms.status,
    SmsStatus: sms.status,
    AccountSid: sms.accountSid,
    ...(sms.messagingServiceSid === null ? {} : { MessagingServiceSid: sms.messagingServiceSid }),
    From: sms.from,
    To: sms.to,
    ApiVersion: "2010-04-01",
    ...(sms.errorCode === null ? {} : { ErrorCode: String(sms.errorCode) }),
    ...(isSms && sms.status === "delivered" ? { RawDlrDoneDate: receiptDate(sms.dateUpdated) } : {}),
    ...(isSms ? {} : { ChannelPrefix: channel }),
  };
}

/** `YYMMDDhhmm`. */
const receiptDate = (ms: number): string => new Date(ms).toISOString().replace(/\D/g, "").slice(2, 12);
