// What the policies share: which resources are Twilio's, which stack this is, and how a violation reads.
import type { Policy } from "@pulumi/policy";

/** The type tokens of the resources, as the engine hands them over. */
export const types = {
  phoneNumber: "pulumi-nodejs:twilio/numbers:PhoneNumber",
  conversationService: "pulumi-nodejs:twilio/conversations:ConversationService",
  conversation: "pulumi-nodejs:twilio/conversations:Conversation",
  participant: "pulumi-nodejs:twilio/conversations:Participant",
} as const;

/** What every policy says of itself; its name is the anchor of its section. */
export type About = Pick<Policy, "name" | "description" | "severity" | "enforcementLevel" | "configSchema" | "remediationSteps">;

/** Where the policies' pages are, in the package and in its repository. */
const PAGE = "docs/policies.md";

/** A violation in words: what is wrong, what mends it, and where more is said. */
export const violation = (policy: About, wrong: string): string => `${wrong}. ${policy.remediationSteps}\nMore: ${PAGE}#${policy.name}`;

/** The stack that a resource belongs to, by its URN. */
export const stackOf = (urn: string): string => urn.slice("urn:pulumi:".length, urn.indexOf("::"));

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a stack is one of those named; `*` in a name stands for anything, `pr-*`. */
export const isOneOf = (stack: string, names: readonly string[]): boolean =>
  names.some((name) => new RegExp(`^${name.split("*").map(literal).join(".*")}$`).test(stack));
