import { type ResourceValidationArgs, type ResourceValidationPolicy, UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
import { describe, expect, it } from "vitest";
import { conversationPolicies } from "../../policy/conversations";
import { forItems } from "../../policy/items";
import { sets } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import { unknownSentinel } from "../../src/core/lifecycle/props";
import { itemsKey } from "../../src/core/sets/set-definition";

const [allowed, other] = [`RL${"1".repeat(32)}`, `RL${"2".repeat(32)}`];

/** The violations that a policy reports for one resource, and the error that ended it. */
async function validated(policy: ResourceValidationPolicy, type: string, props: object, config: object) {
  const found: string[] = [];
  const args = {
    type: `pulumi-nodejs:${type}`,
    props: unknownCheckingProxy(props),
    name: "it",
    urn: `urn:pulumi:prod::project::pulumi-nodejs:${type}::it`,
    opts: {},
    getConfig: () => config,
  } as unknown as ResourceValidationArgs;
  let error: unknown;
  try {
    for (const validate of [policy.validateResource ?? []].flat()) await validate(args, (message) => void found.push(message));
  } catch (caught) {
    error = caught;
  }
  return { found: found.map((message) => message.split("\n")[0]?.replace(/\. [^.]*$/, "")), error };
}

const named = (name: string) => conversationPolicies.find((policy) => policy.name === name) as ResourceValidationPolicy;
const rules = [
  ["name-prefix", { friendlyName: "it" }, { friendlyName: "prod it" }, { prefixes: { prod: "prod " } }],
  ["conversation-timers", {}, { timers: { closed: "P1D" } }, { timers: ["closed"] }],
  ["participant-roles", { roleSid: other }, { roleSid: allowed }, { roles: [allowed] }],
] as const;

describe.each(sets.map((set) => [resourceName(set), set] as const))("of a %s, a policy", (_name, { type, item }) => {
  it.each(rules)("sees each item as a resource of its kind: %s", async (name, bad, good, config) => {
    const single = await validated(named(name), item.type, bad, config);
    const { found, error } = await validated(forItems(named(name)), type, { [itemsKey]: { a: bad, b: good, c: bad } }, config);
    expect(error).toBeUndefined();
    const inSet = (key: string) => single.found.map((message) => message?.replace(/\bit\b/, `it.items["${key}"]`));
    expect(found).toEqual([...inSet("a"), ...inSet("c")]);
  });
});

it("every rule applies to some set", async () => {
  for (const [name, bad, , config] of rules) {
    const all = await Promise.all(sets.map(({ type }) => validated(forItems(named(name)), type, { items: { a: bad } }, config)));
    expect(all.flatMap(({ found }) => found).length, name).toBeGreaterThan(0);
  }
});

it("an item whose values are not known yet does not hide the others, and the engine learns of it", async () => {
  const items = { a: { friendlyName: unknownSentinel, timers: {} }, b: { friendlyName: "it" } };
  const type = "twilio/conversations:ConversationSet";
  const { found, error } = await validated(forItems(named("name-prefix")), type, { items }, { prefixes: { prod: "prod " } });
  expect(found).toEqual([expect.stringContaining('friendlyName of it.items["b"] must start with "prod "')]);
  expect(error).toBeInstanceOf(UnknownValueError);
  expect(await validated(forItems(named("conversation-timers")), type, { items }, { timers: ["closed"] })).toMatchObject({
    found: [expect.stringContaining('it.items["a"]'), expect.stringContaining('it.items["b"]')],
    error: undefined,
  });
});

it("a secret of an item is not shown, and one of the same name in another item is no secret", async () => {
  const items = { a: { friendlyName: "hush" }, b: { friendlyName: "it" } };
  const props = { items, __secrets: ["items.a.friendlyName"] };
  const { found } = await validated(forItems(named("name-prefix")), "twilio/conversations:ConversationSet", props, {
    prefixes: { prod: "prod " },
  });
  expect(found).toEqual([expect.stringMatching(/items\["a"\].* is a secret value/), expect.stringMatching(/items\["b"\].* is "it"/)]);
});

it("any other resource is validated as before", async () => {
  const { found } = await validated(
    forItems(named("name-prefix")),
    "twilio/conversations:Conversation",
    { friendlyName: "it" },
    {
      prefixes: { prod: "prod " },
    },
  );
  expect(found).toEqual([expect.stringContaining("friendlyName of it must start")]);
});

it("a rule finds the parent of each item: its own, or that of the set", async () => {
  const services: unknown[] = [];
  const rule: ResourceValidationPolicy = {
    ...named("name-prefix"),
    validateResource: ({ props }) => void services.push(props.service),
  };
  const items = { a: { friendlyName: "a" }, b: { service: "IS2" } };
  await validated(forItems(rule), "twilio/conversations:ConversationSet", { service: "IS1", items }, {});
  expect(services).toEqual(["IS1", "IS2"]);
});
