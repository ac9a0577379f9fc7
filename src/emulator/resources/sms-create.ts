/** Creates text messages through REST: at once, or at a date of the emulator's clock. */
import type { Scope } from "../domain";
import { fail, invalidParameter } from "../errors";
import type { Params } from "../http/params";
import { created } from "../http/router";
import { isSid } from "../sid";
import { accountTable, inAccount } from "./account";
import { checkSid } from "./checks";
import type { Endpoints } from "./endpoints";
import type { MessagingServiceRecord } from "./messaging-service";
import { addSms, type SmsInput, type SmsRecord, smsBody } from "./sms";
import { readSchedule } from "./sms-schedule";
import { checkInService, checkSender, chooseSender, isRecipient, isSender, namedService } from "./sms-sender";

const MAX_SMS_LENGTH = 1600;
const MAX_MEDIA = 10;
const MAX_URL_LENGTH = 4000;
const MAX_VALIDITY_S = 36_000;

/** Sends a text message from a number of the account or of a messaging service. */
function sendSms(scope: Scope, params: Params): SmsRecord {
  // Its parent may still read and move what a suspended account has.
  if (accountTable.in(scope.domain).get(scope.accountSid)?.status !== "active") throw fail(20005);
  checkSettings(params);
  const to = params.text("To");
  if (!to) throw fail(21604);
  if (!isRecipient(to)) throw fail(21211, { to: to.slice(0, 100) });
  const serviceSid = params.nullable("MessagingServiceSid") ?? null;
  const service = serviceSid === null ? null : namedService(scope, serviceSid);
  const from = senderOf(scope, params, service, to);
  if (from === to) throw fail(21266, { to });
  const content = readContent(params);
  return addSms(scope, {
    ...content,
    from,
    to,
    messagingServiceSid: serviceSid,
    choosesSender: !params.text("From"),
    status: service ? "accepted" : "queued",
    ...readSchedule(scope, params, service),
    statusCallback: readStatusCallback(params),
    applicationSid: readSid(params, "ApplicationSid", "AP"),
  });
}

function senderOf(scope: Scope, params: Params, service: MessagingServiceRecord | null, to: string): string {
  const from = params.text("From");
  if (!from) {
    if (!service) throw fail(21603);
    return chooseSender(scope, service, to);
  }
  checkSender(scope, from, to);
  if (service) checkInService(scope, service, from, to);
  return from;
}

function readContent(params: Params): Pick<SmsInput, "body" | "mediaUrls"> {
  const body = params.text("Body") ?? "";
  const mediaUrls = params.all("MediaUrl")?.filter((url) => url !== "") ?? [];
  const badUrl = mediaUrls.find((url) => !URL.canParse(url));
  if (badUrl !== undefined) throw invalidParameter("MediaUrl", badUrl);
  if (mediaUrls.length > MAX_MEDIA) throw fail(21623, { count: mediaUrls.length, max: MAX_MEDIA });
  const contentSid = params.text("ContentSid");
  if (contentSid && !isSid("HX", contentSid)) throw fail(21655);
  checkVariables(params.text("ContentVariables"), contentSid);
  if (body === "" && mediaUrls.length === 0 && !contentSid) throw fail(21602);
  if ([...body].length > MAX_SMS_LENGTH) throw fail(21617);
  return { body, mediaUrls };
}

function checkVariables(variables: string | undefined, contentSid: string | undefined): void {
  if (!variables) return;
  if (!contentSid) throw fail(21654);
  try {
    const values: unknown = JSON.parse(variables);
    if (typeof values === "object" && values !== null && !Array.isArray(values)) return;
  } catch {
    // Reported below, like JSON of another type.
  }
  throw fail(21656);
}

/** Twilio accepts no underscores in the host. */
function readStatusCallback(params: Params): string | null {
  const url = params.nullable("StatusCallback") ?? null;
  if (url === null) return null;
  const isValid = url.length <= MAX_URL_LENGTH && /^https?:/i.test(url) && URL.canParse(url) && !new URL(url).hostname.includes("_");
  if (!isValid) throw fail(21609, { url: url.slice(0, 200) });
  return url;
}

function readSid(params: Params, name: string, prefix: string): string | null {
  const sid = params.nullable(name) ?? null;
  return sid === null ? null : checkSid(prefix, sid, name);
}

const WORDS: Record<string, readonly string[]> = {
  ContentRetention: ["retain", "discard"],
  AddressRetention: ["retain", "obfuscate"],
  TrafficType: ["free"],
  RiskCheck: ["enable", "disable"],
};

/** Checks the parameters that have no effect in the emulator. */
function checkSettings(params: Params): void {
  for (const name of ["ProvideFeedback", "ForceDelivery", "SmartEncoded", "ShortenUrls", "SendAsMms"]) params.boolean(name);
  for (const [name, words] of Object.entries(WORDS)) if (params.text(name)) params.word(name, words);
  params.decimal("MaxPrice");
  params.integer("Attempt");
  const period = params.integer("ValidityPeriod") ?? undefined;
  if (period !== undefined && (period < 1 || period > MAX_VALIDITY_S)) throw fail(21624, { period });
  const fallback = params.text("FallbackFrom");
  if (fallback && !isSender(fallback)) throw invalidParameter("FallbackFrom", fallback);
}

export const smsCreationEndpoints: Endpoints = {
  routes: {
    api: inAccount.route("POST", "/Messages.json", ({ scope, params }) => created(smsBody(sendSms(scope, params), { isNew: true }))),
  },
};
