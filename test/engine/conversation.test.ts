import type { Output } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  Conversation,
  type ConversationArgs,
  ConversationService,
  type GetConversationResult,
  getConversationOutput,
} from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";
import { fetchOrUndefined } from "./twilio";

const at = (id: string) => {
  const [service, conversation] = id.split("/") as [string, string];
  return { service, conversation };
};

describe("a Conversation that holds messages", () => {
  let lab: Lab;
  let args: ConversationArgs = {};
  let isMoved = false;
  let isDeclared = true;
  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        const other = new ConversationService("other", { friendlyName: "Other" });
        if (isDeclared) new Conversation("hello", { service: isMoved ? other : service, friendlyName: "Hello", ...args });
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

  it("is not replaced, and the preview reports what would be lost", async () => {
    isMoved = true;
    await lab.twilio.forgetCalls();
    for (const operation of ["preview", "up"] as const) {
      const outcome = await lab.stack[operation]();
      expect(outcome.ok).toBe(false);
      expect(outcome.text).toMatch(lost);
      expect(outcome.text).toContain("set forceDestroy: true to lose them");
    }
    expect(await lab.twilio.writes()).toEqual([]);
    isMoved = false;
  });

  it("is deleted neither by an update nor by destroy", async () => {
    isDeclared = false;
    const removed = await lab.stack.up();
    isDeclared = true;
    for (const outcome of [removed, await lab.stack.destroy()]) {
      expect(outcome.ok).toBe(false);
      expect(outcome.text).toMatch(lost);
    }
    expect((await messages()).map(({ body }) => body)).toEqual(["one", "two", "three"]);
    expectOk(await lab.stack.up());
  });

  it('is replaced with forceDestroy, and with onDelete: "retain", which keeps the old one', async () => {
    const before = at(await id());
    isMoved = true;
    args = { forceDestroy: true };
    expect((await lab.stack.up()).changes).toEqual({ hello: "replace" });
    const { client } = lab.twilio;
    expect(
      await fetchOrUndefined(client.conversations.v1.services(before.service).conversations(before.conversation).fetch()),
    ).toBeUndefined();
    const kept = at(await id());
    await client.conversations.v1.services(kept.service).conversations(kept.conversation).messages.create({ author: "ada", body: "x" });
    args = { onDelete: "retain" };
    expectOk(await lab.stack.up());
    isMoved = false;
    expect((await lab.stack.up()).changes).toEqual({ hello: "replace" });
    expect(await fetchOrUndefined(client.conversations.v1.services(kept.service).conversations(kept.conversation).fetch())).toBeDefined();
    args = {};
  });
});

describe("a Conversation", () => {
  let lab: Lab;
  let args: ConversationArgs = {};
  /** What the program looks up, once it does. */
  let lookUp: ((hello: Conversation, service: ConversationService) => Output<GetConversationResult>) | undefined;
  const wasKnown: boolean[] = [];
  beforeAll(async () => {
    lab = await openLab({
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        const hello = new Conversation("hello", { service, ...args });
        if (lookUp === undefined) return {};
        const found = lookUp(hello, service);
        // A failure is reported by what uses the output.
        (found as unknown as { isKnown: Promise<boolean> }).isKnown.then((isKnown) => wasKnown.push(isKnown)).catch(() => {});
        return { found: found.id };
      },
    });
  });
  afterAll(() => lab.close());

  const live = async () => {
    const { hello } = await lab.stack.state();
    const { service, conversation } = at(String(hello?.id));
    return lab.twilio.client.conversations.v1.services(service).conversations(conversation);
  };

  it("cannot be created closed, and the preview reports it", async () => {
    args = { state: "closed" };
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain('must not be "closed" at creation: create the conversation first, then declare the state');
    expect(await lab.twilio.writes()).toEqual([]);
  });

  it("is looked up by its program: not before it exists, then in updates and previews, and one that does not exist is an error", async () => {
    args = {};
    lookUp = (hello, service) => getConversationOutput({ service, uniqueName: hello.uniqueName });
    expectOk(await lab.stack.preview());
    expectOk(await lab.stack.up());
    const { hello } = await lab.stack.state();
    expect((await lab.stack.outputs()).found).toBe(hello?.id);
    lookUp = (_hello, service) => getConversationOutput({ service, uniqueName: "nobody" });
    const outcome = await lab.stack.preview();
    lookUp = undefined;
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain('there is no Conversation with uniqueName "nobody" under IS');
    expect(outcome.text).not.toMatch(/^ +at /m);
    expect(wasKnown).toEqual([false, true]);
  });

  it("manages the declared keys of its attributes, and keeps the keys that the application wrote", async () => {
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
    // The first resource that a refresh reads loses its identity (see the conformance suite), and the plan shows it as added.
    const { __id: _identity, ...diff } = plan.steps.find(({ name }) => name === "hello")?.diff ?? {};
    expect(diff).toEqual({ "attributes.color": "update", "attributes.size": "delete" });
    expectOk(await lab.stack.up());
    expect(JSON.parse((await conversation.fetch()).attributes)).toEqual({ color: "blue", ticket: { id: 7 } });

    args = {};
    expectOk(await lab.stack.up());
    expect(JSON.parse((await conversation.fetch()).attributes)).toEqual({ ticket: { id: 7 } });
    expectNothing(await lab.stack.up());
  });

  it("has no change when a duration is written in another way", async () => {
    args = { timers: { inactive: "PT60M", closed: "P1D" } };
    expectOk(await lab.stack.up());
    args = { timers: { inactive: "PT1H", closed: "PT24H" } };
    await lab.twilio.forgetCalls();
    expectNothing(await lab.stack.up());
    expect(await lab.twilio.calls()).toEqual([]);
    args = {};
    expectOk(await lab.stack.up());
  });

  it("reports that it was deleted when an update needs it, and is created again after a refresh", async () => {
    await (await live()).remove();
    args = { friendlyName: "Hello" };
    const outcome = await lab.stack.up();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain("pulumi refresh");
    expectOk(await lab.stack.refresh());
    expectOk(await lab.stack.up());
    expect((await (await live()).fetch()).friendlyName).toBe("Hello");
  });

  it("can be closed, and the preview then rejects a change of its state or its properties", async () => {
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

  it("stays closed when the program no longer declares the state", async () => {
    args = { friendlyName: "Hello" };
    await lab.twilio.forgetCalls();
    expectOk(await lab.stack.up());
    expect(await lab.twilio.writes()).toEqual([]);
    expectNothing(await lab.stack.up());
  });

  it("is adopted by its unique name, keeps that name when the program removes `adopt`, and destroy keeps it", async () => {
    const { v1 } = lab.twilio.client.conversations;
    const service = await v1.services.create({ friendlyName: "By hand" });
    const byHand = await v1.services(service.sid).conversations.create({ uniqueName: "front-desk", friendlyName: "Front desk" });
    let adopt: string | undefined = "front-desk";
    const otherResources = lab.stack.program;
    lab.stack.program = async () => {
      await otherResources();
      new Conversation("adopted", { service: service.sid, friendlyName: "Our desk", adopt });
    };
    expectOk(await lab.stack.up());
    expect((await lab.stack.state()).adopted?.id).toBe(`${service.sid}/${byHand.sid}`);
    expectNothing(await lab.stack.up());
    adopt = undefined;
    expectNothing(await lab.stack.up());
    lab.stack.program = async () => {
      await otherResources();
      new Conversation("adopted", { service: service.sid, friendlyName: "Still our desk" });
    };
    expectOk(await lab.stack.up());
    const adopted = v1.services(service.sid).conversations(byHand.sid);
    expect(await adopted.fetch()).toMatchObject({ uniqueName: "front-desk", friendlyName: "Still our desk" });
    expectOk(await lab.stack.destroy());
    expect(await fetchOrUndefined(adopted.fetch())).toBeDefined();
  });
});
