/** Text messages that are sent later: at a date of the emulator's clock, through a messaging service. */
import { parseDate } from "../dates";
import type { Domain, Scope } from "../domain";
import { fail, StateNotWritten, TwilioError } from "../errors";
import type { Params } from "../http/params";
import { accountTable } from "./account";
import { type MessagingServiceRecord, messagingServiceTable } from "./messaging-service";
import { changeStatus, type SmsRecord, smsTable } from "./sms";
import { checkInService, checkSender, chooseSender } from "./sms-sender";

/** Twilio's pages name 5 and 15 minutes as the minimum. The emulator refuses only what both refuse. */
const MIN_S = 300;
const MAX_S = 35 * 86_400;

/** The changes to a new text message that is to be sent later; none if it is to be sent at once. */
export function readSchedule(scope: Scope, params: Params, service: MessagingServiceRecord | null): Partial<SmsRecord> {
  const [type, date] = [params.text("ScheduleType"), params.text("SendAt")];
  if (!type && !date) return {};
  if (type?.toLowerCase() !== "fixed") throw fail(35126);
  if (!date) throw fail(35111);
  if (!service) throw fail(35118);
  const sendAt = /T/.test(date) ? parseDate(date) : undefined;
  const seconds = ((sendAt ?? 0) - scope.domain.now()) / 1000;
  if (sendAt === undefined || seconds < MIN_S || seconds > MAX_S) throw fail(35114, { min: MIN_S, max: MAX_S, date: date.slice(0, 100) });
  return { status: "scheduled", sendAt };
}

/** Queues the scheduled text messages that are due, oldest first. A change that cannot be stored stays due. */
export function sendScheduled(domain: Domain): void {
  const due = smsTable
    .in(domain)
    .by.scheduled("")
    .filter(({ sendAt = 0 }) => sendAt <= domain.now())
    .sort((a, b) => (a.sendAt ?? 0) - (b.sendAt ?? 0) || a.seq - b.seq);
  try {
    for (const sms of due) domain.transact(() => send(domain.scope(sms.accountSid), sms));
  } catch (error) {
    if (!(error instanceof StateNotWritten)) throw error;
  }
}

/** Moves the dates of all scheduled text messages. Call it in a transaction. */
export function shiftSchedule(domain: Domain, ms: number): void {
  for (const sms of smsTable.in(domain).by.scheduled("")) smsTable.in(domain).put({ ...sms, sendAt: (sms.sendAt ?? 0) + ms });
}

/** The error code of a text message of a suspended account. */
const SUSPENDED = 30002;

function send(scope: Scope, sms: SmsRecord): void {
  try {
    if (accountTable.in(scope.domain).get(scope.accountSid)?.status !== "active") throw fail(SUSPENDED);
    changeStatus(scope, sms, "queued", { from: senderOf(scope, sms) });
  } catch (error) {
    if (!(error instanceof TwilioError)) throw error;
    changeStatus(scope, sms, "failed", { errorCode: error.code });
  }
}

/** The service or its senders may have changed since the message was scheduled. */
function senderOf(scope: Scope, { messagingServiceSid, choosesSender, from, to }: SmsRecord): string {
  const service = messagingServiceTable.in(scope.domain).get(messagingServiceSid ?? "");
  if (!service) throw fail(21701);
  if (choosesSender) return chooseSender(scope, service, to);
  checkSender(scope, from, to);
  checkInService(scope, service, from, to);
  return from;
}
