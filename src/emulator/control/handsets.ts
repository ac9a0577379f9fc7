/** Handsets: texting a number, and what was received. */
import { isoDate } from "../dates";
import type { Scope } from "../domain";
import { TwilioError } from "../errors";
import { temporaryContentUrl } from "../http/media";
import { type InboundResult, type InboundText, ownerOf, receive, refuse } from "../resources/inbound";
import type { IncomingNumberRecord } from "../resources/incoming-number";
import type { SmsRecord } from "../resources/sms";
import { perform } from "../webhooks/perform";
import { reportText } from "../webhooks/sms";
import { type ControlCall, type Controls, Refused } from "./controls";

/** The code of what a pre-webhook refuses. */
const REFUSED = 50056;

function text(input: ControlCall["input"], name: string): string | undefined {
  const value = (input as Record<string, unknown>)[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new Refused(400, `${name} must be a string`);
  return value;
}

function required(input: ControlCall["input"], name: string): string {
  const value = text(input, name);
  if (!value) throw new Refused(400, `${name} is required`);
  return value;
}

/** A handset texts a number. */
export async function inbound({ controls, input }: ControlCall): Promise<unknown> {
  const { domain } = controls;
  const from = required(input, "from");
  const to = required(input, "to");
  const body = text(input, "body") ?? "";
  const { mediaUrl } = input as Record<string, unknown>;
  const mediaUrls = (Array.isArray(mediaUrl) ? mediaUrl : [mediaUrl ?? ""]).filter((url) => url !== "");
  if (!mediaUrls.every((url) => typeof url === "string")) throw new Refused(400, "mediaUrl must be a string or a list of strings");
  if (body === "" && mediaUrls.length === 0) throw new Refused(400, "body or mediaUrl is required");
  const accountSid = text(input, "accountSid");
  const number = ownerOf(domain, to);
  // Other channels have senders that are no phone numbers; they belong to whoever uses them.
  const isOtherChannel = /^(whatsapp|messenger|rcs):/.test(to);
  if (!number && !isOtherChannel) throw new Refused(404, `no account owns ${to}`);
  const owner = number?.accountSid ?? accountSid ?? domain.credentials.accountSid;
  if (accountSid !== undefined && accountSid !== owner) throw new Refused(404, `account ${accountSid} does not own ${to}`);
  const channel = /^(\w+):/.exec(to)?.[1] ?? "SMS";
  const at = domain.scope(owner, { source: "SMS", webhooksEnabled: true, channel });
  return inboundBody(await receiveText(controls, at, number, { from, to, body, mediaUrls }));
}

async function receiveText(controls: Controls, at: Scope, number: IncomingNumberRecord | undefined, text: InboundText) {
  const { domain, background } = controls;
  try {
    const result = await perform(controls, at, (scope) => receive(scope, number, text));
    const report = result.routedTo === "webhook" && result.webhook && reportText(controls, result.sms, result.webhook);
    if (report) report.catch((error) => console.error("emulator: a reply to a text could not be sent:", error));
    return result;
  } catch (error) {
    // A person's text that a webhook refuses is lost without a word: nobody told the handset either.
    if (!(error instanceof TwilioError && error.code === REFUSED)) throw error;
    return domain.transact(() => refuse(at, number, text));
  } finally {
    background.soon();
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

/** What handsets received, oldest first. */
export function outbox({ controls, query }: ControlCall): unknown {
  const { domain } = controls;
  const to = query.get("to");
  const accountSid = query.get("accountSid") ?? domain.credentials.accountSid;
  // A plus that was not escaped has become a space on the way.
  const wanted = to?.replace(/^ /, "+").replace(/: /, ":+");
  const arrived = (sms: SmsRecord) => sms.direction !== "inbound" && sms.status !== "failed" && sms.status !== "canceled";
  const messages = domain.find.smsOf(accountSid).filter((sms) => arrived(sms) && (wanted === undefined || sms.to === wanted));
  return {
    messages: messages.map((sms) => ({
      from: sms.from,
      to: sms.to,
      body: sms.body,
      mediaUrls: sms.mediaUrls.map((url) => reachable(controls, url)),
      sid: sms.sid,
      status: sms.status,
      conversationSid: sms.conversationSid,
      messageSid: sms.conversationMessageSid,
      date: isoDate(sms.dateCreated),
    })),
  };
}

/** Media of the emulator lie in it, not at the address that Twilio would give them. */
function reachable(controls: Controls, url: string): string {
  const media = controls.domain.media.get(url.split("/").at(-1) ?? "");
  return media ? temporaryContentUrl(controls, media, controls.about().url) : url;
}
