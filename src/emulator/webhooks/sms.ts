/** Texts that no conversation takes are reported to the webhook of their number, which may answer with a text. */
import type { Controls } from "../control/controls";
import { contentTypeOf, type SmsWebhook } from "../resources/inbound";
import { addSms, type SmsRecord } from "../resources/sms";
import { isSuccess, type Report } from "./deliveries";
import type { Answer } from "./http-request";
import { repliesIn } from "./twiml";

const ANSWER_MS = 15_000;
/** What Twilio calls a receiver that did not answer, or not well. */
const RETRIEVAL_FAILURE = "11200";

/** Reports the text, to the fallback if need be, and sends what the receiver replies. Nobody waits for it. */
export async function reportText(controls: Controls, sms: SmsRecord, webhook: SmsWebhook): Promise<void> {
  const parameters = parametersOf(sms);
  let answer = await send(controls, sms, { url: webhook.url, method: webhook.method, parameters });
  if (!answer && webhook.fallbackUrl !== null) {
    const failure = { ErrorCode: RETRIEVAL_FAILURE, ErrorUrl: webhook.url };
    answer = await send(controls, sms, {
      url: webhook.fallbackUrl,
      method: webhook.fallbackMethod,
      parameters: { ...parameters, ...failure },
    });
  }
  if (answer) reply(controls, sms, answer);
}

/** The answer, if it is a good one. */
async function send(
  { webhooks: { deliveries } }: Controls,
  { accountSid }: SmsRecord,
  request: Pick<Report, "url" | "method" | "parameters">,
): Promise<Answer | undefined> {
  const report: Report = { accountSid, event: "incomingMessage", scope: "number", target: "webhook", ...request };
  const { delivery, done } = deliveries.send(report, { answerMs: ANSWER_MS });
  const answer = await done;
  deliveries.finish(delivery, isSuccess(answer) ? "delivered" : "failed");
  return isSuccess(answer) ? answer : undefined;
}

function reply({ domain, background }: Controls, sms: SmsRecord, answer: Answer): void {
  const replies = repliesIn(answer);
  if (replies.length === 0) return;
  domain.transact(() => {
    const at = domain.scope(sms.accountSid);
    for (const { to, body, mediaUrls } of replies) {
      const { messagingServiceSid } = sms;
      addSms(at, { from: sms.to, to: to ?? sms.from, body, mediaUrls, messagingServiceSid, direction: "outbound-reply" });
    }
  });
  background.soon();
}

function parametersOf(sms: SmsRecord): Record<string, string> {
  const media = sms.mediaUrls.flatMap((url, position): [string, string][] => [
    [`MediaUrl${position}`, url],
    [`MediaContentType${position}`, contentTypeOf(url)],
  ]);
  return {
    MessageSid: sms.sid,
    SmsSid: sms.sid,
    SmsMessageSid: sms.sid,
    SmsStatus: "received",
    AccountSid: sms.accountSid,
    ...(sms.messagingServiceSid === null ? {} : { MessagingServiceSid: sms.messagingServiceSid }),
    From: sms.from,
    To: sms.to,
    Body: sms.body,
    NumMedia: String(sms.mediaUrls.length),
    NumSegments: "1",
    ApiVersion: "2010-04-01",
    ...Object.fromEntries(media),
  };
}
