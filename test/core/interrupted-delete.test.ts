import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { conversationConfiguration } from "../../src/conversations/configuration";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { conversationWebhook } from "../../src/conversations/webhook";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import type { Declared } from "../support/mini-engine";
import { expectSettled, oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterEach(() => vi.useRealTimers());
afterAll(() => twilio.close());

const inConversation = (args: Props) => (of: (name: string) => Props) => ({ conversation: of("hello").id, ...args });
const program: Declared[] = [
  { name: "desk", definition: phoneNumber, args: { search: { country: "US", smsEnabled: true }, onDelete: "release" } },
  { name: "support", definition: conversationService, args: { friendlyName: "Support" } },
  { name: "settings", definition: conversationConfiguration, args: { defaultInactiveTimer: "PT1H" } },
  { name: "hello", definition: conversation, args: (of) => ({ service: of("support").id, friendlyName: "Hello" }) },
  {
    name: "hook",
    definition: conversationWebhook,
    args: inConversation({ webhook: { url: "https://example.com", filters: ["onMessageAdded"] } }),
  },
  { name: "chat", definition: participant, args: inConversation({ identity: "ada" }) },
  {
    name: "mobile",
    definition: participant,
    args: (of) => ({ conversation: of("hello").id, sms: { address: "+14155550101", proxyAddress: of("desk").phoneNumber } }),
  },
];
const names = program.map(({ name }) => name);

/** A new account and a stack that has this program. */
async function deployed(declared = program) {
  const { engine } = await oneResource(twilio, conversation);
  await engine.up(declared);
  twilio.requests();
  return engine;
}

/** Expects that everything that the state holds exists at Twilio, and as declared. */
async function expectComplete(engine: Awaited<ReturnType<typeof deployed>>, declared = program): Promise<void> {
  for (const { name, definition } of declared) {
    const live = await twilio.read(definition.type, engine.of(name).id);
    if (name === "settings") expect(live.default_inactive_timer).toBe("PT1H");
  }
  await expectSettled(twilio, engine, declared);
}

type Stack = Awaited<ReturnType<typeof deployed>>;

/** Destroys these resources with an engine that is killed before it records that the last one, or any, is gone. */
async function interruptedDestroy(engine: Stack, gone: readonly string[], { checkpoints = true } = {}): Promise<void> {
  const before = engine.state;
  await engine.destroy(gone);
  engine.state = checkpoints ? before.filter(({ name }) => name === gone[0] || !gone.includes(name)) : before;
}

describe("a destroy whose engine is killed before it records a deletion", () => {
  it.each(names.toReversed().flatMap((name) => [true, false].map((checkpoints) => ({ name, checkpoints }))))(
    "is followed by an update that completes the stack (after $name, checkpoints: $checkpoints)",
    async ({ name, checkpoints }) => {
      const engine = await deployed();
      const gone = names.slice(names.indexOf(name));
      await interruptedDestroy(engine, gone, { checkpoints });
      const preview = await engine.preview(program);
      for (const one of checkpoints ? [name] : gone) expect(preview[one], one).toBe(one === "settings" ? "update" : "replace");
      await engine.up(program);
      await expectComplete(engine);
    },
  );

  it("is announced: the preview names the property that a restored configuration gets again, which the state has still", async () => {
    const engine = await deployed();
    await interruptedDestroy(engine, ["settings"]);
    twilio.log.length = 0;
    await engine.preview(program);
    expect(twilio.log.filter((line) => /defaultInactiveTimer is set again/.test(line))).toHaveLength(1);
    expect(twilio.log.join("\n")).not.toMatch(/defaultClosedTimer/);
  });

  it("is announced: the preview names each object that is gone", async () => {
    const engine = await deployed();
    const { id } = engine.of("mobile");
    await interruptedDestroy(engine, ["mobile"]);
    twilio.log.length = 0;
    await engine.preview(program);
    expect(twilio.log).toContain(`Participant ${id} was deleted by an interrupted run and is created again.`);
  });

  it("is completed by another destroy", async () => {
    const engine = await deployed();
    await interruptedDestroy(engine, names, { checkpoints: false });
    await engine.destroy();
    expect(engine.state).toEqual([]);
  });

  it("makes the preview ask Twilio once for each object that may be gone, and never again", async () => {
    const engine = await deployed();
    await interruptedDestroy(engine, ["chat"]);
    twilio.requests();
    await engine.preview(program);
    await engine.preview(program);
    const sid = engine.of("chat").id.split("/").at(-1);
    expect(twilio.requests().map(({ method, path }) => `${method} ${path.split("/").at(-1)}`)).toEqual([`get ${sid}`]);
  });

  it("leaves nothing to ask about what was recorded", async () => {
    const engine = await deployed();
    await engine.destroy();
    await engine.up(program);
    await expectSettled(twilio, engine, program);
    expect(twilio.requests()).toEqual([]);
  });
});

describe("an object whose parent was deleted", () => {
  it.each(["hello", "support"])("is created again with it, although its own delete never began (%s)", async (parent) => {
    const engine = await deployed(
      program.map((one) => (one.name === "support" ? { ...one, args: { ...one.args, forceDestroy: true } } : one)),
    );
    await interruptedDestroy(engine, [parent]);
    const preview = await engine.preview(program);
    expect(preview).toMatchObject({
      hello: "replace",
      hook: "replace",
      chat: "replace",
      mobile: "replace",
      desk: "same",
      settings: "same",
    });
    await engine.up(program);
    await expectComplete(engine);
  });
});

describe("an update whose engine is killed before it records a deletion", () => {
  it("is followed by an update of the former program that completes the stack", async () => {
    const engine = await deployed();
    const before = engine.state;
    await engine.up(program.filter(({ name }) => name !== "chat"));
    engine.state = before;
    expect(await engine.up(program)).toMatchObject({ chat: "replace", mobile: "same" });
    await expectComplete(engine);
  });

  it("is followed by one that completes the stack after a replacement", async () => {
    const engine = await deployed();
    const before = engine.state;
    const renamed = program.map((one) => (one.name === "chat" ? { ...one, args: inConversation({ identity: "eve" }) } : one));
    await engine.up(renamed);
    engine.state = before;
    await engine.up(program);
    await expectComplete(engine);
    await engine.up(renamed);
    await expectComplete(engine, renamed);
  });
});

describe("an object that is not deleted", () => {
  it("leaves no note when it is retained", async () => {
    const engine = await deployed(retained);
    await interruptedDestroy(engine, ["desk"]);
    await expectSettled(twilio, engine, retained);
    expect(twilio.requests()).toEqual([]);
  });

  const retained = program.map((one) => (one.name === "desk" ? { ...one, args: { ...one.args, onDelete: "retain" } } : one));
});
