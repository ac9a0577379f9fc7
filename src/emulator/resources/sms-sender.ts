/** Which senders an account may use for a text message, and which one a messaging service chooses. */
import type { Scope } from "../domain";
import { fail } from "../errors";
import { COUNTRIES } from "../numbers/plans";
import { ALPHA_SENDER, alphaSenderTable } from "./alpha-sender";
import { channelSenderTable } from "./channel-sender";
import { type IncomingNumberRecord, numberTable } from "./incoming-number";
import { type MessagingServiceRecord, messagingServiceTable } from "./messaging-service";
import { shortCodeTable } from "./short-code";

const E164 = /^\+[1-9]\d{6,14}$/;
const SHORT_CODE = /^\d{3,8}$/;
/** North America shares +1, but not its rules: alphanumeric senders reach the islands. */
const NORTH_AMERICAN = /^\+1/;
const ISLAND = /^\+1(242|246|264|268|284|345|441|473|649|658|664|721|758|767|784|809|829|849|868|869|876)/;

/** The channel of an address: `sms` for a phone number, else the prefix. */
export const channelOf = (address: string): string => /^(whatsapp|messenger|rcs):/.exec(address)?.[1] ?? "sms";

const withoutChannel = (address: string): string => address.replace(/^\w+:/, "");

/** Whether a text can be sent to this address. */
export function isRecipient(address: string): boolean {
  if (channelOf(address) === "messenger") return /^messenger:\S+$/.test(address);
  return E164.test(channelOf(address) === "sms" ? address : withoutChannel(address));
}

/** Whether this has the form of a sender of texts. */
export const isSender = (address: string): boolean =>
  channelOf(address) !== "sms" || E164.test(address) || SHORT_CODE.test(address) || (ALPHA_SENDER.test(address) && /[a-z]/i.test(address));

/** Fails with Twilio's error if the account cannot send from this address to that one. */
export function checkSender(scope: Scope, from: string, to: string): void {
  if (!isSender(from)) throw fail(21212, { from: from.slice(0, 100) });
  const channel = channelOf(from);
  if (channel !== channelOf(to)) throw fail(21910);
  if (channel === "sms") checkSmsSender(scope, from, to);
  else if (channel === "whatsapp") {
    if (!ownNumber(scope, withoutChannel(from))?.capabilities.sms) throw fail(63007);
  } else if (
    !channelSenderTable
      .in(scope.domain)
      .by.account(scope.accountSid)
      .some(({ sender }) => sender === from)
  )
    throw fail(63007);
}

function checkSmsSender(scope: Scope, from: string, to: string): void {
  if (E164.test(from)) {
    const number = numberTable.in(scope.domain).by.phoneNumber(from)[0];
    if (number && number.accountSid !== scope.accountSid) throw fail(21660, { from, account: scope.accountSid });
    if (!number?.capabilities.sms) throw fail(21606, { from });
  } else if (SHORT_CODE.test(from)) {
    const code = shortCodeTable
      .in(scope.domain)
      .by.account(scope.accountSid)
      .find(({ shortCode }) => shortCode === from);
    if (!code) throw fail(21606, { from });
    if (!isIn(code.isoCountry, to)) throw fail(21612, { from, to });
  } else if (!acceptsAlphaSenders(to)) throw fail(21612, { from, to });
}

function ownNumber(scope: Scope, phoneNumber: string): IncomingNumberRecord | undefined {
  const number = numberTable.in(scope.domain).by.phoneNumber(phoneNumber)[0];
  return number?.accountSid === scope.accountSid ? number : undefined;
}

/** The United States, Canada and Puerto Rico accept none. Elsewhere the rules vary; no API publishes them, so the emulator accepts all. */
const acceptsAlphaSenders = (to: string): boolean => !NORTH_AMERICAN.test(to) || ISLAND.test(to);

/** Whether a phone is in the country, as far as the dial code shows it. */
const isIn = (isoCountry: string, phone: string): boolean =>
  phone.startsWith(COUNTRIES.find(({ code }) => code === isoCountry)?.dialCode ?? "none");

/** The messaging service that a text names. */
export function namedService(scope: Scope, sid: string): MessagingServiceRecord {
  if (!/^MG[0-9a-f]{32}$/i.test(sid)) throw fail(21705);
  const service = messagingServiceTable.in(scope.domain).get(sid);
  if (service?.accountSid !== scope.accountSid) throw fail(21701);
  return service;
}

/** The senders of a service that can reach the address, in Twilio's order of preference. */
function candidates(scope: Scope, { sid }: MessagingServiceRecord, to: string): string[] {
  const { domain } = scope;
  const channel = channelOf(to);
  const numbers = numberTable
    .in(domain)
    .by.messagingService(sid)
    .filter(({ capabilities }) => capabilities.sms);
  if (channel === "whatsapp") return numbers.map(({ phoneNumber }) => `whatsapp:${phoneNumber}`);
  const channelSenders = channelSenderTable
    .in(domain)
    .by.messagingService(sid)
    .map(({ sender }) => sender);
  if (channel !== "sms") return channelSenders.filter((sender) => channelOf(sender) === channel);
  const codes = shortCodeTable
    .in(domain)
    .by.messagingService(sid)
    .filter(({ isoCountry }) => isIn(isoCountry, to));
  const isNear = ({ isoCountry }: { isoCountry: string }) => isIn(isoCountry, to);
  return [
    ...codes.map(({ shortCode }) => shortCode),
    ...(acceptsAlphaSenders(to) ? alphaSenders(scope, sid, to) : []),
    // Each number reaches each country, but one of the recipient's country comes first.
    ...[...numbers.filter(isNear), ...numbers.filter((number) => !isNear(number))].map(({ phoneNumber }) => phoneNumber),
  ];
}

/** A sender for the recipient's country replaces the one for all countries. */
function alphaSenders({ domain }: Scope, serviceSid: string, to: string): string[] {
  const all = alphaSenderTable.in(domain).by.messagingService(serviceSid);
  const own = all.filter(({ isoCountry }) => isoCountry !== "" && isIn(isoCountry, to));
  return [...own, ...all.filter(({ isoCountry }) => isoCountry === "")].map(({ alphaSender }) => alphaSender);
}

/** The sender that a service chooses for the address. */
export function chooseSender(scope: Scope, service: MessagingServiceRecord, to: string): string {
  const [best] = candidates(scope, service, to);
  if (best !== undefined) return best;
  throw fail(hasSenders(scope, service) ? 21703 : 21704);
}

function hasSenders({ domain }: Scope, { sid }: MessagingServiceRecord): boolean {
  return [numberTable, shortCodeTable, alphaSenderTable, channelSenderTable].some(
    (table) => table.in(domain).by.messagingService(sid).length > 0,
  );
}

/** Fails if the sender is not one of the service. */
export function checkInService(scope: Scope, service: MessagingServiceRecord, from: string, to: string): void {
  if (!candidates(scope, service, to).includes(from)) throw fail(21711, { from });
}
