import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { conversationPolicies } from "../../policy/conversations";
import { numberPolicies } from "../../policy/numbers";
import { webhookPolicies } from "../../policy/webhooks";

const policies = [...numberPolicies, ...webhookPolicies, ...conversationPolicies];

/** The violations that a policy reports for a resource in a stack named staging. */
function violationsOf(policyName: string, type: string, props: Record<string, unknown>): string[] {
  const policy = policies.find(({ name }) => name === policyName) as ResourceValidationPolicy;
  const defaults = Object.entries(policy.configSchema?.properties ?? {}).map(([key, { default: value }]) => [key, value]);
  const found: string[] = [];
  const args = {
    type: `pulumi-nodejs:twilio/${type}`,
    props,
    name: "it",
    urn: `urn:pulumi:staging::chat::pulumi-nodejs:twilio/${type}::it`,
    opts: {},
    getConfig: () => ({ ...Object.fromEntries(defaults), roles: ["RL1"] }),
  } as unknown as ResourceValidationArgs;
  for (const validate of [policy.validateResource ?? []].flat()) void validate(args, (message) => void found.push(message));
  return found;
}

const WEBHOOK = "conversations:ConversationWebhook";
const hook = { webhook: { url: "http://c4nary.example.com" } };

describe("a violation", () => {
  it.each<[policy: string, type: string, props: Record<string, unknown>, secret: string, shown: string]>([
    ["phone-number-countries", "numbers:PhoneNumber", { search: { country: "DE" } }, "search", "is in DE"],
    ["phone-number-countries", "numbers:PhoneNumber", { phoneNumber: "+4930123456" }, "phoneNumber", "is in DE"],
    ["https-webhooks", WEBHOOK, hook, "webhook.url", "c4nary.example.com"],
    ["https-webhooks", WEBHOOK, hook, "webhook", "c4nary.example.com"],
    ["name-prefix", "conversations:ConversationService", { friendlyName: "c4nary" }, "friendlyName", "c4nary"],
    ["participant-roles", "conversations:Participant", { roleSid: "RLc4nary" }, "roleSid", "RLc4nary"],
  ])("of %s by %s shows the value of %o, but not if %s is secret", (policy, type, props, secret, shown) => {
    expect(violationsOf(policy, type, props)).toEqual([expect.stringContaining(shown)]);
    const [hidden = "", ...more] = violationsOf(policy, type, { ...props, __secrets: [secret] });
    expect(more).toEqual([]);
    expect(hidden).toContain("a secret value");
    expect(hidden).not.toContain(shown);
  });
});
