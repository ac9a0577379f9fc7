import type { ResourceValidationArgs, ResourceValidationPolicy } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { conversationPolicies } from "../../policy/conversations";
import { numberPolicies } from "../../policy/numbers";
import { webhookPolicies } from "../../policy/webhooks";
import { catalog } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import type { Definition } from "../../src/core/lifecycle/definition";

/** The violations that a policy reports for one resource of a stack in production. */
function violationsOf(policy: string, { type }: Definition, props: object, config: object): string[] {
  const found: string[] = [];
  const args = {
    type: `pulumi-nodejs:${type}`,
    props,
    name: "it",
    urn: `urn:pulumi:prod::project::pulumi-nodejs:${type}::it`,
    opts: {},
    getConfig: () => config,
  } as unknown as ResourceValidationArgs;
  const { validateResource } = [...numberPolicies, ...webhookPolicies, ...conversationPolicies].find(
    ({ name }) => name === policy,
  ) as ResourceValidationPolicy;
  for (const validate of [validateResource ?? []].flat()) void validate(args, (message) => void found.push(message));
  return found;
}

/** A value at a path in a group. */
const nested = (path: string, value: unknown): object =>
  path.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;

/** What a field refuses in a text that is no URL, and accepts in one. */
function isUrl({ fields }: Definition, property: string): boolean {
  const format = fields[property]?.format;
  return format?.("https://example.com/hook") === undefined && /URL/.test(format?.("ftp://example.com") ?? "");
}

const named = (definition: Definition) => [resourceName(definition), definition] as const;
const withField = (...wanted: string[]) => catalog.filter(({ fields }) => wanted.some((property) => fields[property])).map(named);

describe("a policy applies to every kind of the catalog that it is about:", () => {
  it.each(
    catalog.flatMap((one) =>
      Object.keys(one.fields).flatMap((property) =>
        isUrl(one, property) ? [[`${resourceName(one)}.${property}`, one, property] as const] : [],
      ),
    ),
  )("https-webhooks: %s", (_kind, definition, property) => {
    const found = (url: string) => violationsOf("https-webhooks", definition, nested(property, url), { hosts: [] });
    expect(found("http://example.com/hook")).toEqual([expect.stringContaining(`it.${property} (example.com) must use https`)]);
    expect(found("https://example.com/hook")).toEqual([]);
  });

  // A role is named within its service, and the name of a user is a person's.
  const unnamed = ["ConversationRole", "ConversationUser"];
  it.each(withField("friendlyName"))("name-prefix: %s", (kind, definition) => {
    const found = (friendlyName: string) => violationsOf("name-prefix", definition, { friendlyName }, { prefixes: { prod: "prod " } });
    expect(found("it")).toHaveLength(unnamed.includes(kind) ? 0 : 1);
    expect(found("prod it")).toEqual([]);
  });

  it.each(withField("timers.closed"))("conversation-timers: %s", (kind, definition) => {
    const found = (props: object) => violationsOf("conversation-timers", definition, props, { timers: ["closed"] });
    expect(found({})).toEqual([expect.stringContaining(`${kind} it has no timer for closed`)]);
    expect(found({ timers: { closed: "P1D" } })).toEqual([]);
  });

  it.each(withField("roleSid"))("participant-roles: %s", (kind, definition) => {
    const found = (props: object) => violationsOf("participant-roles", definition, props, { roles: [`RL${"1".repeat(32)}`] });
    expect(found({ roleSid: `RL${"2".repeat(32)}` })).toEqual([expect.stringContaining(`${kind} it has the role`)]);
    expect(found({ roleSid: `RL${"1".repeat(32)}` })).toEqual([]);
    expect(found({})).toEqual([]);
  });

  it.each(catalog.filter(({ onDelete }) => onDelete).map(named))("phone-number-release: %s", (_kind, definition) => {
    for (const onDelete of definition.onDelete ?? []) {
      const found = violationsOf("phone-number-release", definition, { onDelete }, { numbers: [] });
      expect(found, onDelete).toHaveLength(["release", "close"].includes(onDelete) ? 1 : 0);
      expect(violationsOf("phone-number-release", definition, { onDelete }, { numbers: ["it"] })).toEqual([]);
    }
  });
});

it("to close a subaccount in an update is a release of its numbers too", () => {
  const definition = catalog.find((one) => resourceName(one) === "Subaccount") as Definition;
  const found = (status: string) => violationsOf("phone-number-release", definition, { status }, { numbers: [] });
  expect(found("closed")).toEqual([expect.stringContaining('releases all its numbers (status: "closed")')]);
  expect(found("suspended")).toEqual([]);
});
