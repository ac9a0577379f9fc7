import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { Conversation, ConversationService, Participant, PhoneNumber } from "pulumi-twilio-conversations";

/** A customer with a separate chat: only the properties that differ between customers. */
export interface Tenant {
  /** Also the name of the stack: letters, digits, hyphens. */
  readonly name: string;
  /** The phone that the tenant texts from, E.164. */
  readonly phone: string;
}

/** A tenant's program. Each tenant has its own stack, so you can change, move or remove one without the others. */
export const program =
  ({ name, phone }: Tenant): PulumiFn =>
  async () => {
    const number = new PhoneNumber("front-desk", { search: { country: "US", type: "local", smsEnabled: true } });
    const service = new ConversationService("support", { friendlyName: `${name} support` });
    const welcome = new Conversation("welcome", { service, friendlyName: `Welcome, ${name}` });
    new Participant("agent", { conversation: welcome, identity: "agent" });
    new Participant("customer", { conversation: welcome, sms: { address: phone, proxyAddress: number.phoneNumber } });
    return { serviceSid: service.sid, phoneNumber: number.phoneNumber };
  };
