/** Reports texts that belong to no conversation to the webhook of their number, which may reply with a text. */
import type { EmulatorContext } from "../context";
import { contentTypeOf, type SmsWebhook } from "../resources/inbound";
import { addSms, type SmsRecord } from "../resources/sms";
import { isSuccess, type Report } from "./deliveries";
import type { ReceiverResponse } from "./http-request";
import { repliesIn } from "./twiml";

const RESPONSE_MS = 15_000;
/** Twilio's error code for a receiver that did not respond successfully. */
const RETRIEVAL_FAILURE = "11200";

/** Reports the text, if necessary to the fallback URL, and sends the receiver's replies. Callers need not await it. */
export async function reportText(context: EmulatorContext, sms: SmsRecord, webhook: SmsWebhook): Promise<void> {
  const parameters = parametersOf(sms);
  let response = await send(context, sms, { url: webhook.url, method: webhook.method, parameters });
  if (!response && webhook.fallbackUrl !== null) {
    const failure = { ErrorCode: RETRIEVAL_FAILURE, ErrorUrl: webhook.url };
    response = await send(context, sms, {
      url: webhook.fallbackUrl,
      method: webhook.fallbackMethod,
      parameters: { ...parameters, ...failure },
    });
  }
  if (response && response !== "ended") reply(context, sms, response);
}

/** Returns the response if it is successful, or `ended` if a reset or a snapshot has removed the text meanwhile. */
async function send(
  { webhooks: { deliveries } }: EmulatorContext,
  { accountSid }: SmsRecord,
  request: Pick<Report, "url" | "method" | "parameters">,
): Promise<ReceiverResponse | "ended" | undefined> {
  const report: Report = { accountSid, event: "incomingMessage", scope: "number", target: "webhook", ...request };
  const { delivery, done, signal } = deliveries.send(report, { responseMs: RESPONSE_MS });
  const response = await done;
  if (signal?.aborted) return "ended";
  deliveries.finish(delivery, isSuccess(response) ? "delivered" : "failed");
  return isSuccess(response) ? response : undefined;
}

function reply({ domain, background }: EmulatorContext, sms: SmsRecord, response: ReceiverResponse): void {
  const replies = repliesIn(response);
  if (replies.length === 0) return;
  domain.transact(() => {
    const scope = domain.scope(sms.accountSid);
    for (const { to = sms.from, ...content } of replies) {
      const { messagingServiceSid } = sms;
      addSms(scope, { from: sms.to, to, ...content, messagingServiceSid, direction: "outbound-reply" });
    }
  });
  background.schedule();
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
