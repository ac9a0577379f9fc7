/** `ignoreChanges`, as the engine applies it: an ignored path has the value that the state's inputs have. */
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { get, type Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { MiniEngine } from "../support/mini-engine";
import { oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

type Resource = Awaited<ReturnType<typeof oneResource>>;

/** The program's arguments with the state's inputs at the ignored paths. */
function ignoring(engine: MiniEngine, paths: readonly string[], args: Props): Props {
  const result = structuredClone(args);
  for (const path of paths) {
    const names = path.split(".");
    const last = names.pop() as string;
    let target = result;
    for (const name of names) {
      target[name] ??= {};
      target = target[name] as Props;
    }
    const kept = get(engine.of("it").inputs, path);
    if (kept === undefined) delete target[last];
    else target[last] = kept;
  }
  return result;
}

const attributesOf = async ({ live }: Resource): Promise<Props> => JSON.parse(String((await live()).attributes));

/** A write of the application. */
const write = (definition: typeof conversation, { engine }: Resource, form: Record<string, string>) =>
  twilio.rest("POST", ...twilio.pathOf(definition.type, engine.of("it").id), form);

describe.each(["without a refresh", "with a refresh before each update"])("an ignored property, %s,", (how) => {
  const refreshes = how.startsWith("with a refresh");

  it("keeps what the application wrote, however often other properties change", async () => {
    const resource = await oneResource(twilio, conversation);
    const { engine, program } = resource;
    const args = (friendlyName: string) => ({ service: "«service»", friendlyName, attributes: { plan: "free" }, state: "active" });
    await engine.up(program(args("One")));
    await write(conversation, resource, { Attributes: '{"plan":"gold"}', State: "inactive" });
    for (const name of ["Two", "Three"]) {
      if (refreshes) await engine.refresh();
      expect(await engine.up(program(ignoring(engine, ["attributes", "state"], args(name))))).toEqual({ it: "update" });
      expect(await attributesOf(resource)).toEqual({ plan: "gold" });
      expect((await resource.live()).state).toBe("inactive");
    }
  });

  it("keeps the application's value of one key while another key of the same attributes changes", async () => {
    const resource = await oneResource(twilio, conversation);
    const { engine, program } = resource;
    const args = (topic: string) => ({ service: "«service»", attributes: { plan: { tier: "free", since: 1 }, topic } });
    await engine.up(program(args("billing")));
    await write(conversation, resource, { Attributes: '{"plan":{"tier":"gold","since":1},"topic":"billing"}' });
    for (const topic of ["returns", "repairs"]) {
      if (refreshes) await engine.refresh();
      await engine.up(program(ignoring(engine, ["attributes.plan.tier"], args(topic))));
      expect(await attributesOf(resource)).toEqual({ plan: { tier: "gold", since: 1 }, topic });
    }
  });

  it("keeps a number's URL that somebody else has set", async () => {
    const resource = await oneResource(twilio, phoneNumber);
    const { engine, program } = resource;
    const args = (voiceUrl: string) => ({ adopt: "«number0»", smsUrl: "https://example.com/sms", voiceUrl });
    await engine.up(program(args("https://example.com/1")));
    await write(phoneNumber, resource, { SmsUrl: "https://flows.example.com/sms" });
    for (const url of ["https://example.com/2", "https://example.com/3"]) {
      if (refreshes) await engine.refresh();
      await engine.up(program(ignoring(engine, ["smsUrl"], args(url))));
      expect(await resource.live()).toMatchObject({ sms_url: "https://flows.example.com/sms", voice_url: url });
    }
  });
});

it("a value that is not ignored is repaired after a refresh has seen its drift, and the preview says so", async () => {
  const resource = await oneResource(twilio, conversation);
  const { engine, program } = resource;
  const args = { service: "«service»", attributes: { plan: "free" } };
  await engine.up(program(args));
  await write(conversation, resource, { Attributes: '{"plan":"gold"}' });
  expect(await engine.up(program(args))).toEqual({ it: "same" });
  expect(await engine.refresh()).toEqual({ it: "changed" });
  expect(await engine.preview(program(args))).toEqual({ it: "update" });
  await engine.up(program(args));
  expect(await attributesOf(resource)).toEqual({ plan: "free" });
});

it("for any program, writes of the application and ignore list: no ignored value is overwritten, and what is sent was announced", async () => {
  const word = fc.constantFrom("a", "b", "c");
  const attributes = fc.record({ plan: word, topic: word, nested: fc.record({ x: word, y: word }) });
  const paths = ["attributes.plan", "attributes.topic", "attributes.nested.x", "attributes.nested", "friendlyName", "attributes"];
  const step = fc.record({
    declared: attributes,
    written: attributes,
    friendlyName: word,
    isRefreshed: fc.boolean(),
    writes: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.subarray(paths), fc.array(step, { minLength: 1, maxLength: 4 }), attributes, async (ignored, steps, first) => {
      const resource = await oneResource(twilio, conversation);
      const { engine, program } = resource;
      await engine.up(program({ service: "«service»", friendlyName: "a", attributes: first }));
      const valueAt = async (path: string) => {
        const body = await resource.live();
        return path === "friendlyName" ? body.friendly_name : get({ attributes: JSON.parse(String(body.attributes)) }, path);
      };
      for (const { declared, written, friendlyName, isRefreshed, writes } of steps) {
        if (writes) await write(conversation, resource, { Attributes: JSON.stringify(written), FriendlyName: `${friendlyName}!` });
        if (isRefreshed) await engine.refresh();
        const before = await Promise.all(ignored.map(valueAt));
        const next = program(ignoring(engine, ignored, { service: "«service»", friendlyName, attributes: declared }));
        const { it: announced } = await engine.preview(next);
        twilio.requests();
        expect(await engine.up(next)).toEqual({ it: announced });
        expect(twilio.writes().length).toBeLessThanOrEqual(announced === "update" ? 1 : 0);
        expect(await Promise.all(ignored.map(valueAt))).toEqual(before);
      }
    }),
    { numRuns: 30, seed: 20261128 },
  );
});
