import type { Context, Problem, Referent } from "../core/lifecycle/definition";
import type { Format } from "../core/lifecycle/formats";
import { e164, matching, whatsapp } from "../core/lifecycle/formats";
import { isUnknown } from "../core/lifecycle/props";
import { textNumber, whatsappSender } from "./referents";

export const addressTypes = ["sms", "whatsapp", "messenger", "rcs", "chat", "email", "apple", "gbm"] as const;

/** A channel whose messages can create conversations. */
export type AddressType = (typeof addressTypes)[number];

const shortCode = /^\d{3,8}$/;

const number = matching(/^(\+[1-9]\d{6,14}|\d{3,8})$/, "a phone number in E.164 format, like +15558675310, or a short code, like 12345");

/** A page of Facebook Messenger. */
export const messengerPage = matching(/^messenger:\S+$/, "messenger: and the page's id, like messenger:103204021551234");

/** A person on Facebook Messenger. */
export const messengerUser = matching(/^messenger:\S+$/, "messenger: and the person's id for the page, like messenger:5203384750012345");

/** A person whose phone has RCS. */
export const rcsPerson = matching(/^rcs:\S+$/, "rcs: and the person's number in E.164 format, like rcs:+15558675310");

/** An agent that sends RCS. */
export const rcsAgent = matching(/^rcs:\S+$/, "rcs: and the agent's id, like rcs:acme_agent");

/** What an address must look like, where that is known. */
const formats: Partial<Record<AddressType, Format>> = {
  sms: number,
  whatsapp,
  messenger: messengerPage,
  email: matching(/^[^\s@:]+@[^\s@]+\.[^\s@]+$/, "an email address without a name, like support@example.com"),
  apple: matching(/^urn:mbid:\S+$/, "urn:mbid: and the business's id, like urn:mbid:0ff4e8a1-0000-4000-8000-1f2e3d4c5b6a"),
};

/** What an address most likely looks like, where Twilio does not document it. */
const customary: Partial<Record<AddressType, { readonly pattern: RegExp; readonly example: string }>> = {
  rcs: { pattern: /^rcs:\S+$/, example: "rcs: and the agent's id" },
  chat: { pattern: /^[A-Z]{2}[0-9a-fA-F]{32}$/, example: "the SID of a deployment key of Flex's web chat" },
};

/** What is wrong with an address of this type, and with its country. */
export function addressProblems({
  type,
  address,
  addressCountry: country,
}: Record<"type" | "address" | "addressCountry", unknown>): Problem[] {
  if (isUnknown(type) || isUnknown(address) || typeof address !== "string") return [];
  const reason = formats[type as AddressType]?.(address);
  if (reason !== undefined) return [{ property: "address", reason: `of type ${type} ${reason}` }];
  const isShort = type === "sms" && shortCode.test(address);
  if (isShort && country === undefined)
    return [{ property: "addressCountry", reason: 'is missing: a short code requires the country that it belongs to, like "US"' }];
  if (isShort || country === undefined) return [];
  return [{ property: "addressCountry", reason: "must not be declared: only a short code has a country; remove it" }];
}

/** Warns of an address that Twilio may refuse. */
export function warnOfAddress(type: unknown, address: unknown, log: Context["log"]): void {
  if (isUnknown(type) || isUnknown(address)) return;
  if (type === "gbm") log("warn", "type gbm is Google's Business Messages, which Google ended in July 2024: no message can arrive.");
  const usual = customary[type as AddressType];
  if (usual === undefined || usual.pattern.test(String(address))) return;
  log("warn", `address of type ${type} does not look like ${usual.example}; Twilio may refuse it.`);
}

/** A number or a WhatsApp sender of the account. What Twilio does not list, it checks itself. */
export const senderAddress: Referent = {
  resource: "PhoneNumber",
  output: "phoneNumber",
  async refusal(address, inquiry) {
    const { type } = inquiry.inputs;
    if (type === "sms" && e164(address) === undefined) return textNumber.refusal(address, inquiry);
    return type === "whatsapp" ? whatsappSender.refusal(address, inquiry) : undefined;
  },
};
