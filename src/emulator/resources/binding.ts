/**
 * The kinds of participants: which combinations of identity, address, proxy address and projected address are valid.
 */
import type { Scope } from "../domain";
import { fail } from "../errors";
import { checkIdentity } from "./checks";
import type { ParticipantInput } from "./conversation-table";
import { numberTable } from "./incoming-number";

type BindingType = "sms" | "whatsapp" | "messenger" | "rcs";

/** How a participant takes part. Chat: identity only. SMS: address and proxy address. All else is group texting. */
export interface Binding {
  identity: string | null;
  bindingType: BindingType | null;
  address: string | null;
  proxyAddress: string | null;
  projectedAddress: string | null;
}

/** The number of the WhatsApp sandbox. Every account may use it without owning it. */
const WHATSAPP_SANDBOX = "+14155238886";
const E164 = /^\+[1-9]\d{6,14}$/;
// Group texting supports North American numbers only, except toll-free ones.
const GROUP_NUMBER = /^\+1(?!8(?:00|33|44|55|66|77|88))[2-9]\d{9}$/;

interface Endpoint {
  type: BindingType;
  value: string;
}

/** Reads an address such as `+1555…`, `whatsapp:+1555…` or `messenger:1234`. */
function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:(whatsapp|messenger|rcs):)?(\S{1,256})$/.exec(text);
  if (!match?.[2]) return undefined;
  const type = (match[1] ?? "sms") as BindingType;
  const isNumber = type === "sms" || type === "whatsapp";
  return isNumber && !E164.test(match[2]) ? undefined : { type, value: match[2] };
}

/** Returns the binding, or fails if the parameters are invalid. Does not check for conflicts with other participants. */
export function checkBinding(scope: Scope, input: ParticipantInput): Binding {
  const { address, proxyAddress, projectedAddress } = input;
  const identity = input.identity === "" ? undefined : input.identity;
  const none: Binding = { identity: null, bindingType: null, address: null, proxyAddress: null, projectedAddress: null };
  if (identity !== undefined) {
    if (address !== undefined || proxyAddress !== undefined) throw fail(50211);
    checkIdentity(identity);
    if (projectedAddress === undefined) return { ...none, identity };
    return { ...none, identity, bindingType: "sms", projectedAddress: checkProjected(scope, projectedAddress) };
  }
  if (address === undefined && proxyAddress === undefined && projectedAddress === undefined) throw fail(50204);
  if (projectedAddress !== undefined) {
    if (address !== undefined) throw fail(50407);
    if (proxyAddress !== undefined) throw fail(50420);
    return { ...none, bindingType: "sms", projectedAddress: checkProjected(scope, projectedAddress) };
  }
  if (!address) throw fail(50411);
  const endpoint = parseEndpoint(address);
  if (!endpoint) throw fail(50407);
  if (proxyAddress === undefined && GROUP_NUMBER.test(address)) return { ...none, bindingType: "sms", address };
  if (!proxyAddress) throw fail(50412);
  return { ...none, bindingType: endpoint.type, address, proxyAddress: checkProxy(scope, endpoint, proxyAddress) };
}

function checkProxy(scope: Scope, address: Endpoint, text: string): string {
  const proxy = parseEndpoint(text);
  if (!proxy) throw fail(50408);
  if (proxy.type !== address.type) throw fail(50414);
  if (proxy.value === address.value) throw fail(50409);
  if (!ownsEndpoint(scope, proxy)) throw proxy.type === "sms" ? fail(50413, { address: text }) : fail(50415);
  return text;
}

/** Whether the account receives text messages at this address. */
export function ownsAddress(scope: Scope, text: string): boolean {
  const endpoint = parseEndpoint(text);
  return endpoint !== undefined && ownsEndpoint(scope, endpoint);
}

/** The emulator accepts any number of the account as a WhatsApp sender, and any name as a sender of another channel. */
function ownsEndpoint(scope: Scope, { type, value }: Endpoint): boolean {
  if (type === "sms") return ownsSmsNumber(scope, value);
  return type !== "whatsapp" || value === WHATSAPP_SANDBOX || ownsSmsNumber(scope, value);
}

/** Returns a projected address, or fails if it is not a number of the account that supports group texting. */
export function checkProjected(scope: Scope, text: string): string {
  if (!E164.test(text)) throw fail(50407);
  if (!GROUP_NUMBER.test(text) || !ownsSmsNumber(scope, text)) throw fail(50439, { address: text });
  return text;
}

function ownsSmsNumber(scope: Scope, phoneNumber: string): boolean {
  const number = numberTable.in(scope.domain).by.phoneNumber(phoneNumber)[0];
  return number?.accountSid === scope.accountSid && number.capabilities.sms;
}
