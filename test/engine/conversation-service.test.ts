import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { conversationService } from "../../src/conversations/service";
import { Conversation, ConversationService } from "../../src/index";
import { conformance, expectNothing, expectOk, type Lab, openLab } from "./conformance";
import { found } from "./twilio";

conformance({
  definition: conversationService,
  type: "pulumi-nodejs:twilio/conversations:ConversationService",
  id: /^IS[0-9a-f]{32}$/,
  make: (name, args, options) => new ConversationService(name, args as never, options),
  get: (name, id) => ConversationService.get(name, id),
  args: (_ground, name) => ({ friendlyName: name }),
  updates: {},
  replaces: {
    friendlyName: () => [{ friendlyName: "Support" }, { friendlyName: "Help" }],
  },
  silent: { forceDestroy: [undefined, true], onDelete: ["retain", "delete"], adopt: [undefined, `IS${"0".repeat(32)}`] },
  fetch: async ({ client }, id) => (await found(client.conversations.v1.services(id).fetch()))?.toJSON(),
  remove: ({ client }, id) => client.conversations.v1.services(id).remove(),
  list: async ({ client }) =>
    (await client.conversations.v1.services.list()).filter(({ friendlyName }) => friendlyName !== "Default Conversations Service"),
  missing: `IS${"0".repeat(32)}`,
});

describe("a service that holds conversations", () => {
  let lab: Lab;
  let args: { friendlyName: string; forceDestroy?: boolean };
  let withConversation = true;

  beforeAll(async () => {
    args = { friendlyName: "Support" };
    lab = await openLab({
      program: async () => {
        const service = new ConversationService("support", args);
        if (withConversation) new Conversation("hello", { service, friendlyName: "My First Conversation" });
      },
    });
    expectOk(await lab.stack.up());
  });
  afterAll(() => lab.close());

  const service = async () => (await lab.stack.state()).support?.id as string;

  it("is not renamed while it holds a conversation of this stack: the preview says why", async () => {
    args = { friendlyName: "Help" };
    const { hello } = await lab.stack.state();
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain(
      `Twilio cannot rename a service, so "Support" (${await service()}) would be deleted with all it holds, conversation ${hello?.id.split("/")[1]} ("My First Conversation")`,
    );
    expect(outcome.text).toContain("Keep the name, or set forceDestroy: true to lose them.");
    expect(outcome.text).not.toContain("    at ");
  });

  it("is not renamed, nor destroyed, while it holds one that this stack does not manage", async () => {
    args = { friendlyName: "Support" };
    withConversation = false;
    expectOk(await lab.stack.up());
    const unmanaged = await lab.twilio.client.conversations.v1.services(await service()).conversations.create({ friendlyName: "By hand" });

    args = { friendlyName: "Help" };
    const preview = await lab.stack.preview();
    expect(preview.ok).toBe(false);
    expect(preview.text).toContain(`conversation ${unmanaged.sid} ("By hand")`);

    const destroyed = await lab.stack.destroy();
    expect(destroyed.ok).toBe(false);
    expect(destroyed.text).toContain(
      `ConversationService ${await service()} still holds conversation ${unmanaged.sid} ("By hand"), which this stack does not manage`,
    );
    const { conversations } = lab.twilio.client.conversations.v1.services(await service());
    expect(await found(conversations(unmanaged.sid).fetch())).toBeDefined();
    expect(await lab.stack.state()).toHaveProperty("support");
  });

  it("is renamed, which replaces it, with forceDestroy", async () => {
    const before = await service();
    args = { friendlyName: "Help", forceDestroy: true };
    const outcome = await lab.stack.up();
    expectOk(outcome);
    expect(outcome.changes).toEqual({ support: "replace" });
    expect(await found(lab.twilio.client.conversations.v1.services(before).fetch())).toBeUndefined();
    expect((await lab.twilio.client.conversations.v1.services(await service()).fetch()).friendlyName).toBe("Help");
    expectNothing(await lab.stack.preview());
  });

  it("is destroyed with what it holds, with forceDestroy", async () => {
    const sid = await service();
    await lab.twilio.client.conversations.v1.services(sid).conversations.create({ friendlyName: "By hand" });
    expectOk(await lab.stack.destroy());
    expect(await found(lab.twilio.client.conversations.v1.services(sid).fetch())).toBeUndefined();
  });
});

describe("the account's default service", () => {
  it("is adopted like any other, and never deleted, whatever the program says", async () => {
    const lab = await openLab();
    try {
      const { defaultChatServiceSid } = await lab.twilio.client.conversations.v1.configuration().fetch();
      const { friendlyName } = await lab.twilio.client.conversations.v1.services(defaultChatServiceSid).fetch();
      lab.stack.program = async () => {
        new ConversationService("default", { friendlyName, adopt: defaultChatServiceSid, onDelete: "delete", forceDestroy: true });
      };
      expectOk(await lab.stack.up());
      expectNothing(await lab.stack.up());
      await lab.twilio.forgetCalls();
      const destroyed = await lab.stack.destroy();
      expectOk(destroyed);
      expect(destroyed.text).toContain(`ConversationService ${defaultChatServiceSid} is the account's default and stays at Twilio`);
      expect(await lab.twilio.writes()).toEqual([]);
      expect((await lab.twilio.client.conversations.v1.services(defaultChatServiceSid).fetch()).friendlyName).toBe(friendlyName);
    } finally {
      await lab.close();
    }
  });
});

describe("a service that is there already", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab.close());

  it("is adopted by its name or its SID, and kept by destroy, also after the program forgot that it was adopted", async () => {
    const { services } = lab.twilio.client.conversations.v1;
    const [support, help] = [await services.create({ friendlyName: "Support" }), await services.create({ friendlyName: "Help" })];
    await lab.twilio.forgetCalls();
    let adopted = true;
    lab.stack.program = async () => {
      new ConversationService("support", { friendlyName: "Support", ...(adopted && { adopt: "Support" }) });
      new ConversationService("help", { friendlyName: "Help", ...(adopted && { adopt: help.sid }) });
    };
    expectOk(await lab.stack.up());
    expect(await lab.twilio.writes()).toEqual([]);
    const state = await lab.stack.state();
    expect([state.support?.id, state.help?.id]).toEqual([support.sid, help.sid]);
    adopted = false;
    expectNothing(await lab.stack.up());
    const outcome = await lab.stack.destroy();
    expectOk(outcome);
    expect((await services.list()).map(({ sid }) => sid)).toEqual(expect.arrayContaining([support.sid, help.sid]));
  });

  it("is not adopted where the name is not clear", async () => {
    const { services } = lab.twilio.client.conversations.v1;
    const twins = [await services.create({ friendlyName: "Twin" }), await services.create({ friendlyName: "Twin" })];
    lab.stack.program = async () => void new ConversationService("twin", { friendlyName: "Twin", adopt: "Twin" });
    const outcome = await lab.stack.up();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain('2 services are called "Twin"');
    for (const { sid } of twins) expect(outcome.text).toContain(sid);
    expect(outcome.text).toContain('name the one that is meant with adopt: "IS…"');
  });
});
