import { readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  PolicyResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";
import { unknownCheckingProxy } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { conversationPolicies } from "../../policy/conversations";
import { costPolicies } from "../../policy/cost";
import { numberPolicies } from "../../policy/numbers";
import { webhookPolicies } from "../../policy/webhooks";
import { unknownSentinel } from "../../src/core/lifecycle/props";

const policies = [...numberPolicies, ...costPolicies, ...webhookPolicies, ...conversationPolicies];
const NUMBER = "pulumi-nodejs:twilio/numbers:PhoneNumber";
const SERVICE = "pulumi-nodejs:twilio/conversations:ConversationService";
const CONVERSATION = "pulumi-nodejs:twilio/conversations:Conversation";
const WEBHOOK = "pulumi-nodejs:twilio/conversations:ConversationWebhook";
const PARTICIPANT = "pulumi-nodejs:twilio/conversations:Participant";
const RL = `RL${"1".repeat(32)}`;
const us = { search: { country: "US" }, phoneNumber: "+13125550100" };

interface Case {
  readonly type?: string;
  readonly props?: Record<string, unknown>;
  readonly stack?: string;
  readonly protect?: boolean;
  readonly config?: Record<string, unknown>;
  readonly provider?: Record<string, unknown>;
}

const policyNamed = <T extends { name: string }>(all: readonly T[], name: string): T => all.find((policy) => policy.name === name) as T;

function getConfig({ configSchema }: { configSchema?: { properties: Record<string, { default?: unknown }> } }, config = {}) {
  const defaults = Object.entries(configSchema?.properties ?? {}).map(([key, { default: value }]) => [key, value]);
  return <T>() => ({ ...Object.fromEntries(defaults), ...config }) as T;
}

/** The violations that a policy reports for one resource. */
function violationsOf(name: string, { type = NUMBER, props = {}, stack = "prod", protect = false, config, provider }: Case): string[] {
  const policy = policyNamed<ResourceValidationPolicy>([...numberPolicies, ...webhookPolicies, ...conversationPolicies], name);
  const found: string[] = [];
  const args = {
    type,
    props,
    name: "it",
    urn: `urn:pulumi:${stack}::chat::${type}::it`,
    opts: { protect },
    getConfig: getConfig(policy, config),
    ...(provider ? { provider: { props: provider } } : {}),
  } as unknown as ResourceValidationArgs;
  const validations = [policy.validateResource ?? []].flat();
  for (const validate of validations) void validate(args, (message) => void found.push(message));
  return found;
}

/** The violations that a stack policy reports for numbers. */
function violationsOfAll(name: string, numbers: Record<string, unknown>[], config = {}): string[] {
  const policy = policyNamed<StackValidationPolicy>(costPolicies, name);
  const found: string[] = [];
  const resources = numbers.map((props, index) => ({
    type: NUMBER,
    name: `n${index}`,
    urn: `urn:pulumi:prod::chat::${NUMBER}::n${index}`,
    props,
  }));
  resources.push({ type: CONVERSATION, name: "c", urn: `urn:pulumi:prod::chat::${CONVERSATION}::c`, props: {} });
  const args = {
    resources: resources as unknown as PolicyResource[],
    getConfig: getConfig(policy, config),
  } as unknown as StackValidationArgs;
  void policy.validateStack(args, (message) => void found.push(message));
  return found;
}

describe("each policy accepts valid resources", () => {
  it.each<[string, string, Case]>([
    ["phone-number-protected", "a protected number in prod", { protect: true }],
    ["phone-number-protected", "an unprotected number in a stack that is not production", { stack: "staging" }],
    ["phone-number-protected", "an unprotected number in a stack whose name only starts with prod", { stack: "product" }],
    ["phone-number-protected", "a conversation", { type: CONVERSATION }],
    ["phone-number-protected", "an unprotected number if the configuration lists other stacks", { config: { stacks: ["live"] } }],
    ["phone-number-release", "a retained number", { props: { onDelete: "retain" } }],
    ["phone-number-release", "a number without onDelete", {}],
    ["phone-number-release", "a listed release", { props: { onDelete: "release" }, config: { numbers: ["it"] } }],
    ["phone-number-countries", "a search in an allowed country", { props: us }],
    ["phone-number-countries", "a number with +1", { props: { phoneNumber: "+13125550100" } }],
    ["phone-number-countries", "a number in an added country", { props: { phoneNumber: "+447700900123" }, config: { countries: ["GB"] } }],
    ["phone-number-countries", "an area code without a number yet", { props: { areaCode: "415" } }],
    ["https-webhooks", "https", { props: { smsUrl: "https://example.com", statusCallback: "https://example.com" } }],
    ["https-webhooks", "http to an allowed host", { props: { smsUrl: "http://localhost:3000/sms" }, config: { hosts: ["localhost"] } }],
    [
      "https-webhooks",
      "https in a group of properties",
      { type: WEBHOOK, props: { webhook: { url: "https://example.com" }, trigger: undefined } },
    ],
    ["https-webhooks", "http in attributes", { type: CONVERSATION, props: { attributes: { url: "http://example.com" } } }],
    ["https-webhooks", "http in another provider's resource", { type: "aws:sns:Topic", props: { url: "http://example.com" } }],
    ["https-webhooks", "values that are not URLs", { props: { smsMethod: "POST", voiceUrl: "" } }],
    ["webhook-signature-secret", "no webhook", { provider: {} }],
    [
      "webhook-signature-secret",
      "a webhook and the auth token",
      { props: { smsUrl: "https://example.com" }, provider: { "twilio:authToken": "x" } },
    ],
    [
      "webhook-signature-secret",
      "a webhook and another key",
      { props: { smsUrl: "https://example.com" }, provider: { "app:token": "x" }, config: { keys: ["app:token"] } },
    ],
    ["name-prefix", "another provider's friendly name", { type: "azure:keyvault:Certificate", props: { friendlyName: "Shop" } }],
    ["name-prefix", "a friendly name in a stack without a prefix", { type: CONVERSATION, stack: "dev", props: { friendlyName: "Hello" } }],
    ["participant-roles", "any role if the list is empty", { type: PARTICIPANT, props: { roleSid: RL } }],
    ["participant-roles", "a listed role", { type: PARTICIPANT, props: { roleSid: RL }, config: { roles: [RL] } }],
    ["participant-roles", "the default role", { type: PARTICIPANT, config: { roles: [RL] } }],
    ["conversation-timers", "both timers", { type: CONVERSATION, props: { timers: { inactive: "PT1H", closed: "P1D" } } }],
    [
      "conversation-timers",
      "the required timer",
      { type: CONVERSATION, props: { timers: { closed: "P1D" } }, config: { timers: ["closed"] } },
    ],
    ["conversation-timers", "a service, which has no timers", { type: SERVICE }],
    ["name-prefix", "a name with the prefix", { type: SERVICE, props: { friendlyName: "prod Support" } }],
    ["name-prefix", "a number without friendlyName", {}],
    ["name-prefix", "any name in a stack without a prefix", { type: SERVICE, stack: "dev", props: { friendlyName: "Support" } }],
    ["name-prefix", "the name in a review stack", { type: SERVICE, stack: "pr-12", props: { friendlyName: "pr-12 Support" } }],
  ])("%s: %s", (name, _what, given) => {
    expect(violationsOf(name, given)).toEqual([]);
  });

  it.each<[string, string, Record<string, unknown>[], Record<string, unknown>?]>([
    ["monthly-cost", "numbers below the limit", [us, us]],
    ["monthly-cost", "exactly the limit", [us, us], { limit: 2.3 }],
    ["monthly-cost", "no numbers", [], { limit: 0 }],
    ["monthly-cost", "an added price", [{ search: { country: "GB", type: "mobile" } }], { prices: { "GB mobile": 1 } }],
    ["new-phone-numbers", "exactly the limit", [us, us], { limit: 2 }],
    [
      "new-phone-numbers",
      "existing numbers",
      [
        { ...us, sid: "PN1" },
        { ...us, sid: "PN2" },
      ],
      { limit: 0 },
    ],
    ["new-phone-numbers", "adopted numbers", [{ adopt: "+13125550100" }], { limit: 0 }],
  ])("%s: %s", (name, _what, numbers, config) => {
    expect(violationsOfAll(name, numbers, config)).toEqual([]);
  });
});

describe("a property that is unknown in a preview", () => {
  /** Properties as the engine passes them to the pack in a preview. */
  const unknown = (property: string) => unknownCheckingProxy({ [property]: unknownSentinel });

  it("does not bypass the monthly limit: the number counts with the highest price", () => {
    expect(violationsOfAll("monthly-cost", [us, unknown("phoneNumber")], { limit: 3.3 })).toEqual([]);
    expect(violationsOfAll("monthly-cost", [us, unknown("phoneNumber")], { limit: 3.2 })[0]).toContain("cost 3.30 per month");
    expect(violationsOfAll("monthly-cost", [us, unknown("search")], { limit: 1.2 })[0]).toContain("cost 3.30 per month");
  });

  it("does not bypass the limit of new numbers, and a number adopted by an unknown SID is not new", () => {
    expect(violationsOfAll("new-phone-numbers", [us, us, unknown("adopt")], { limit: 1 })[0]).toContain("2 numbers are new");
    expect(violationsOfAll("new-phone-numbers", [us, unknown("adopt")], { limit: 1 })).toEqual([]);
  });
});

describe("each policy reports a violation with its fix and its documentation", () => {
  it.each<[string, Case, string, string]>([
    ["phone-number-protected", {}, "PhoneNumber it must be protected in the stack prod.", "{ protect: true }"],
    ["phone-number-protected", { stack: "prod-eu" }, "PhoneNumber it must be protected in the stack prod-eu.", "{ protect: true }"],
    [
      "phone-number-release",
      { props: { onDelete: "release" }, config: { numbers: ["other"] } },
      'would be released to Twilio when it is deleted (onDelete: "release").',
      'onDelete: "retain"',
    ],
    [
      "phone-number-countries",
      { props: { search: { country: "DE" } } },
      "PhoneNumber it is in DE; allowed countries are US, CA.",
      "`countries`",
    ],
    [
      "phone-number-countries",
      { props: { phoneNumber: "+353861234567" } },
      "PhoneNumber it is in IE; allowed countries are US, CA.",
      "`countries`",
    ],
    ["phone-number-countries", { props: { phoneNumber: "+99912345678" } }, "is in an unknown country", "`countries`"],
    [
      "https-webhooks",
      { props: { voiceUrl: "http://me:secret@example.com/path" } },
      "it.voiceUrl (example.com) must use https, and uses http.",
      "https://",
    ],
    [
      "https-webhooks",
      { type: WEBHOOK, props: { autoCreation: { webhook: { url: "http://example.com/path", filters: ["onMessageAdded"] } } } },
      "it.autoCreation.webhook.url (example.com) must use https, and uses http.",
      "https://",
    ],
    [
      "webhook-signature-secret",
      { type: WEBHOOK, props: { trigger: { url: "https://example.com" } }, provider: { "twilio:apiSecret": "secret" } },
      "it.trigger.url is a webhook, and the stack's configuration has no twilio:authToken.",
      "pulumi config set --secret twilio:authToken",
    ],
    [
      "webhook-signature-secret",
      { props: { smsUrl: "https://example.com" }, provider: { "twilio:authToken": "" } },
      "it.smsUrl is a webhook, and the stack's configuration has no twilio:authToken.",
      "pulumi config set --secret twilio:authToken",
    ],
    [
      "webhook-signature-secret",
      { props: { statusCallback: "https://example.com" } },
      "it.statusCallback is a webhook",
      "pulumi config set --secret",
    ],
    [
      "participant-roles",
      { type: PARTICIPANT, props: { roleSid: RL }, config: { roles: [RL.replace(/1/g, "2")] } },
      `Participant it has the role ${RL}`,
      "`roles`",
    ],
    ["conversation-timers", { type: CONVERSATION }, "Conversation it has no timer for inactive and closed.", "timers: {"],
    [
      "conversation-timers",
      { type: CONVERSATION, props: { timers: { inactive: "PT0S", closed: "P1D" } } },
      "no timer for inactive.",
      "timers: {",
    ],
    [
      "name-prefix",
      { type: SERVICE, props: { friendlyName: "Support" } },
      'friendlyName of it must start with "prod " in the stack prod, and is "Support".',
      "friendlyName",
    ],
    [
      "name-prefix",
      { type: CONVERSATION, stack: "pr-12", props: { friendlyName: "x" } },
      'must start with "pr" in the stack pr-12',
      "friendlyName",
    ],
  ])("%s: %j", (name, given, problem, fix) => {
    const [first = "", ...others] = violationsOf(name, given);
    expect(others).toEqual([]);
    expect(first).toContain(problem);
    expect(first).toContain(fix);
    expect(first.split("\n").at(-1)).toBe(`More: docs/policies.md#${name}`);
    expect(first).not.toContain("secret@");
  });

  it.each<[string, Record<string, unknown>[], Record<string, unknown>, string[]]>([
    ["monthly-cost", [us, us], { limit: 2 }, ["The stack's numbers cost 2.30 per month; the limit is 2.00."]],
    ["monthly-cost", [{ phoneNumber: "+18005550100" }], { limit: 2 }, ["cost 2.15 per month"]],
    ["monthly-cost", [{ phoneNumber: "+18005550100" }], { limit: 2, prices: { "US toll-free": 1, "CA toll-free": 3 } }, ["cost 3.00"]],
    [
      "monthly-cost",
      [{ search: { country: "DE", type: "mobile" } }],
      {},
      ['The policy has no price for "DE mobile" (n0). Add it to the policy\'s `prices`'],
    ],
    [
      "new-phone-numbers",
      [us, { ...us, sid: "PN1" }, us],
      { limit: 1 },
      ["2 numbers are new or changed (n0, n2); the limit for one update is 1."],
    ],
  ])("%s: %j", (name, numbers, config, problems) => {
    const found = violationsOfAll(name, numbers, config);
    expect(found).toEqual(problems.map((text) => expect.stringContaining(text)));
    expect(found[0]).toContain(`More: docs/policies.md#${name}`);
  });
});

describe("docs/policies.md", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "policies.md"), "utf8");
  const sections = new Map(page.split(/^## /m).map((section) => [section.slice(0, section.indexOf("\n")), section]));

  it.each(policies.map((policy) => [policy.name, policy] as const))(
    "documents %s, each setting with its default",
    (name, { configSchema }) => {
      const section = sections.get(name) ?? "";
      for (const [key, { default: value, description }] of Object.entries(configSchema?.properties ?? {})) {
        expect(description).toMatch(/\.$/);
        expect(value).toBeDefined();
        expect(section).toContain(`\`${key}\``);
        expect(section).toContain(`\`${JSON.stringify(value).replaceAll(/([,:])(?=["\d])/g, "$1 ")}\``);
      }
    },
  );
});
