/** Handsets: texting a number, and what was received. */
import { isoDate } from "../dates";
import { type InboundResult, ownerOf, receive } from "../resources/inbound";
import type { SmsRecord } from "../resources/sms";
import { perform } from "../webhooks/perform";
import { type ControlCall, Refused } from "./controls";

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
  const { domain, background } = controls;
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
  const at = domain.scope(owner, { source: "SMS", webhooksEnabled: true });
  const result = await perform(controls, at, (scope) => receive(scope, number, { from, to, body, mediaUrls }));
  background.soon();
  return inboundBody(result);
}

function inboundBody(result: InboundResult): unknown {
  const { sms, ...what } = result;
  const shared = { routedTo: what.routedTo, accountSid: sms.accountSid, smsSid: sms.sid };
  if (what.routedTo === "conversation") {
    const { conversationSid, messageSid, participantSid, index } = what;
    return { ...shared, conversationSid, messageSid, participantSid, index };
  }
  return { ...shared, smsUrl: what.webhook?.url ?? null, smsMethod: what.webhook?.method ?? null };
}

/** What handsets received, oldest first. */
export function outbox({ controls: { domain }, query }: ControlCall): unknown {
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
      mediaUrls: sms.mediaUrls,
      sid: sms.sid,
      status: sms.status,
      conversationSid: sms.conversationSid,
      messageSid: sms.conversationMessageSid,
      date: isoDate(sms.dateCreated),
    })),
  };
}
