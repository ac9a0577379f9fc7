// Shared by all policies: type tokens, the stack's name and the text of a violation.
import type { Policy } from "@pulumi/policy";

/** The type tokens of the resources, as the engine passes them to policies. */
export const types = {
  phoneNumber: "pulumi-nodejs:twilio/numbers:PhoneNumber",
  address: "pulumi-nodejs:twilio/numbers:Address",
  conversationService: "pulumi-nodejs:twilio/conversations:ConversationService",
  conversation: "pulumi-nodejs:twilio/conversations:Conversation",
  conversationWithParticipants: "pulumi-nodejs:twilio/conversations:ConversationWithParticipants",
  conversationUser: "pulumi-nodejs:twilio/conversations:ConversationUser",
  participant: "pulumi-nodejs:twilio/conversations:Participant",
  addressConfiguration: "pulumi-nodejs:twilio/conversations:AddressConfiguration",
  pushCredential: "pulumi-nodejs:twilio/conversations:PushCredential",
  messagingService: "pulumi-nodejs:twilio/messaging:MessagingService",
  apiKey: "pulumi-nodejs:twilio/iam:ApiKey",
  subaccount: "pulumi-nodejs:twilio/iam:Subaccount",
  twimlApp: "pulumi-nodejs:twilio/iam:TwimlApp",
} as const;

/** The class of a type token, `PhoneNumber`. */
export const classOf = (type: string): string => type.slice(type.lastIndexOf(":") + 1);

/** The description of a policy. Its name is the anchor of its section in {@link PAGE}. */
export type PolicyInfo = Pick<Policy, "name" | "description" | "severity" | "enforcementLevel" | "configSchema" | "remediationSteps">;

/** The page that documents the policies, in the package and in its repository. */
const PAGE = "docs/policies.md";

/** The text of a violation: the problem, the fix and the link to the documentation. */
export const violation = (policy: PolicyInfo, problem: string): string =>
  `${problem}. ${policy.remediationSteps}\nMore: ${PAGE}#${policy.name}`;

/**
 * A value as a violation may show it. Policies receive secrets in plain text; a resource names its secret properties, down to a group's member, in
 * a hidden property.
 */
export function shown(props: Record<string, unknown>, properties: readonly string[], text: string): string {
  const secrets = Array.isArray(props.__secrets) ? props.__secrets.map(String) : [];
  const isSecret = (property: string) => secrets.some((secret) => property === secret || property.startsWith(`${secret}.`));
  return properties.some(isSecret) ? "a secret value" : text;
}

/** The name of the stack in a URN. */
export const stackOf = (urn: string): string => urn.slice("urn:pulumi:".length, urn.indexOf("::"));

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Whether a stack matches one of the patterns; `*` in a pattern such as `pr-*` matches any text. */
export const matchesAny = (stack: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => new RegExp(`^${pattern.split("*").map(escapeRegExp).join(".*")}$`).test(stack));
