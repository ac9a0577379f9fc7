/** Text messages of simulated phones: sends them to the emulator, and lists what the phones received. */
import type { EmulatorContext } from "../context";
import { isoDate } from "../dates";
import type { Domain, Scope } from "../domain";
import { TwilioError } from "../errors";
import { temporaryContentUrl } from "../http/media";
import { accountTable } from "../resources/account";
import { findReceivingNumber, type InboundResult, type InboundText, logRejected, receiveText } from "../resources/inbound";
import type { IncomingNumberRecord } from "../resources/incoming-number";
import { mediaTable } from "../resources/media";
import { type SmsRecord, smsTable } from "../resources/sms";
import { failedRoute, inactiveRoute, notOwnedRoute, publishRoute, type RoutedText, rejectedRoute } from "../resources/text-route";
import { perform } from "../webhooks/perform";
import { Rejected } from "../webhooks/rejected";
import { reportText } from "../webhooks/sms";
import { addressIn, type ControlCall, ControlError } from "./call";

function text(input: ControlCall["input"], name: string): string | undefined {
  const value = (input as Record<string, unknown>)[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new ControlError(400, `${name} must be a string`);
  return value;
}

function required(input: ControlCall["input"], name: string): string {
  const value = text(input, name);
  if (!value) throw new ControlError(400, `${name} is required`);
  return value;
}

/** Sends a text message from a phone to a number. */
export async function inbound({ context, input }: ControlCall): Promise<unknown> {
  const { domain } = context;
  const from = required(input, "from");
  const to = required(input, "to");
  const body = text(input, "body") ?? "";
  const { mediaUrl } = input as Record<string, unknown>;
  const mediaUrls = (Array.isArray(mediaUrl) ? mediaUrl : [mediaUrl ?? ""]).filter((url) => url !== "");
  if (!mediaUrls.every((url) => typeof url === "string")) throw new ControlError(400, "mediaUrl must be a string or a list of strings");
  if (body === "" && mediaUrls.length === 0) throw new ControlError(400, "body or mediaUrl is required");
  const number = findReceivingNumber(domain, to);
  const owner = receiverOf(domain, number, { from, to }, text(input, "accountSid"));
  const channel = /^(\w+):/.exec(to)?.[1] ?? "SMS";
  const scope = domain.scope(owner, { source: "SMS", webhooksEnabled: true, channel });
  return inboundBody(await deliverText(context, scope, number, { from, to, body, mediaUrls }));
}

/** The account that receives the text. Records why, if there is none. */
function receiverOf(domain: Domain, number: IncomingNumberRecord | undefined, text: RoutedText, accountSid: string | undefined): string {
  const { to } = text;
  const main = domain.credentials.accountSid;
  // Senders of other channels are not phone numbers. Any account may use them.
  if (!number && !/^(whatsapp|messenger|rcs):/.test(to)) {
    publishRoute(domain, accountSid ?? main, notOwnedRoute(text, undefined));
    throw new ControlError(404, `no account owns ${to}`);
  }
  const owner = number?.accountSid ?? accountSid ?? main;
  if (accountSid !== undefined && accountSid !== owner) {
    publishRoute(domain, accountSid, notOwnedRoute(text, accountSid));
    throw new ControlError(404, `account ${accountSid} does not own ${to}`);
  }
  const status = accountTable.in(domain).get(owner)?.status;
  if (status !== undefined && status !== "active") {
    publishRoute(domain, owner, inactiveRoute(text, owner, status));
    throw new ControlError(409, `account ${owner} is ${status} and receives nothing`);
  }
  return owner;
}

async function deliverText(context: EmulatorContext, scope: Scope, number: IncomingNumberRecord | undefined, text: InboundText) {
  const { domain, background } = context;
  try {
    const result = await perform(context, scope, (scope) => receiveText(scope, number, text));
    const report = result.routedTo === "webhook" && result.webhook && reportText(context, result.sms, result.webhook);
    if (report) report.catch((error) => console.error("emulator: cannot send a reply to a text message:", error));
    return result;
  } catch (error) {
    // A text message that a pre-webhook rejects is dropped. The phone gets no error.
    if (error instanceof Rejected)
      return domain.transact(() => logRejected(scope, number, text, (sid) => rejectedRoute(text, sid, error.by)));
    if (error instanceof TwilioError) publishRoute(domain, scope.accountSid, failedRoute(text, error));
    throw error;
  } finally {
    background.schedule();
  }
}

function inboundBody(result: InboundResult): unknown {
  const { sms, ...what } = result;
  const shared = { routedTo: what.routedTo, accountSid: sms.accountSid, smsSid: sms.sid };
  if (what.routedTo === "conversation") {
    const { conversationSid, messageSid, participantSid, index } = what;
    return { ...shared, conversationSid, messageSid, participantSid, index };
  }
  if (what.routedTo === "nowhere") return shared;
  return { ...shared, smsUrl: what.webhook?.url ?? null, smsMethod: what.webhook?.method ?? null };
}

/** The text messages that phones received, oldest first. */
export function outbox(call: ControlCall): unknown {
  const recipient = addressIn(call, "to");
  return listTexts(call, (sms) => isReceived(sms) && (recipient === undefined || sms.to === recipient));
}

/** The text messages that a phone sent and received, in order. */
export function texts(call: ControlCall): unknown {
  const handset = addressIn(call, "handset");
  if (!handset) throw new ControlError(400, "handset is required");
  return listTexts(call, (sms) => (sms.direction === "inbound" ? sms.from === handset : isReceived(sms) && sms.to === handset));
}

const isReceived = ({ direction, status }: SmsRecord) => direction !== "inbound" && !["failed", "canceled", "scheduled"].includes(status);

function listTexts({ context, query }: ControlCall, isListed: (sms: SmsRecord) => boolean): unknown {
  const { domain } = context;
  const accountSid = query.get("accountSid") ?? domain.credentials.accountSid;
  return {
    messages: smsTable
      .in(domain)
      .by.account(accountSid)
      .filter(isListed)
      .map((sms) => ({
        from: sms.from,
        to: sms.to,
        body: sms.body,
        mediaUrls: sms.mediaUrls.map((url) => emulatorUrl(context, url)),
        sid: sms.sid,
        status: sms.status,
        conversationSid: sms.conversationSid,
        messageSid: sms.conversationMessageSid,
        date: isoDate(sms.dateCreated),
      })),
  };
}

/** Media are in the emulator, not at the URL that Twilio would give them. */
function emulatorUrl(context: EmulatorContext, url: string): string {
  const media = mediaTable.in(context.domain).get(url.split("/").at(-1) ?? "");
  return media ? temporaryContentUrl(context, media, context.about().url) : url;
}
