import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversation } from "../../src/conversations/conversation";
import { Conversation, type ConversationArgs, ConversationService } from "../../src/index";
import { conformance, expectNothing, expectOk, type Lab, openLab } from "./conformance";
import { found } from "./twilio";

const at = (id: string) => {
  const [service, conversation] = id.split("/") as [string, string];
  return { service, conversation };
};

const email = (bindings: unknown) =>
  (bindings as { email?: { name?: string | null; projected_address?: string | null } }).email ?? { name: null, projected_address: null };
/** Twilio tells when the timer fires, and nothing of a timer that there is not. */
const timer = (key: string) => ({
  shown: [expect.any(String), expect.any(String)] as const,
  none: null,
  live: ({ timers }: Record<string, unknown>) => (timers as Record<string, string>)[key] ?? null,
});

/** Messaging services. */
const senders: string[] = [];

conformance({
  definition: conversation,
  type: "pulumi-nodejs:twilio/conversations:Conversation",
  id: /^IS[0-9a-f]{32}\/CH[0-9a-f]{32}$/,
  make: (name, args, options) => new Conversation(name, args, options),
  get: (name, id) => Conversation.get(name, id),
  ground: () => ({
    service: new ConversationService("ground", { friendlyName: "Ground" }),
    other: new ConversationService("other-ground", { friendlyName: "Other ground" }),
  }),
  prepare: async ({ client }) => {
    for (const friendlyName of ["One", "Two"]) senders.push((await client.messaging.v1.services.create({ friendlyName })).sid);
  },
  args: ({ service }) => ({ service }),
  updates: {
    friendlyName: { values: ["Hello", "Hello again"] },
    "bindings.email.name": { values: ["Front desk", "Reception"], live: ({ bindings }) => email(bindings).name },
    "bindings.email.address": { values: ["a@example.com", "b@example.com"], live: ({ bindings }) => email(bindings).projected_address },
    "timers.closed": { ...timer("date_closed"), values: ["PT30M", "P1D"] },
    uniqueName: { values: ["hello", "hello-again"], none: expect.stringMatching(/^set-uniqueName~[0-9a-f]{7}$/) },
    messagingServiceSid: {
      values: [() => senders[0], () => senders[1]],
      shown: [expect.stringMatching(/^MG/), expect.stringMatching(/^MG/)],
      none: expect.stringMatching(/^MG/),
    },
    attributes: { values: [{ color: "red" }, { color: "blue" }], shown: ['{"color":"red"}', '{"color":"blue"}'], none: "{}" },
    state: { values: ["inactive", "active"], none: "active" },
    "timers.inactive": { ...timer("date_inactive"), values: ["PT5M", "PT10M"] },
  },
  replaces: {
    service: ({ service, other }) => [{ service }, { service: other }],
  },
  silent: {
    forceDestroy: [undefined, true],
    onDelete: ["delete", undefined],
    adopt: [undefined, "CH00000000000000000000000000000000"],
  },
  drift: {
    property: "friendlyName",
    declared: "As declared",
    change: ({ client }, id) => {
      const { service, conversation } = at(id);
      return client.conversations.v1.services(service).conversations(conversation).update({ friendlyName: "As somebody likes it" });
    },
  },
  fetch: async ({ client }, id) => {
    const { service, conversation } = at(id);
    return (await found(client.conversations.v1.services(service).conversations(conversation).fetch()))?.toJSON();
  },
  remove: ({ client }, id) => {
    const { service, conversation } = at(id);
    return client.conversations.v1.services(service).conversations(conversation).remove();
  },
  list: async ({ client }) => {
    const services = await client.conversations.v1.services.list();
    return (await Promise.all(services.map(({ sid }) => client.conversations.v1.services(sid).conversations.list()))).flat();
  },
  missing: `IS${"0".repeat(32)}/CH${"0".repeat(32)}`,
});

describe("a conversation that holds messages", () => {
  let lab: Lab;
  let args: ConversationArgs = {};
  let moved = false;
  let declared = true;
  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        const other = new ConversationService("other", { friendlyName: "Other" });
        if (declared) new Conversation("hello", { service: moved ? other : service, friendlyName: "Hello", ...args });
      },
    });
    expectOk(await lab.stack.up());
    const { service, conversation } = at(await id());
    const there = lab.twilio.client.conversations.v1.services(service).conversations(conversation);
    for (const body of ["one", "two", "three"]) await there.messages.create({ author: "ada", body });
  });
  afterAll(() => lab.close());
  const id = async () => String((await lab.stack.state()).hello?.id);
  const messages = async () => {
    const { service, conversation } = at(await id());
    return lab.twilio.client.conversations.v1.services(service).conversations(conversation).messages.list();
  };
  const lost = /its messages, the last of which is number 3, of \d{4}-\d\d-\d\dT/;

  it("is not replaced: the preview says what would be lost", async () => {
    moved = true;
    await lab.twilio.forgetCalls();
    for (const operation of ["preview", "up"] as const) {
      const outcome = await lab.stack[operation]();
      expect(outcome.ok).toBe(false);
      expect(outcome.text).toMatch(lost);
      expect(outcome.text).toContain("set forceDestroy: true to lose them");
    }
    expect(await lab.twilio.writes()).toEqual([]);
    moved = false;
  });

  it("is neither removed nor destroyed", async () => {
    declared = false;
    const removed = await lab.stack.up();
    declared = true;
    for (const outcome of [removed, await lab.stack.destroy()]) {
      expect(outcome.ok).toBe(false);
      expect(outcome.text).toMatch(lost);
    }
    expect((await messages()).map(({ body }) => body)).toEqual(["one", "two", "three"]);
    expectOk(await lab.stack.up());
  });

  it("is replaced with forceDestroy, and with onDelete retain, which loses nothing", async () => {
    const before = at(await id());
    moved = true;
    args = { forceDestroy: true };
    expect((await lab.stack.up()).changes).toEqual({ hello: "replace" });
    const { client } = lab.twilio;
    expect(await found(client.conversations.v1.services(before.service).conversations(before.conversation).fetch())).toBeUndefined();
    const kept = at(await id());
    await client.conversations.v1.services(kept.service).conversations(kept.conversation).messages.create({ author: "ada", body: "x" });
    args = { onDelete: "retain" };
    expectOk(await lab.stack.up());
    moved = false;
    expect((await lab.stack.up()).changes).toEqual({ hello: "replace" });
    expect(await found(client.conversations.v1.services(kept.service).conversations(kept.conversation).fetch())).toBeDefined();
    args = {};
  });
});

describe("a conversation", () => {
  let lab: Lab;
  let args: ConversationArgs = {};
  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        new Conversation("hello", { service, ...args });
      },
    });
  });
  afterAll(() => lab.close());

  const live = async () => {
    const { hello } = await lab.stack.state();
    const { service, conversation } = at(String(hello?.id));
    return lab.twilio.client.conversations.v1.services(service).conversations(conversation);
  };

  it("cannot begin closed: the preview says so", async () => {
    args = { state: "closed" };
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain("a conversation cannot begin closed: create it first, then declare the state");
    expect(await lab.twilio.writes()).toEqual([]);
  });

  it("shares its attributes with the application: declared keys are kept as declared, others are left alone", async () => {
    args = { attributes: { color: "red", size: 1 } };
    expectOk(await lab.stack.up());
    const conversation = await live();
    await conversation.update({ attributes: JSON.stringify({ color: "red", size: 1, ticket: { id: 7 } }) });
    expectNothing(await lab.stack.up());
    const refreshed = await lab.stack.refresh();
    expectOk(refreshed);
    expect(refreshed.changes).toEqual({});

    args = { attributes: { color: "blue" } };
    const plan = await lab.stack.preview();
    expect(plan.steps.find(({ name }) => name === "hello")?.diff).toEqual({ "attributes.color": "update", "attributes.size": "delete" });
    expectOk(await lab.stack.up());
    expect(JSON.parse((await conversation.fetch()).attributes)).toEqual({ color: "blue", ticket: { id: 7 } });

    args = {};
    expectOk(await lab.stack.up());
    expect(JSON.parse((await conversation.fetch()).attributes)).toEqual({ ticket: { id: 7 } });
    expectNothing(await lab.stack.up());
  });

  it("is taken for the same whichever way a duration is written", async () => {
    args = { timers: { inactive: "PT60M", closed: "P1D" } };
    expectOk(await lab.stack.up());
    args = { timers: { inactive: "PT1H", closed: "PT24H" } };
    await lab.twilio.forgetCalls();
    expectNothing(await lab.stack.up());
    expect(await lab.twilio.calls()).toEqual([]);
    args = {};
    expectOk(await lab.stack.up());
  });

  it("says what to do when it was deleted and is to be changed, and comes back after a refresh", async () => {
    await (await live()).remove();
    args = { friendlyName: "Hello" };
    const outcome = await lab.stack.up();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain("pulumi refresh");
    expectOk(await lab.stack.refresh());
    expectOk(await lab.stack.up());
    expect((await (await live()).fetch()).friendlyName).toBe("Hello");
  });

  it("is closed where that is declared, and then neither reopened nor changed: the preview refuses", async () => {
    args = { friendlyName: "Hello", state: "closed" };
    const closed = await lab.stack.up();
    expectOk(closed);
    expect(closed.changes).toEqual({ hello: "update" });
    expect((await (await live()).fetch()).state).toBe("closed");
    expectNothing(await lab.stack.up());

    const { hello } = await lab.stack.state();
    for (const [changed, why] of [
      [{ friendlyName: "Hello", state: "active" }, 'cannot become "active" again'],
      [{ friendlyName: "Goodbye", state: "closed" }, "cannot be changed (friendlyName)"],
    ] as const) {
      args = changed;
      const outcome = await lab.stack.preview();
      expect(outcome.ok).toBe(false);
      expect(outcome.text).toContain(`Conversation ${hello?.id} is closed, and a closed conversation ${why}.`);
      expect(outcome.text).not.toMatch(/^ +at /m);
    }
  });

  it("stays closed when the program no longer says so", async () => {
    args = { friendlyName: "Hello" };
    await lab.twilio.forgetCalls();
    expectOk(await lab.stack.up());
    expect(await lab.twilio.writes()).toEqual([]);
    expectNothing(await lab.stack.up());
  });

  it("is adopted by its unique name, keeps it also when the program forgets the adoption, and stays on destroy", async () => {
    const { v1 } = lab.twilio.client.conversations;
    const service = await v1.services.create({ friendlyName: "By hand" });
    const byHand = await v1.services(service.sid).conversations.create({ uniqueName: "the-room", friendlyName: "The room" });
    let adopt: string | undefined = "the-room";
    const others = lab.stack.program;
    lab.stack.program = async () => {
      await others();
      new Conversation("room", { service: service.sid, friendlyName: "Our room", adopt });
    };
    expectOk(await lab.stack.up());
    expect((await lab.stack.state()).room?.id).toBe(`${service.sid}/${byHand.sid}`);
    expectNothing(await lab.stack.up());
    adopt = undefined;
    expectNothing(await lab.stack.up());
    lab.stack.program = async () => {
      await others();
      new Conversation("room", { service: service.sid, friendlyName: "Still our room" });
    };
    expectOk(await lab.stack.up());
    const room = v1.services(service.sid).conversations(byHand.sid);
    expect(await room.fetch()).toMatchObject({ uniqueName: "the-room", friendlyName: "Still our room" });
    expectOk(await lab.stack.destroy());
    expect(await found(room.fetch())).toBeDefined();
  });
});
