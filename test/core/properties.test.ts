import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversationConfiguration } from "../../src/conversations/configuration";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { conversationWebhook } from "../../src/conversations/webhook";
import { resourceName } from "../../src/core/lifecycle/check";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { get, set } from "../../src/core/lifecycle/props";
import type { Body } from "../../src/core/twilio/twilio";
import { phoneNumber } from "../../src/numbers/phone-number";
import { defined } from "../support/arbitraries";
import type { Declared, MiniEngine } from "../support/mini-engine";
import { expectSettled, oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

// The effect of changing or removing each property, written independently of the definitions.
type Outcome = "update" | "record" | "replace" | "same";

interface Change {
  readonly of: string;
  readonly from: unknown;
  readonly to: unknown;
  readonly outcome: Outcome;
  /** Other properties of the program. */
  readonly otherArgs?: Props;
  /** Where the response contains the value; default: the name in snake case. */
  readonly at?: string | ((body: Body) => unknown);
  /** What the response contains, where that is not the value itself. */
  readonly shows?: (value: unknown) => unknown;
  /** What the response contains once the program no longer declares the property. Missing if the property is required. */
  readonly removed?: unknown;
  readonly onRemoval?: Outcome;
}

const inPlace = (of: string, from: unknown, to: unknown, removed: unknown, more: Partial<Change> = {}): Change => ({
  of,
  from,
  to,
  outcome: "update",
  removed,
  ...more,
});
/** A property that the program cannot leave out. */
const required = (of: string, from: unknown, to: unknown, more: Partial<Change> = {}): Change => ({
  of,
  from,
  to,
  outcome: "update",
  ...more,
});
const replacing = (of: string, from: unknown, to: unknown, more: Partial<Change> = {}): Change => ({
  of,
  from,
  to,
  outcome: "replace",
  ...more,
});
const recorded = (of: string, from: unknown, to: unknown): Change => ({
  of,
  from,
  to,
  outcome: "record",
  at: () => undefined,
  shows: () => undefined,
});
const ignored = (of: string, from: unknown, to: unknown, otherArgs: Props = {}): Change => ({
  of,
  from,
  to,
  outcome: "same",
  otherArgs,
  at: () => undefined,
  shows: () => undefined,
});
const reference = (of: string, prefix: string) => inPlace(of, prefix + "1".repeat(32), prefix + "2".repeat(32), null);
const link = (of: string) => inPlace(of, "https://example.com/a", "https://example.com/b", null);
const method = (of: string) => inPlace(of, "GET", "POST", "POST");
const json = { shows: (value: unknown) => JSON.stringify(value) };
const timer = (of: string, at: string) =>
  inPlace(of, "PT10M", "PT1H", false, { at: ({ timers }) => at in (timers as object), shows: (value) => value !== undefined });
const condition = (of: string, from: unknown, to: unknown) => ignored(`search.${of}`, from, to, { search: { country: "US" } });

/** What the groups of a webhook that request a URL have in common. */
function webhookProperties(group: "webhook" | "trigger", args: Props): Change[] {
  const otherArgs = { webhook: undefined, [group]: args };
  return [
    required(`${group}.url`, "https://example.com/a", "https://example.com/b", { otherArgs, at: "configuration.url" }),
    {
      ...method(`${group}.method`),
      otherArgs,
      at: ({ configuration }) => String((configuration as Body).method).toUpperCase(),
    },
    { ...recorded(`${group}.replayAfter`, 1, 2), otherArgs },
  ];
}

/** The addresses of people and of the account on a channel. */
function addresses(channel: string, people: readonly [string, string], ours: readonly [string, string]): Change[] {
  const of = (part: object) => ({ identity: undefined, [channel]: part });
  return [
    replacing(`${channel}.address`, ...people, { otherArgs: of({ proxyAddress: ours[0] }), at: "messaging_binding.address" }),
    replacing(`${channel}.proxyAddress`, ...ours, { otherArgs: of({ address: people[0] }), at: "messaging_binding.proxy_address" }),
  ];
}

const changes: [Definition, Props, Change[]][] = [
  [
    phoneNumber,
    { addressSid: "«address»" },
    [
      replacing("phoneNumber", "«forSale»", "«forSale2»"),
      ignored("areaCode", "415", "510"),
      condition("country", "US", "CA"),
      condition("type", "local", "toll-free"),
      condition("areaCode", "415", "510"),
      condition("contains", "415", "510"),
      condition("nearNumber", "«forSale»", "«forSale2»"),
      condition("nearLatLong", "37.77,-122.42", "40.7,-74"),
      condition("distance", 100, 200),
      condition("inPostalCode", "94103", "10001"),
      condition("inRegion", "CA", "NY"),
      condition("inLocality", "San Francisco", "New York"),
      condition("inRateCenter", "SANFRANCIS", "NEWYORK"),
      condition("inLata", "722", "132"),
      ...["smsEnabled", "mmsEnabled", "voiceEnabled", "faxEnabled"].map((of) => condition(of, true, false)),
      ...["excludeAllAddressRequired", "excludeLocalAddressRequired", "excludeForeignAddressRequired", "beta"].map((of) =>
        condition(of, true, false),
      ),
      ignored("adopt", "«number0»", "«number1»"),
      recorded("onDelete", "retain", "release"),
      inPlace("friendlyName", "one", "two", "pulumi laws/dev/it"),
      ...["smsUrl", "smsFallbackUrl", "voiceUrl", "voiceFallbackUrl", "statusCallback"].map(link),
      ...["smsMethod", "smsFallbackMethod", "voiceMethod", "voiceFallbackMethod", "statusCallbackMethod"].map(method),
      inPlace("smsApplicationSid", "«application»", "«otherApplication»", null),
      inPlace("voiceApplicationSid", "«application»", "«otherApplication»", null),
      reference("trunkSid", "TK"),
      inPlace("emergencyAddressSid", "«address»", "«otherAddress»", null),
      reference("identitySid", "RI"),
      reference("bundleSid", "BU"),
      inPlace("addressSid", "«address»", "«otherAddress»", null),
      inPlace("voiceCallerIdLookup", true, false, false),
      inPlace("voiceReceiveMode", "fax", "voice", "voice"),
      inPlace("emergencyStatus", "Active", "Inactive", "Inactive"),
    ],
  ],
  [
    conversationService,
    { friendlyName: "Support" },
    [
      replacing("friendlyName", "Support", "Sales"),
      recorded("forceDestroy", true, false),
      recorded("onDelete", "delete", "retain"),
      ignored("adopt", undefined, "«service»"),
    ],
  ],
  [
    conversation,
    { service: "«service»" },
    [
      replacing("service", "«service»", "«otherService»", { at: "chat_service_sid" }),
      inPlace("friendlyName", "one", "two", null),
      inPlace("uniqueName", "one", "two", expect.stringMatching(/^it~[0-9a-f]{7}$/)),
      inPlace("attributes", { a: 1 }, { b: [2] }, "{}", json),
      inPlace("state", "inactive", "active", "active", { onRemoval: "record" }),
      timer("timers.inactive", "date_inactive"),
      timer("timers.closed", "date_closed"),
      inPlace("messagingServiceSid", "«messagingService»", "«otherMessagingService»", "«otherMessagingService»", { onRemoval: "record" }),
      inPlace("bindings.email.address", "a@example.com", "b@example.com", undefined, { at: "bindings.email.projected_address" }),
      inPlace("bindings.email.name", "Ada", "Bob", undefined),
      ignored("ownerMark", "uniqueName", "none-may-duplicate", { uniqueName: "lobby" }),
      recorded("forceDestroy", true, false),
      recorded("onDelete", "delete", "retain"),
      ignored("adopt", undefined, "«conversation»"),
    ],
  ],
  [
    participant,
    { conversation: "«conversation»", identity: "ada" },
    [
      replacing("conversation", "«conversation»", "«otherConversation»", {
        at: ({ chat_service_sid, conversation_sid }) => `${chat_service_sid}/${conversation_sid}`,
      }),
      replacing("identity", "ada", "bob"),
      ...addresses("sms", ["+14155550001", "+14155550002"], ["«number0»", "«number1»"]),
      replacing("sms.proxyAddresses", ["«number0»"], ["«number1»"], {
        otherArgs: { identity: undefined, sms: { address: "+14155550001" } },
        at: "messaging_binding.proxy_address",
        shows: (value) => (value as string[])[0],
      }),
      ...addresses("whatsapp", ["whatsapp:+14155550001", "whatsapp:+14155550002"], ["whatsapp:«number0»", "whatsapp:«number1»"]),
      ...addresses("rcs", ["rcs:+14155550001", "rcs:+14155550002"], ["rcs:one", "rcs:two"]),
      ...addresses("messenger", ["messenger:1", "messenger:2"], ["messenger:3", "messenger:4"]),
      replacing("address", "+14155550001", "+14155550002", { otherArgs: { identity: undefined }, at: "messaging_binding.address" }),
      replacing("projectedAddress", "«number0»", "«number1»", {
        otherArgs: { identity: undefined },
        at: "messaging_binding.projected_address",
      }),
      inPlace("attributes", { a: 1 }, { b: [2] }, "{}", json),
      inPlace("roleSid", "«role»", "«otherRole»", "«otherRole»", { onRemoval: "record" }),
      recorded("onDelete", "delete", "retain"),
      ignored("adopt", undefined, "bob"),
    ],
  ],
  [
    conversationWebhook,
    { conversation: "«conversation»", webhook: { url: "https://example.com", filters: ["onMessageAdded"] } },
    [
      replacing("conversation", "«conversation»", "«otherConversation»", {
        at: ({ chat_service_sid, conversation_sid }) => `${chat_service_sid}/${conversation_sid}`,
      }),
      ...webhookProperties("webhook", { url: "https://example.com", filters: ["onMessageAdded"] }),
      required("webhook.filters", ["onMessageAdded"], ["onMessageRemoved", "onMessageAdded"], { at: "configuration.filters" }),
      ...webhookProperties("trigger", { url: "https://example.com", triggers: ["HELP"] }),
      required("trigger.triggers", ["HELP"], ["STOP", "HELP"], {
        otherArgs: { webhook: undefined, trigger: { url: "https://example.com" } },
        at: "configuration.triggers",
      }),
      required("studio.flowSid", `FW${"1".repeat(32)}`, `FW${"2".repeat(32)}`, {
        otherArgs: { webhook: undefined, studio: {} },
        at: "configuration.flow_sid",
      }),
      { ...recorded("studio.replayAfter", 1, 2), otherArgs: { webhook: undefined, studio: { flowSid: `FW${"1".repeat(32)}` } } },
      recorded("onDelete", "delete", "retain"),
      ignored("adopt", undefined, `WH${"1".repeat(32)}`),
    ],
  ],
  [
    conversationConfiguration,
    {},
    [
      inPlace("defaultChatServiceSid", "«service»", "«otherService»", expect.stringMatching(/^IS/)),
      inPlace("defaultMessagingServiceSid", "«messagingService»", "«otherMessagingService»", expect.stringMatching(/^MG/)),
      inPlace("defaultInactiveTimer", "PT10M", "PT1H", null),
      inPlace("defaultClosedTimer", "PT10M", "PT1H", null),
      recorded("onDelete", "restore", "retain"),
      ignored("adopt", undefined, `AC${"1".repeat(32)}`),
    ],
  ],
];

describe.each(changes.map(([definition, base, each]) => [resourceName(definition), definition, base, each] as const))(
  "%s, property by property",
  (_noun, definition, base, each) => {
    it("has every property in the table", () => {
      expect(each.map(({ of }) => of).sort()).toEqual(Object.keys(definition.fields).sort());
    });

    it.each(each.map((change) => [change.of, change.outcome, change] as const))("changing %s: %s", async (_of, _outcome, change) => {
      const { engine, program, live, named } = await oneResource(twilio, definition);
      const { of, from, to, outcome, otherArgs = {}, at = snake(of), shows = (value) => value } = change;
      const isOneOfAKind = ["phoneNumber", "areaCode", "search", "adopt"].includes(of.split(".")[0] as string);
      const way = definition === phoneNumber && !isOneOfAKind ? { phoneNumber: "«forSale»" } : {};
      const said = (value: unknown): Props => {
        const props: Props = JSON.parse(JSON.stringify({ ...base, ...way, ...otherArgs }));
        set(props, of, value);
        return defined(props);
      };
      const shown = async () => named(typeof at === "function" ? at(await live()) : get(await live(), at));

      await engine.up(program(said(from)));
      expect(await shown()).toEqual(shows(from));
      const { id } = engine.of("it");
      await expectStep(engine, program(said(to)), outcome, definition);
      expect(await shown()).toEqual(shows(to));
      if (outcome === "replace") expect(engine.of("it").id).not.toBe(id);
      else expect(engine.of("it").id).toBe(id);

      if (!("removed" in change)) return;
      const without = said(undefined);
      const top = of.split(".")[0] as string;
      if (!(top in otherArgs)) delete without[top];
      await expectStep(engine, program(defined(without)), change.onRemoval ?? "update", definition);
      expect(await shown()).toEqual(change.removed);
    });
  },
);

const snake = (property: string) => property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Expects this step with exactly its writes, after which nothing is left to change. */
async function expectStep(engine: MiniEngine, program: Declared[], outcome: Outcome, definition: Definition): Promise<void> {
  twilio.requests();
  const step = outcome === "record" ? "update" : outcome;
  expect(await engine.preview(program)).toEqual({ it: step });
  expect(twilio.writes()).toEqual([]);
  expect(await engine.up(program)).toEqual({ it: step });
  const methods = twilio.writes().map((write) => write.split(" ")[0]);
  const replaced = definition === phoneNumber ? ["post"] : definition.deleteBeforeReplace ? ["delete", "post"] : ["post", "delete"];
  expect(methods).toEqual({ update: ["post"], record: [], same: [], replace: replaced }[outcome]);
  await expectSettled(twilio, engine, program);
}
