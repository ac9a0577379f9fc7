import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { participant } from "../../src/conversations/participant";
import { conversationService } from "../../src/conversations/service";
import { conversationWebhook } from "../../src/conversations/webhook";
import type { Definition } from "../../src/core/lifecycle/definition";
import type { Props } from "../../src/core/lifecycle/props";
import { phoneNumber } from "../../src/numbers/phone-number";
import { account, conversationId, fake, service } from "../support/fake-twilio";
import { Crash, type Declared } from "../support/mini-engine";
import { expectSettled, oneResource } from "../support/one-resource";
import { TestTwilio } from "../support/test-twilio";

let twilio: TestTwilio;
beforeAll(async () => {
  twilio = await TestTwilio.open();
});
afterAll(() => twilio.close());

/** Resources with a natural key: Twilio refuses a second object with the same key. */
const singular: [string, Definition, Props][] = [
  ["a chat participant", participant, { conversation: "«conversation»", identity: "ada" }],
  ["an SMS participant", participant, { conversation: "«conversation»", sms: { address: "+15558675310", proxyAddress: "«number0»" } }],
  ["a conversation with a unique name", conversation, { service: "«service»", uniqueName: "lobby" }],
];

describe("a resource that is renamed without an alias", () => {
  const renamed = (program: Declared[]): Declared[] => program.map((declared) => ({ ...declared, name: "renamed" }));

  it.each(singular)("neither recreates nor deletes %s", async (_what, definition, args) => {
    const { engine, program, created } = await oneResource(twilio, definition);
    await engine.up(program(args));
    const [object, ...more] = await created();
    expect(more).toEqual([]);
    // The conversation's note has been removed by then, so nothing proves that the conversation is ours.
    if (definition === conversation) {
      await expect(engine.up(renamed(program(args)))).rejects.toThrow("The name belongs to");
    } else {
      await engine.up(renamed(program(args)));
      expect(engine.state.map(({ name, id }) => [name, id.split("/").at(-1)])).toEqual([["renamed", object]]);
      expect(twilio.log.join()).toContain("now belongs to another resource of this stack and is not deleted");
      await expectSettled(twilio, engine, renamed(program(args)));
    }
    expect(await created()).toEqual([object]);
  });

  it.each(singular.slice(0, 2))("keeps %s even if the run dies after the new resource took it over", async (_what, definition, args) => {
    const { engine, program, created } = await oneResource(twilio, definition);
    await engine.up(program(args));
    const before = await created();
    await expect(engine.up(renamed(program(args)), { crashAfterCreating: "renamed" })).rejects.toThrow(Crash);
    await engine.up(renamed(program(args)));
    expect(await created()).toEqual(before);
    await expectSettled(twilio, engine, renamed(program(args)));
  });
});

describe("a resource that the engine is told to replace", () => {
  it.each([...singular, ["a conversation", conversation, { service: "«service»" }] as const])(
    "does not adopt %s as its own replacement, and says what to do",
    async (_what, definition, args) => {
      const { engine, program, created } = await oneResource(twilio, definition);
      await engine.up(program(args));
      const before = await created();
      await expect(engine.up(program(args), { replace: "it" })).rejects.toThrow(/deleteBeforeReplace: true|The name belongs to/);
      expect(await created()).toEqual(before);
      await expectSettled(twilio, engine, program(args));
    },
  );

  it.each<[string, Definition, Props, Props]>([
    [
      "a chat participant",
      participant,
      { conversation: "«conversation»", identity: "ada" },
      { conversation: "«conversation»", identity: "bob" },
    ],
    [
      "a participant that moves to another conversation",
      participant,
      { conversation: "«conversation»", address: "+14155550100" },
      { conversation: "«otherConversation»", address: "+14155550100" },
    ],
    ["a conversation", conversation, { service: "«service»" }, { service: "«otherService»" }],
  ])("recovers the replacement of %s that a killed run created", async (_what, definition, before, after) => {
    const { engine, program, created } = await oneResource(twilio, definition);
    await engine.up(program(before));
    await expect(engine.up(program(after), { crashAfterCreating: "it" })).rejects.toThrow(Crash);
    await engine.up(program(after));
    await expectSettled(twilio, engine, program(after));
    const objects = (await created()).filter((sid) => engine.state.some(({ id }) => id.endsWith(sid)));
    // `created` does not list the conversations of the other service.
    if (definition === participant) expect(await created()).toEqual(objects);
    else expect(await created()).toEqual([]);
  });

  it("is replaced by a new service, even right after its creation", async () => {
    const { engine, program, created } = await oneResource(twilio, conversationService);
    await engine.up(program({ friendlyName: "Support" }));
    const [before] = await created();
    await engine.up(program({ friendlyName: "Support" }), { replace: "it" });
    const after = await created();
    expect(after).toEqual([engine.of("it").id]);
    expect(after).not.toContain(before);
  });
});

describe("a webhook of a conversation that has five webhooks", () => {
  it("is replaced when the program switches its group", async () => {
    const { engine, fixture, created } = await oneResource(twilio, conversationWebhook);
    const url = "https://example.com";
    const webhooks = (last: Props): Declared[] =>
      [1, 2, 3, 4, 5].map((index) => ({
        name: `webhook${index}`,
        definition: conversationWebhook,
        args: { conversation: fixture.conversation, ...(index === 5 ? last : { trigger: { url, triggers: [`WORD${index}`] } }) },
      }));
    await engine.up(webhooks({ trigger: { url, triggers: ["HELP"] } }));
    await engine.up(webhooks({ webhook: { url, filters: ["onMessageAdded"] } }));
    expect(await created()).toHaveLength(5);
  });
});

describe("a closed conversation", () => {
  const closed = async () => {
    const resource = await oneResource(twilio, conversation);
    await resource.engine.up(resource.program({ service: "«service»" }));
    const { id } = resource.engine.of("it");
    await twilio.rest("POST", ...twilio.pathOf(conversation.type, id), { State: "closed" });
    await resource.engine.refresh();
    return { ...resource, id };
  };

  it("is replaced where Twilio cannot change a property, because the new one is not closed", async () => {
    const { engine, program, created, id } = await closed();
    expect(await engine.up(program({ service: "«otherService»" }))).toEqual({ it: "replace" });
    expect(engine.of("it").id).not.toBe(id);
    expect(await created()).toEqual([]);
    expect((await twilio.read(conversation.type, engine.of("it").id)).state).toBe("active");
  });

  it("is not changed in place: the error says that it is closed", async () => {
    const { engine, program, id } = await closed();
    const renamed = engine.preview(program({ service: "«service»", friendlyName: "Later" }));
    await expect(renamed).rejects.toThrow(`Conversation ${id} is closed, and a closed conversation cannot be changed (friendlyName)`);
  });

  it("that somebody has renamed and closed is drift in a refresh, which changes nothing and refuses nothing", async () => {
    const { of } = fake(() => ({ chat_service_sid: service, state: "closed", friendly_name: "Theirs" }));
    const declared = { service, friendlyName: "Ours" };
    const cycle = of(conversation);
    const read = await cycle.read(conversationId, { accountSid: account, ...declared });
    // The engine compares the outputs that were read with the inputs that it has, and checks nothing.
    expect(await cycle.diff(conversationId, read?.outputs as Props, declared)).toMatchObject({ changes: ["friendlyName"], replaces: [] });
    const { inputs } = await cycle.check(declared, { ...declared, __urn: "urn" });
    await expect(cycle.diff(conversationId, read?.outputs as Props, inputs)).rejects.toThrow("a closed conversation cannot be changed");
  });
});

describe("two participants that swap their identities", () => {
  it("are correct after at most two runs, without a duplicate", async () => {
    const { engine, fixture, created } = await oneResource(twilio, participant);
    const people = (one: string, two: string): Declared[] =>
      [one, two].map((identity, index) => ({
        name: `p${index}`,
        definition: participant,
        args: { conversation: fixture.conversation, identity },
      }));
    await engine.up(people("ada", "bob"));
    await engine.up(people("bob", "ada")).catch(() => engine.up(people("bob", "ada")));
    await expectSettled(twilio, engine, people("bob", "ada"));
    expect(await created()).toHaveLength(2);
    expect([engine.of("p0").outputs.identity, engine.of("p1").outputs.identity]).toEqual(["bob", "ada"]);
  });
});

describe("a number that the engine is told to replace", () => {
  it.each([{ areaCode: "415" }, { search: { country: "US", areaCode: "415" } }])(
    "is replaced by another number, and only the old one is released (%j)",
    async (way) => {
      const { engine, program, created } = await oneResource(twilio, phoneNumber);
      const number = program({ ...way, onDelete: "release" });
      await engine.up(number);
      const [old] = await created();
      expect(await engine.up(number, { replace: "it" })).toEqual({ it: "replace" });
      expect(engine.of("it").id).not.toBe(old);
      expect(await created()).toEqual([engine.of("it").id]);
      await expectSettled(twilio, engine, number);
    },
  );
});

describe("an explicitly declared number that the engine is told to replace", () => {
  it("is refused, because the old and the new number are the same and it would be released", async () => {
    const { engine, program, created } = await oneResource(twilio, phoneNumber);
    const number = program({ phoneNumber: twilio.forSale[7], onDelete: "release" });
    await engine.up(number);
    const before = await created();
    await expect(engine.up(number, { replace: "it" })).rejects.toThrow(/already belongs to this account/);
    expect(await created()).toEqual(before);
    await expectSettled(twilio, engine, number);
  });
});
