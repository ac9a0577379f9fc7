/** Feedback on text messages: whether the recipient did what the message was sent for. It can be written, not read. */
import { rfc2822Date } from "../dates";
import { type Base, defineTable, type Scope } from "../domain";
import type { Params } from "../http/params";
import { ok } from "../http/router";
import type { Endpoints } from "./endpoints";
import type { SmsRecord } from "./sms";
import { inSms } from "./sms-media";

/** Its SID is that of the message. */
interface FeedbackRecord extends Base {
  outcome: "confirmed" | "unconfirmed";
}

const feedbackTable = defineTable<FeedbackRecord>()({
  name: "smsFeedback",
  indexes: { message: (feedback) => feedback.sid },
  references: { sms: { by: "message", onDelete: "cascade" } },
});

function putFeedback(scope: Scope, { sid, accountSid }: SmsRecord, params: Params): FeedbackRecord {
  const outcome = params.word("Outcome", ["confirmed", "unconfirmed"]) ?? "confirmed";
  const before = feedbackTable.in(scope.domain).get(sid) ?? { ...scope.domain.base(accountSid, ""), sid, outcome };
  return feedbackTable.update(scope, before, { outcome });
}

const feedbackBody = (feedback: FeedbackRecord) => ({
  account_sid: feedback.accountSid,
  message_sid: feedback.sid,
  outcome: feedback.outcome,
  date_created: rfc2822Date(feedback.dateCreated),
  date_updated: rfc2822Date(feedback.dateUpdated),
  uri: `/2010-04-01/Accounts/${feedback.accountSid}/Messages/${feedback.sid}/Feedback.json`,
});

export const smsFeedbackEndpoints: Endpoints = {
  tables: [feedbackTable],
  routes: {
    api: inSms.route("POST", "/Feedback.json", ({ scope, sms, params }) => ok(feedbackBody(putFeedback(scope, sms, params)))),
  },
};
