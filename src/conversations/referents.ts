import type { Inquiry, Referent } from "../core/lifecycle/definition";
import { objectBySid } from "../core/lifecycle/referents";
import type { Body } from "../core/twilio/twilio";
import { isPlanned, ownNumber } from "../numbers/account-number";

export const messagingService = objectBySid("messaging service", "messaging", (sid) => `/v1/Services/${sid}`, {
  resource: "MessagingService",
  output: "sid",
});

export const conversationService = objectBySid("ConversationService", "conversations", (sid) => `/v1/Services/${sid}`, {
  resource: "ConversationService",
  output: "sid",
});

const conversations = (path: string, query?: Readonly<Record<string, string>>) =>
  ({ product: "conversations", path, ...(query ? { query } : {}) }) as const;

// An account with more services has its roles checked by Twilio alone.
const maxServices = "20";

/** Every place where the role may be: the service that the parent names, or all services as long as the parent is not known. */
async function roleIn({ inputs, ask }: Inquiry, sid: string): Promise<Body | "unclear" | undefined> {
  const parent = inputs.conversation ?? inputs.service;
  if (parent === undefined) return ask(conversations(`/v1/Roles/${sid}`));
  const [service = ""] = String(parent).split("/");
  if (service.startsWith("IS")) return ask(conversations(`/v1/Services/${service}/Roles/${sid}`));
  const inDefault = await ask(conversations(`/v1/Roles/${sid}`));
  if (inDefault) return inDefault;
  const page = await ask(conversations("/v1/Services", { PageSize: maxServices }));
  const services = page?.services;
  if (!Array.isArray(services) || (page?.meta as Body | undefined)?.next_page_url) return "unclear";
  const found = await Promise.all(services.map((one: Body) => ask(conversations(`/v1/Services/${one.sid}/Roles/${sid}`))));
  return found.find((role) => role !== undefined);
}

/** A role of one type, in the service of the resource that names it; `otherwise` is what applies where the program names none. */
const roleOf = (type: "conversation" | "service", place: string, otherwise = "the default role"): Referent => ({
  resource: "ConversationRole",
  output: "sid",
  async refusal(sid, inquiry) {
    const role = await roleIn(inquiry, sid);
    if (role === "unclear" || role?.type === type) return undefined;
    const received = role ? `this role has the type ${role.type}` : `account ${inquiry.context.twilio.accountSid} has no such role there`;
    return `must be the SID of a role of type ${type} in ${place}; ${received}: correct it, or remove it for ${otherwise}`;
  },
});

/** A role that a participant can have. */
export const conversationRole = roleOf("conversation", "the conversation's service");

/** A role that a user can have. */
export const serviceRole = roleOf("service", "the user's service");

/** A role that a service can give to participants. */
export const defaultConversationRole = roleOf("conversation", "the service", "the former role");

/** A role that a service can give to users. */
export const defaultServiceRole = roleOf("service", "the service", "the former role");

/** A number of the account that sends texts. */
export const textNumber: Referent = {
  resource: "PhoneNumber",
  output: "phoneNumber",
  async refusal(number, inquiry) {
    if (inquiry.isDeclared("PhoneNumber", number)) return undefined;
    const found = await ownNumber(number, inquiry);
    const { accountSid } = inquiry.context.twilio;
    if (found === "none" && !isPlanned(number, inquiry.context)) {
      return (
        `must be a number of account ${accountSid}, which does not own it: buy it with PhoneNumber and pass that resource's \`phoneNumber\`, ` +
        "or pass a number of the account"
      );
    }
    if (found === "none" || (found?.capabilities as Body | undefined)?.sms !== false) return undefined;
    return `must be a number that sends SMS; this one of account ${accountSid} does not: pass another number`;
  },
};

// Every account may use it.
const sandbox = "whatsapp:+14155238886";

/** A WhatsApp sender of the account: a number that it owns, or one that is registered with WhatsApp only. */
export const whatsappSender: Referent = {
  resource: "PhoneNumber",
  async refusal(sender, inquiry) {
    const number = sender.slice("whatsapp:".length);
    if (sender === sandbox || inquiry.isDeclared("PhoneNumber", number) || (await ownNumber(number, inquiry)) !== "none") return undefined;
    if (isPlanned(number, inquiry.context)) return undefined;
    const page = await inquiry.ask({
      product: "messaging",
      path: "/v2/Channels/Senders",
      query: { Channel: "whatsapp", PageSize: "1000" },
    });
    const senders = page?.senders;
    if (!Array.isArray(senders) || (page?.meta as Body | undefined)?.next_page_url) return undefined;
    if (senders.some(({ sender_id }: Body) => sender_id === sender)) return undefined;
    return `must be a WhatsApp sender of account ${inquiry.context.twilio.accountSid}, which has no such sender: register it, or pass another one`;
  },
};
