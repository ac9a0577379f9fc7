import type { CatalogFacts } from "../core/lifecycle/catalog-facts";
import { firstBlock } from "../core/lifecycle/catalog-facts";
import type { Props } from "../core/lifecycle/props";
import type { Body } from "../core/twilio/twilio";

/** A number bought by this package carries its owner's name, `pulumi PROJECT/STACK/NAME`. */
const isOwnersMark = ({ friendly_name }: Body): boolean => /^pulumi \S+\//.test(String(friendly_name ?? ""));

/** Whether the friendly name is the one that Twilio gives: the number itself, or its last digits, in some notation. */
function isTwilioName({ friendly_name, phone_number }: Body): boolean {
  const digits = (text: unknown) => String(text ?? "").replace(/\D/g, "");
  const name = String(friendly_name ?? "");
  return /^[+()\d\s.-]*$/.test(name) && digits(phone_number).endsWith(digits(name));
}

/** RJPearson94/twilio keeps a number's URLs in blocks; twilio/twilio keeps Twilio's own names. */
function numberInTerraform(attributes: Body): { body: Body } {
  if (attributes.messaging === undefined) return { body: attributes };
  const prefixed = (name: string, from: Props) => Object.fromEntries(Object.entries(from).map(([key, value]) => [`${name}_${key}`, value]));
  const fax = firstBlock(attributes, "fax");
  const isFax = Object.values(fax).some((value) => value !== null && value !== "");
  const body = {
    ...attributes,
    status_callback: attributes.status_callback_url,
    ...prefixed("sms", firstBlock(attributes, "messaging")),
    ...prefixed("voice", isFax ? fax : firstBlock(attributes, "voice")),
    voice_receive_mode: isFax ? "fax" : "voice",
  };
  return { body };
}

export const phoneNumberFacts: CatalogFacts = {
  plural: "numbers",
  titleProperties: ["phoneNumber", "friendlyName"],
  singular: "number",
  references: {
    smsApplicationSid: { to: "TwimlApp", isReached: true },
    voiceApplicationSid: { to: "TwimlApp", isReached: true },
  },
  verbs: { created: "bought", deleted: "released", retained: "left in the account" },
  export: {
    adoptBy: "phoneNumber",
    names: (body) => [
      isTwilioName(body) ? undefined : String(body.friendly_name ?? "").replace(/^pulumi .*\//, ""),
      `number-${body.phone_number}`,
    ],
    omitted: (body) => (isTwilioName(body) || isOwnersMark(body) ? ["friendlyName"] : []),
    isMarked: isOwnersMark,
  },
  terraform: { types: ["phone_number", "api_accounts_incoming_phone_numbers"], read: numberInTerraform },
};
