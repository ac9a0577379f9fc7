import type { PulumiFn } from "@pulumi/pulumi/automation/index.js";
import { Conversation, ConversationService, Participant, PhoneNumber } from "pulumi-twilio-conversations";
import type { Kind } from "../harness/live-objects.mts";

/** A number in the plan. Its URL contains the resource name and the revision, which identifies the number at Twilio. */
export interface NumberItem {
  readonly kind: "PhoneNumber";
  /** How the number is chosen. */
  readonly by: "search" | "areaCode";
  readonly onDelete: "retain" | "release";
  readonly revision: number;
}

/** A service. A change of its name replaces it. */
export interface ServiceItem {
  readonly kind: "ConversationService";
  readonly friendlyName: string;
}

/** A conversation in a service of the plan. */
export interface ConversationItem {
  readonly kind: "Conversation";
  readonly service: string;
  readonly revision: number;
}

/** A participant in a conversation of the plan: a chat participant, or a phone that texts with a number of the plan. */
export interface ParticipantItem {
  readonly kind: "Participant";
  readonly conversation: string;
  readonly who: { readonly identity: string } | { readonly channel: "sms" | "whatsapp"; readonly address: string; readonly number: string };
  readonly revision: number;
}

export type Item = NumberItem | ServiceItem | ConversationItem | ParticipantItem;

/** What a program declares, by resource name. The program and the expected state of Twilio both derive from it. */
export type Plan = Readonly<Record<string, Item>>;

/** The items of one type, with their names. */
export function itemsOf<K extends Kind>(plan: Plan, kind: K): [name: string, item: Extract<Item, { kind: K }>][] {
  return Object.entries(plan).filter((entry): entry is [string, Extract<Item, { kind: K }>] => entry[1].kind === kind);
}

/** The URL that identifies a number. */
export const urlOf = (name: string, revision: number): string => `https://example.com/${name}/${revision}`;

/** A plan with every resource type, and every variant of numbers and participants. */
export function fullPlan(revision: number): Plan {
  const phone = (channel: "sms" | "whatsapp", address: string) => ({ channel, address, number: "front-desk" });
  return {
    "front-desk": { kind: "PhoneNumber", by: "search", onDelete: "release", revision },
    "call-back": { kind: "PhoneNumber", by: "areaCode", onDelete: "retain", revision },
    support: { kind: "ConversationService", friendlyName: "Support" },
    hello: { kind: "Conversation", service: "support", revision },
    pineapple: { kind: "Participant", conversation: "hello", who: { identity: "testPineapple" }, revision },
    mobile: { kind: "Participant", conversation: "hello", who: phone("sms", "+15558675310"), revision },
    whatsapp: { kind: "Participant", conversation: "hello", who: phone("whatsapp", "+15558675311"), revision },
  };
}

/** The Pulumi program of a plan. */
export function programOf(plan: Plan): PulumiFn {
  return async () => {
    const numbers = itemsOf(plan, "PhoneNumber").map(([name, { by, onDelete, revision }]) => {
      const choice = by === "search" ? { search: { country: "US", smsEnabled: true } } : { areaCode: "415" };
      return [name, new PhoneNumber(name, { ...choice, onDelete, smsUrl: urlOf(name, revision) })] as const;
    });
    const services = itemsOf(plan, "ConversationService").map(
      ([name, { friendlyName }]) => [name, new ConversationService(name, { friendlyName, forceDestroy: true })] as const,
    );
    const numberOf = new Map(numbers);
    const serviceOf = new Map(services);
    const conversationOf = new Map(
      itemsOf(plan, "Conversation").map(([name, { service, revision }]) => [
        name,
        new Conversation(name, {
          service: serviceOf.get(service) as ConversationService,
          friendlyName: `${name} ${revision}`,
          attributes: { revision },
        }),
      ]),
    );
    for (const [name, { conversation, who, revision }] of itemsOf(plan, "Participant")) {
      const common = { conversation: conversationOf.get(conversation) as Conversation, attributes: { revision } };
      if ("identity" in who) {
        new Participant(name, { ...common, identity: who.identity });
        continue;
      }
      const { phoneNumber } = numberOf.get(who.number) as PhoneNumber;
      if (who.channel === "sms") new Participant(name, { ...common, sms: { address: who.address, proxyAddress: phoneNumber } });
      else
        new Participant(name, {
          ...common,
          whatsapp: { address: `whatsapp:${who.address}`, proxyAddress: phoneNumber.apply((it) => `whatsapp:${it}`) },
        });
    }
  };
}
