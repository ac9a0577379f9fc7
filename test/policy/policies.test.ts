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

const named = <T extends { name: string }>(all: readonly T[], name: string): T => all.find((policy) => policy.name === name) as T;

function getConfig({ configSchema }: { configSchema?: { properties: Record<string, { default?: unknown }> } }, config = {}) {
  const defaults = Object.entries(configSchema?.properties ?? {}).map(([key, { default: value }]) => [key, value]);
  return <T>() => ({ ...Object.fromEntries(defaults), ...config }) as T;
}

/** What a policy says of one resource. */
function judged(name: string, { type = NUMBER, props = {}, stack = "prod", protect = false, config, provider }: Case): string[] {
  const policy = named<ResourceValidationPolicy>([...numberPolicies, ...webhookPolicies, ...conversationPolicies], name);
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

/** What a policy says of the numbers of a stack. */
function judgedAll(name: string, numbers: Record<string, unknown>[], config = {}): string[] {
  const policy = named<StackValidationPolicy>(costPolicies, name);
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

describe("each policy lets pass what it is for", () => {
  it.each<[string, string, Case]>([
    ["phone-number-protected", "a protected number of prod", { protect: true }],
    ["phone-number-protected", "an unprotected one of a stack that is not production", { stack: "staging" }],
    ["phone-number-protected", "an unprotected one of a stack whose name begins alike", { stack: "product" }],
    ["phone-number-protected", "a conversation", { type: CONVERSATION }],
    ["phone-number-protected", "an unprotected one where the configuration names other stacks", { config: { stacks: ["live"] } }],
    ["phone-number-release", "a number that is kept", { props: { onDelete: "retain" } }],
    ["phone-number-release", "a number that says nothing", {}],
    ["phone-number-release", "a release that was agreed on", { props: { onDelete: "release" }, config: { numbers: ["it"] } }],
    ["phone-number-countries", "a search in an allowed country", { props: us }],
    ["phone-number-countries", "a number of +1", { props: { phoneNumber: "+13125550100" } }],
    [
      "phone-number-countries",
      "a number of a country that was added",
      { props: { phoneNumber: "+447700900123" }, config: { countries: ["GB"] } },
    ],
    ["phone-number-countries", "an area code before its number is chosen", { props: { areaCode: "415" } }],
    ["https-webhooks", "https", { props: { smsUrl: "https://example.com", statusCallback: "https://example.com" } }],
    ["https-webhooks", "http to a host that may", { props: { smsUrl: "http://localhost:3000/sms" }, config: { hosts: ["localhost"] } }],
    ["https-webhooks", "another provider's http", { type: "aws:sns:Topic", props: { url: "http://example.com" } }],
    ["https-webhooks", "what is no address", { props: { smsMethod: "POST", voiceUrl: "" } }],
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
    ["participant-roles", "any role without a list", { type: PARTICIPANT, props: { roleSid: RL } }],
    ["participant-roles", "a role of the list", { type: PARTICIPANT, props: { roleSid: RL }, config: { roles: [RL] } }],
    ["participant-roles", "the default role", { type: PARTICIPANT, config: { roles: [RL] } }],
    ["conversation-timers", "both timers", { type: CONVERSATION, props: { timers: { inactive: "PT1H", closed: "P1D" } } }],
    [
      "conversation-timers",
      "the one that is asked for",
      { type: CONVERSATION, props: { timers: { closed: "P1D" } }, config: { timers: ["closed"] } },
    ],
    ["conversation-timers", "a service, which has none", { type: SERVICE }],
    ["name-prefix", "a name that begins so", { type: SERVICE, props: { friendlyName: "prod Support" } }],
    ["name-prefix", "a number without a name of its own", {}],
    ["name-prefix", "any name in a stack that needs none", { type: SERVICE, stack: "dev", props: { friendlyName: "Support" } }],
    ["name-prefix", "a review stack's", { type: SERVICE, stack: "pr-12", props: { friendlyName: "pr-12 Support" } }],
  ])("%s: %s", (name, _what, given) => {
    expect(judged(name, given)).toEqual([]);
  });

  it.each<[string, string, Record<string, unknown>[], Record<string, unknown>?]>([
    ["monthly-cost", "numbers below the limit", [us, us]],
    ["monthly-cost", "just the limit", [us, us], { limit: 2.3 }],
    ["monthly-cost", "no number", [], { limit: 0 }],
    ["monthly-cost", "a price that was added", [{ search: { country: "GB", type: "mobile" } }], { prices: { "GB mobile": 1 } }],
    ["new-phone-numbers", "as many as may be", [us, us], { limit: 2 }],
    [
      "new-phone-numbers",
      "those that are there",
      [
        { ...us, sid: "PN1" },
        { ...us, sid: "PN2" },
      ],
      { limit: 0 },
    ],
    ["new-phone-numbers", "those that are taken over", [{ adopt: "+13125550100" }], { limit: 0 }],
  ])("%s: %s", (name, _what, numbers, config) => {
    expect(judgedAll(name, numbers, config)).toEqual([]);
  });
});

describe("what a preview does not know yet", () => {
  /** Properties as the pack is handed them in a preview. */
  const unknown = (property: string) => unknownCheckingProxy({ [property]: unknownSentinel });

  it("is no way past the monthly limit: such a number counts as the dearest", () => {
    expect(judgedAll("monthly-cost", [us, unknown("phoneNumber")], { limit: 3.3 })).toEqual([]);
    expect(judgedAll("monthly-cost", [us, unknown("phoneNumber")], { limit: 3.2 })[0]).toContain("cost 3.30 a month");
    expect(judgedAll("monthly-cost", [us, unknown("search")], { limit: 1.2 })[0]).toContain("cost 3.30 a month");
  });

  it("is no way past the limit of new numbers, and what is taken over by an unknown SID is none", () => {
    expect(judgedAll("new-phone-numbers", [us, us, unknown("adopt")], { limit: 1 })[0]).toContain("2 numbers are new");
    expect(judgedAll("new-phone-numbers", [us, unknown("adopt")], { limit: 1 })).toEqual([]);
  });
});

describe("each policy refuses its opposite, with the cure and its page", () => {
  it.each<[string, Case, string, string]>([
    ["phone-number-protected", {}, "The number it is not protected in the stack prod.", "{ protect: true }"],
    ["phone-number-protected", { stack: "prod-eu" }, "The number it is not protected in the stack prod-eu.", "{ protect: true }"],
    [
      "phone-number-release",
      { props: { onDelete: "release" }, config: { numbers: ["other"] } },
      'goes back to Twilio when it is deleted (onDelete: "release").',
      'onDelete: "retain"',
    ],
    ["phone-number-countries", { props: { search: { country: "DE" } } }, "The number it is of DE, and allowed are US, CA.", "`countries`"],
    [
      "phone-number-countries",
      { props: { phoneNumber: "+353861234567" } },
      "The number it is of IE, and allowed are US, CA.",
      "`countries`",
    ],
    ["phone-number-countries", { props: { phoneNumber: "+99912345678" } }, "is of a country that its digits do not tell", "`countries`"],
    [
      "https-webhooks",
      { props: { voiceUrl: "http://me:secret@example.com/path" } },
      "it.voiceUrl (example.com) is called by http.",
      "https://",
    ],
    [
      "webhook-signature-secret",
      { props: { smsUrl: "https://example.com" }, provider: { "twilio:apiSecret": "secret" } },
      "it.smsUrl is a webhook, and the stack has no twilio:authToken.",
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
      `The participant it has the role ${RL}`,
      "`roles`",
    ],
    ["conversation-timers", { type: CONVERSATION }, "The conversation it has no timer for inactive and closed.", "timers: {"],
    [
      "conversation-timers",
      { type: CONVERSATION, props: { timers: { inactive: "PT0S", closed: "P1D" } } },
      "no timer for inactive.",
      "timers: {",
    ],
    [
      "name-prefix",
      { type: SERVICE, props: { friendlyName: "Support" } },
      'The name of it is "Support", and in the stack prod names begin with "prod ".',
      "friendlyName",
    ],
    ["name-prefix", { type: CONVERSATION, stack: "pr-12", props: { friendlyName: "x" } }, 'begin with "pr".', "friendlyName"],
  ])("%s: %j", (name, given, wrong, cure) => {
    const [first = "", ...others] = judged(name, given);
    expect(others).toEqual([]);
    expect(first).toContain(wrong);
    expect(first).toContain(cure);
    expect(first.split("\n").at(-1)).toBe(`More: docs/policies.md#${name}`);
    expect(first).not.toContain("secret@");
  });

  it.each<[string, Record<string, unknown>[], Record<string, unknown>, string[]]>([
    ["monthly-cost", [us, us], { limit: 2 }, ["The stack's numbers cost 2.30 a month, and the limit is 2.00."]],
    ["monthly-cost", [{ phoneNumber: "+18005550100" }], { limit: 2 }, ["cost 2.15 a month"]],
    [
      "monthly-cost",
      [{ search: { country: "DE", type: "mobile" } }],
      {},
      ['There is no price for "DE mobile" (n0). Add it to the policy\'s `prices`'],
    ],
    [
      "new-phone-numbers",
      [us, { ...us, sid: "PN1" }, us],
      { limit: 1 },
      ["2 numbers are new or changed (n0, n2), and the limit of one update is 1."],
    ],
  ])("%s: %j", (name, numbers, config, wrong) => {
    const found = judgedAll(name, numbers, config);
    expect(found).toEqual(wrong.map((text) => expect.stringContaining(text)));
    expect(found[0]).toContain(`More: docs/policies.md#${name}`);
  });
});

describe("the policies' page", () => {
  const page = readFileSync(join(import.meta.dirname, "..", "..", "docs", "policies.md"), "utf8");
  const sections = new Map(page.split(/^## /m).map((section) => [section.slice(0, section.indexOf("\n")), section]));

  it.each(policies.map((policy) => [policy.name, policy] as const))("has %s, each setting with its default", (name, { configSchema }) => {
    const section = sections.get(name) ?? "";
    for (const [key, { default: value, description }] of Object.entries(configSchema?.properties ?? {})) {
      expect(description).toMatch(/\.$/);
      expect(value).toBeDefined();
      expect(section).toContain(`\`${key}\``);
      expect(section).toContain(`\`${JSON.stringify(value).replaceAll(/([,:])(?=["\d])/g, "$1 ")}\``);
    }
  });
});
