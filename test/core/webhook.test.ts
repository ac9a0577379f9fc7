import { describe, expect, it } from "vitest";
import { conversationWebhook } from "../../src/conversations/webhook";
import { findProblems } from "../../src/core/lifecycle/check";
import type { Note } from "../../src/core/lifecycle/note";
import type { Props } from "../../src/core/lifecycle/props";
import { changedForm, createForm, differences, toOutputs } from "../../src/core/lifecycle/wire";
import { TwilioError } from "../../src/core/twilio/errors";
import type { Body } from "../../src/core/twilio/twilio";
import { account, conversationId, fake } from "../support/fake-twilio";

const url = "https://example.com/twilio";
const webhook = { url, filters: ["onMessageAdded", "onParticipantAdded"] };
const trigger = { url, triggers: ["HELP"] };
const studio = { flowSid: `FW${"1".repeat(32)}` };

/** A webhook as Twilio returns it. */
const body = (configuration: Body, more: Body = {}): Body => ({
  sid: `WH${"7".repeat(32)}`,
  account_sid: account,
  target: "webhook",
  configuration,
  date_created: new Date().toISOString(),
  ...more,
});

describe("the form of a webhook", () => {
  it.each<[string, Props, Props]>([
    [
      "names the group as its target",
      { webhook: { ...webhook, method: "GET", replayAfter: 3 } },
      {
        Target: "webhook",
        "Configuration.Url": url,
        "Configuration.Method": "GET",
        "Configuration.Filters": webhook.filters,
        "Configuration.ReplayAfter": "3",
      },
    ],
    ["has keywords for a trigger", { trigger }, { Target: "trigger", "Configuration.Url": url, "Configuration.Triggers": ["HELP"] }],
    ["has a flow for Studio", { studio }, { Target: "studio", "Configuration.FlowSid": studio.flowSid }],
  ])("%s", (_fact, group, form) => {
    expect(createForm(conversationWebhook, { conversation: conversationId, ...group })).toEqual(form);
  });
});

describe("a change of a webhook", () => {
  const olds = toOutputs(conversationWebhook, { conversation: conversationId, webhook }, body({ ...webhook, method: "post" }), account);
  const changes = (news: Props) => differences(conversationWebhook, olds, { conversation: conversationId, ...news });

  it("does not depend on the order of events, or on the case of the method", () => {
    expect(changes({ webhook: { ...webhook, filters: [...webhook.filters].reverse(), method: "POST" } })).toEqual([]);
    expect(changes({ webhook: { ...webhook, filters: ["onMessageAdded"], method: "GET" } })).toEqual(["webhook.method", "webhook.filters"]);
  });

  it("of `replayAfter` is recorded and sends nothing, because Twilio reads it at creation only", () => {
    const news = { conversation: conversationId, webhook: { ...webhook, replayAfter: 4 } };
    const changed = differences(conversationWebhook, olds, news);
    expect(changed).toEqual(["webhook.replayAfter"]);
    expect(changedForm(conversationWebhook, changed, olds, news, undefined)).toEqual({});
  });

  it("to another group replaces; within the group it does not", async () => {
    const { of } = fake();
    const diff = (news: Props) => of(conversationWebhook).diff(`${conversationId}/WH1`, olds, { conversation: conversationId, ...news });
    expect(await diff({ trigger })).toMatchObject({ replaces: ["webhook", "trigger"], deleteBeforeReplace: true });
    expect(await diff({ webhook: { ...webhook, url: `${url}/new` } })).toMatchObject({ changes: ["webhook"], replaces: [] });
  });
});

describe("the check of a webhook", () => {
  const reasons = (args: Props) =>
    Object.fromEntries(
      findProblems(conversationWebhook, { conversation: conversationId, ...args }, {}).map(({ property, reason }) => [property, reason]),
    );

  it.each<[string, Props, Props]>([
    ["accepts a webhook", { webhook }, {}],
    ["accepts a trigger", { trigger }, {}],
    ["accepts a flow", { studio }, {}],
    ["requires a group", {}, { webhook: "is missing: declare exactly one of `webhook`, `trigger`, `studio`" }],
    [
      "rejects two groups",
      { webhook, studio },
      { studio: "must not be declared together with `webhook`: declare exactly one of `webhook`, `trigger`, `studio`" },
    ],
    ["requires events", { webhook: { url, filters: [] } }, { "webhook.filters": "must not be empty" }],
    [
      "requires the properties of the declared group only",
      { webhook: {} },
      {
        "webhook.url": "is missing: ConversationWebhook requires `webhook.url`",
        "webhook.filters": "is missing: ConversationWebhook requires `webhook.filters`",
      },
    ],
    [
      "rejects a string in place of a list",
      { webhook: { url, filters: "onMessageAdded" } },
      { "webhook.filters": 'must be a list; received "onMessageAdded"' },
    ],
    [
      "rejects an event before the change, which such a webhook never reports",
      { webhook: { url, filters: ["onMessageAdd"] } },
      { "webhook.filters": expect.stringMatching(/must be one of .*"onMessageAdded".*; received "onMessageAdd"/) },
    ],
    [
      "rejects an event twice",
      { webhook: { url, filters: ["onMessageAdded", "onMessageAdded"] } },
      { "webhook.filters": 'must not repeat an item; received "onMessageAdded" twice' },
    ],
    [
      "rejects six keywords",
      { trigger: { url, triggers: ["1", "2", "3", "4", "5", "6"] } },
      { "trigger.triggers": "must have at most 5 items; received 6" },
    ],
    [
      "rejects a URL of more than 512 characters",
      { studio: undefined, webhook: { ...webhook, url: `${url}?${"a".repeat(500)}` } },
      { "webhook.url": expect.stringContaining("at most 512 characters") },
    ],
    [
      "rejects a negative index",
      { webhook: { ...webhook, replayAfter: -1 } },
      { "webhook.replayAfter": "must be a whole number of at least 0; received -1" },
    ],
    ["rejects a flow's name", { studio: { flowSid: "Support" } }, { "studio.flowSid": expect.stringContaining("begins with FW") }],
  ])("%s", (_fact, args, expected) => {
    expect(reasons(args)).toEqual(expected);
  });
});

describe("the create of a webhook", () => {
  const lost = () => new TwilioError("Cannot create", { status: 0, message: "connection lost" });
  const inputs = (urn: string) => ({ conversation: conversationId, webhook, __urn: urn });

  it("whose response was lost is recovered by the next run, and not sent again", async () => {
    const first = fake(({ method }) => {
      if (method === "post") throw lost();
      return { webhooks: [] };
    });
    await expect(first.of(conversationWebhook).create(inputs("urn:a"))).rejects.toThrow("connection lost");
    expect(first.asked.filter((request) => request.startsWith("post"))).toHaveLength(1);

    const next = fake(() => ({ webhooks: [body({ ...webhook, method: "post" })] }));
    Object.assign(next.context, { notes: first.context.notes });
    expect(await next.of(conversationWebhook).create(inputs("urn:a"))).toMatchObject({ id: `${conversationId}/WH${"7".repeat(32)}` });
    expect(next.asked.filter((request) => request.startsWith("post"))).toEqual([]);
  });

  it("is not confused with an equal webhook of another resource: each has a note of its own", async () => {
    const { of, context } = fake(({ method }) => {
      if (method === "post") throw lost();
      return { webhooks: [] };
    });
    const cycle = of(conversationWebhook);
    // The engine checks both before it creates either.
    await cycle.check({}, inputs("urn:a"));
    await cycle.check({}, inputs("urn:b"));
    await Promise.allSettled([cycle.create(inputs("urn:a")), cycle.create(inputs("urn:b"))]);
    const keys = (context.notes.all() as Note[]).map(({ key = "" }) => key);
    expect(keys.map((key) => key.slice(key.lastIndexOf(" ") + 1)).sort()).toEqual(["urn:a", "urn:b"]);
  });

  it("does not take over a webhook that another resource of the run has", async () => {
    const { of, asked } = fake(({ method }) =>
      method === "post" ? body(webhook, { sid: `WH${"8".repeat(32)}` }) : { webhooks: [body(webhook)] },
    );
    const cycle = of(conversationWebhook);
    const other = toOutputs(conversationWebhook, { conversation: conversationId, webhook }, body(webhook), account);
    const { inputs: checked } = await cycle.check(other, inputs("urn:a"));
    await cycle.diff(`${conversationId}/WH${"7".repeat(32)}`, other, checked);
    expect(await cycle.create(inputs("urn:b"))).toMatchObject({ id: `${conversationId}/WH${"8".repeat(32)}` });
    expect(asked.filter((request) => request.startsWith("post"))).toHaveLength(1);
  });

  it("writes no URL into its note, which may hold a password", async () => {
    const { of, context } = fake(({ method }) => {
      if (method === "post") throw lost();
      return { webhooks: [] };
    });
    const secret = { ...webhook, url: "https://user:canary@example.com/?token=canary" };
    await expect(of(conversationWebhook).create({ ...inputs("urn:a"), webhook: secret })).rejects.toThrow("connection lost");
    expect(context.notes.all()).toHaveLength(1);
    expect(JSON.stringify(context.notes.all())).not.toContain("canary");
  });
});

it("a webhook of another group is not adopted, and not changed", async () => {
  const { of, asked } = fake(() => body({ ...webhook, method: "post" }));
  await expect(of(conversationWebhook).create({ conversation: conversationId, trigger, adopt: `WH${"7".repeat(32)}` })).rejects.toThrow(
    "it is a webhook. Declare `webhook`, or adopt another object.",
  );
  expect(asked.filter((request) => request.startsWith("post"))).toEqual([]);
});
