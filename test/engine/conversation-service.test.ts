import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Conversation, ConversationService } from "../../src/index";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";
import { fetchOrUndefined } from "./twilio";

describe("a ConversationService that holds conversations", () => {
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

  it("cannot be renamed while it holds a conversation of this stack, and the preview reports why", async () => {
    args = { friendlyName: "Help" };
    const { hello } = await lab.stack.state();
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain(
      `Twilio cannot rename a service: replacing "Support" (${await service()}) deletes its contents: conversation ${hello?.id.split("/")[1]} ("hello")`,
    );
    expect(outcome.text).toContain("Keep the name, or set forceDestroy: true to lose them.");
    expect(outcome.text).not.toContain("    at ");
  });

  it("can be neither renamed nor destroyed while it holds a conversation that this stack does not manage", async () => {
    args = { friendlyName: "Support" };
    withConversation = false;
    expectOk(await lab.stack.up());
    const unmanaged = await lab.twilio.client.conversations.v1.services(await service()).conversations.create({ friendlyName: "By hand" });

    args = { friendlyName: "Help" };
    const preview = await lab.stack.preview();
    expect(preview.ok).toBe(false);
    expect(preview.text).toContain(`conversation ${unmanaged.sid} with`);

    const destroyed = await lab.stack.destroy();
    expect(destroyed.ok).toBe(false);
    expect(destroyed.text).toContain(
      `ConversationService ${await service()} holds conversation ${unmanaged.sid}, which this stack does not manage`,
    );
    const { conversations } = lab.twilio.client.conversations.v1.services(await service());
    expect(await fetchOrUndefined(conversations(unmanaged.sid).fetch())).toBeDefined();
    expect(await lab.stack.state()).toHaveProperty("support");
  });

  it("is replaced by a new name with forceDestroy", async () => {
    const before = await service();
    args = { friendlyName: "Help", forceDestroy: true };
    const outcome = await lab.stack.up();
    expectOk(outcome);
    expect(outcome.changes).toEqual({ support: "replace" });
    expect(await fetchOrUndefined(lab.twilio.client.conversations.v1.services(before).fetch())).toBeUndefined();
    expect((await lab.twilio.client.conversations.v1.services(await service()).fetch()).friendlyName).toBe("Help");
    expectNothing(await lab.stack.preview());
  });

  it("is destroyed together with its conversations with forceDestroy", async () => {
    const sid = await service();
    await lab.twilio.client.conversations.v1.services(sid).conversations.create({ friendlyName: "By hand" });
    expectOk(await lab.stack.destroy());
    expect(await fetchOrUndefined(lab.twilio.client.conversations.v1.services(sid).fetch())).toBeUndefined();
  });
});

describe("the account's default service", () => {
  it("can be adopted, and destroy never deletes it, even with onDelete and forceDestroy", async () => {
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
      expect(destroyed.text).toContain(
        `ConversationService ${defaultChatServiceSid} is the account's default service and stays at Twilio, whatever onDelete says.`,
      );
      expect(await lab.twilio.writes()).toEqual([]);
      expect((await lab.twilio.client.conversations.v1.services(defaultChatServiceSid).fetch()).friendlyName).toBe(friendlyName);
    } finally {
      await lab.close();
    }
  });
});

describe("a ConversationService that exists before the program runs", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab.close());

  it("is adopted by its name or its SID, and destroy keeps it, also after the program removed `adopt`", async () => {
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

  it("is not adopted by a name that two services have", async () => {
    const { services } = lab.twilio.client.conversations.v1;
    const namesakes = [await services.create({ friendlyName: "Support desk" }), await services.create({ friendlyName: "Support desk" })];
    lab.stack.program = async () => void new ConversationService("desk", { friendlyName: "Support desk", adopt: "Support desk" });
    const outcome = await lab.stack.up();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain("2 objects of kind ConversationService have the same friendlyName (");
    for (const { sid } of namesakes) expect(outcome.text).toContain(sid);
    expect(outcome.text).toContain('Name the right one with adopt: "IS…".');
  });
});
