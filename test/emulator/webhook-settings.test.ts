import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { useEmulator } from "./support/emulator";
import { useReceiver } from "./support/receiver";
import { WITH_WEBHOOKS } from "./support/webhooks";

const twilio = useEmulator();
const receiver = useReceiver();
const FLOW = `FW${"a".repeat(32)}`;
const URL_A = "https://example.com/a";

describe("the webhook settings of account and service", () => {
  it("are unset by default and independent of each other", async () => {
    const { configuration, services } = twilio.conversations;
    const service = services((await services.create({ friendlyName: "x" })).sid).configuration.webhooks;
    const unset = { preWebhookUrl: null, postWebhookUrl: null, filters: null };
    expect(await configuration.webhooks().fetch()).toMatchObject({ ...unset, method: "POST", target: "webhook" });
    expect(await service().fetch()).toMatchObject({ ...unset, method: null });
    await service().update({ postWebhookUrl: URL_A, filters: ["onMessageAdded", "onMessageAdd"], method: "get" });
    const set = { preWebhookUrl: null, postWebhookUrl: URL_A, filters: ["onMessageAdded", "onMessageAdd"], method: "GET" };
    expect(await service().fetch()).toMatchObject(set);
    expect(await configuration.webhooks().fetch()).toMatchObject(unset);
    expect(await configuration.webhooks().update({ target: "flex", preWebhookUrl: URL_A })).toMatchObject({
      target: "flex",
      preWebhookUrl: URL_A,
    });
    expect(await service().update({ postWebhookUrl: "" })).toMatchObject({ ...set, postWebhookUrl: null });
  });

  it("of the account have an older path too", async () => {
    const { url, accountSid, authToken } = twilio.emulator;
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const older = (init: RequestInit) =>
      fetch(`${url}/conversations.twilio.com/v1/Conversations/Webhooks`, { ...init, headers: { authorization } }).then((one) => one.json());
    const set = { post_webhook_url: URL_A, method: "GET", url: "https://conversations.twilio.com/v1/Configuration/Webhooks" };
    expect(await older({ method: "POST", body: new URLSearchParams({ PostWebhookUrl: URL_A, Method: "GET" }) })).toMatchObject(set);
    expect(await older({})).toMatchObject(set);
    expect(await twilio.conversations.configuration.webhooks().fetch()).toMatchObject({ postWebhookUrl: URL_A, method: "GET" });
  });

  it("have no filters again after an empty value", async () => {
    const { webhooks } = twilio.conversations.configuration;
    await webhooks().update({ filters: ["onMessageAdded"] });
    expect(await webhooks().update({ filters: [""] })).toMatchObject({ filters: null });
  });

  it("reject invalid values", async () => {
    const update = (options: object) => errorOf(twilio.conversations.configuration.webhooks().update(options));
    expect(await update({ method: "PUT" })).toMatchObject({ status: 400, code: 50055 });
    expect(await update({ preWebhookUrl: "example" })).toMatchObject({ status: 400, code: 50077 });
    expect(await update({ postWebhookUrl: "ftp://example.com" })).toMatchObject({ status: 400, code: 50078 });
    expect(await update({ filters: ["onMessageSent"] })).toMatchObject({ status: 400, code: 50054 });
  });
});

describe("the webhooks of a conversation", () => {
  const newConversation = async () => twilio.conversations.conversations((await twilio.conversations.conversations.create()).sid);

  it("have the parameters of their target", async () => {
    const conversation = await newConversation();
    const webhook = { target: "webhook" as const, "configuration.url": URL_A, "configuration.filters": ["onMessageAdded"] };
    expect((await conversation.webhooks.create(webhook)).configuration).toEqual({
      url: URL_A,
      method: "post",
      filters: ["onMessageAdded"],
    });
    const trigger = { target: "trigger" as const, "configuration.url": URL_A, "configuration.triggers": ["help"] };
    const created = await conversation.webhooks.create({ ...trigger, "configuration.method": "get" });
    expect(created.configuration).toEqual({ url: URL_A, method: "get", triggers: ["help"] });
    await conversation.webhooks.create({ target: "studio", "configuration.flowSid": FLOW });
    expect(await conversation.webhooks(created.sid).update({ "configuration.triggers": ["a", "b"] })).toMatchObject({
      target: "trigger",
      configuration: { url: URL_A, method: "get", triggers: ["a", "b"] },
    });
    await conversation.webhooks(created.sid).remove();
    expect(await errorOf(conversation.webhooks(created.sid).fetch())).toMatchObject({ status: 404, code: 20404 });
    expect((await conversation.webhooks.list()).map(({ target }) => target)).toEqual(["webhook", "studio"]);
    const elsewhere = await newConversation();
    const [first] = await conversation.webhooks.list();
    expect(await errorOf(elsewhere.webhooks(first?.sid ?? "").fetch())).toMatchObject({ status: 404 });
  });

  it("return their method as it was sent, and use it", async () => {
    const conversation = await newConversation();
    const webhook = { target: "webhook" as const, "configuration.url": receiver.url, "configuration.filters": ["onMessageAdded"] };
    for (const method of ["POST", "post", "GET", "Get"]) {
      const { sid, configuration } = await conversation.webhooks.create({ ...webhook, "configuration.method": method as "get" });
      expect(configuration).toHaveProperty("method", method);
      expect((await conversation.webhooks(sid).fetch()).configuration).toHaveProperty("method", method);
    }
    const [first] = await conversation.webhooks.list();
    const updated = await conversation.webhooks(first?.sid as string).update({ "configuration.method": "GET" as "get" });
    expect(updated.configuration).toHaveProperty("method", "GET");
    const wrong = errorOf(conversation.webhooks.create({ ...webhook, "configuration.method": "PUT" as "get" }));
    expect(await wrong).toMatchObject({ status: 400, code: 20001 });
    await conversation.messages.create({ body: "hi", ...WITH_WEBHOOKS });
    expect((await receiver.waitFor(4)).map(({ method }) => method).sort()).toEqual(["GET", "GET", "GET", "POST"]);
  });

  it("ignore a new target and a new replay index in an update", async () => {
    const conversation = await newConversation();
    const webhook = { target: "webhook" as const, "configuration.url": URL_A, "configuration.filters": ["onMessageAdded"] };
    const { sid } = await conversation.webhooks.create({ ...webhook, "configuration.replayAfter": 0 });
    const update = { target: "studio", "configuration.flowSid": FLOW, "configuration.replayAfter": 7, "configuration.method": "get" };
    const updated = await conversation.webhooks(sid).update(update as object);
    expect(updated.target).toBe("webhook");
    // No response contains the replay index.
    expect(updated.configuration).toEqual({ url: URL_A, method: "get", filters: ["onMessageAdded"] });
    expect((await conversation.webhooks(sid).fetch()).configuration).toEqual(updated.configuration);
    const failUpdate = (options: object) => errorOf(conversation.webhooks(sid).update(options));
    expect(await failUpdate({ "configuration.url": "" })).toMatchObject({ status: 400, code: 50369 });
    expect(await failUpdate({ "configuration.filters": [""] })).toMatchObject({ status: 400, code: 50370 });
    const negative = errorOf(conversation.webhooks.create({ ...webhook, "configuration.replayAfter": -1 }));
    expect(await negative).toMatchObject({ status: 400, code: 20001 });
  });

  it("keep the order of their filters without duplicates, and may be equal", async () => {
    const conversation = await newConversation();
    const filters = ["onParticipantAdded", "onMessageAdded", "onParticipantAdded"];
    const create = () => conversation.webhooks.create({ target: "webhook", "configuration.url": URL_A, "configuration.filters": filters });
    const [first, second] = [await create(), await create()];
    expect(first.configuration).toEqual({ url: URL_A, method: "post", filters: ["onParticipantAdded", "onMessageAdded"] });
    expect(second.configuration).toEqual(first.configuration);
    expect((await conversation.webhooks.list()).map(({ sid }) => sid)).toEqual([first.sid, second.sid]);
  });

  it("contain the service only if the path does", async () => {
    const conversation = await newConversation();
    const { chatServiceSid } = await conversation.fetch();
    const webhook = await conversation.webhooks.create({ target: "studio", "configuration.flowSid": FLOW });
    const root = "https://conversations.twilio.com/v1";
    const path = `Conversations/${webhook.conversationSid}/Webhooks/${webhook.sid}`;
    expect(webhook.url).toBe(`${root}/${path}`);
    expect(twilio.http.last().body).not.toHaveProperty("chat_service_sid");
    const scoped = twilio.conversations.services(chatServiceSid).conversations(webhook.conversationSid).webhooks(webhook.sid);
    expect(await scoped.fetch()).toMatchObject({ chatServiceSid, url: `${root}/Services/${chatServiceSid}/${path}` });
    expect(await scoped.update({ "configuration.flowSid": `FW${"b".repeat(32)}` })).toMatchObject({ chatServiceSid });
  });

  it("reject invalid values", async () => {
    const conversation = await newConversation();
    const create = (options: object) => errorOf(conversation.webhooks.create(options as { target: "webhook" }));
    const webhook = { target: "webhook", "configuration.url": URL_A };
    const trigger = { target: "trigger", "configuration.url": URL_A };
    expect(await create({ target: "" })).toMatchObject({ status: 400, code: 50368 });
    expect(await create({ target: "pigeon" })).toMatchObject({ status: 400, code: 50364 });
    expect(await create({ target: "webhook" })).toMatchObject({ status: 400, code: 50369 });
    expect(await create({ ...webhook, "configuration.url": `${URL_A}${"a".repeat(512)}` })).toMatchObject({ status: 400, code: 50372 });
    expect(await create(webhook)).toMatchObject({ status: 400, code: 50370 });
    // A conversation's webhooks cannot be pre-webhooks.
    expect(await create({ ...webhook, "configuration.filters": ["onMessageAdd"] })).toMatchObject({ status: 400, code: 50365 });
    expect(await create(trigger)).toMatchObject({ status: 400, code: 50371 });
    expect(await create({ ...trigger, "configuration.triggers": ["a", "b", "c", "d", "e", "f"] })).toMatchObject({ code: 50362 });
    expect(await create({ ...trigger, "configuration.triggers": ["x".repeat(249)] })).toMatchObject({ status: 400, code: 50366 });
    expect(await create({ target: "studio", "configuration.flowSid": "FW1" })).toMatchObject({ status: 400, code: 50367 });
  });

  it("are limited to five and deleted with their conversation", async () => {
    const conversation = await newConversation();
    const create = () => conversation.webhooks.create({ target: "studio", "configuration.flowSid": FLOW });
    const created = [await create(), await create(), await create(), await create(), await create()];
    expect(await errorOf(create())).toMatchObject({ status: 403, code: 50361 });
    expect(await conversation.webhooks.list()).toHaveLength(5);
    await conversation.webhooks(created[0]?.sid ?? "").remove();
    await create();
    await conversation.remove();
    expect(await errorOf(conversation.webhooks(created[1]?.sid ?? "").fetch())).toMatchObject({ status: 404 });
  });
});

describe("the push notifications of a service", () => {
  it("are off by default; each setting is independent, and belongs to its service", async () => {
    const { services } = twilio.conversations;
    const [one, other] = [await services.create({ friendlyName: "x" }), await services.create({ friendlyName: "y" })];
    const of = ({ sid }: { sid: string }) => services(sid).configuration.notifications();
    const off = { enabled: false, template: null, sound: null };
    const unset = {
      logEnabled: false,
      newMessage: { ...off, badge_count_enabled: false, with_media: { enabled: false, template: null } },
      addedToConversation: off,
      removedFromConversation: off,
    };
    expect(await of(one).fetch()).toMatchObject({ ...unset, chatServiceSid: one.sid });
    const text = "$".concat("{PARTICIPANT}");
    await of(one).update({
      "newMessage.enabled": true,
      "newMessage.template": text,
      "newMessage.withMedia.enabled": true,
      logEnabled: true,
    });
    await of(one).update({ "addedToConversation.sound": "chime", "newMessage.badgeCountEnabled": true });
    expect(await of(one).fetch()).toMatchObject({
      logEnabled: true,
      newMessage: { enabled: true, template: text, sound: null, badge_count_enabled: true, with_media: { enabled: true, template: null } },
      addedToConversation: { ...off, sound: "chime" },
      removedFromConversation: off,
    });
    expect(await of(one).update({ "newMessage.template": "" })).toMatchObject({ newMessage: { enabled: true, template: null } });
    expect(await of(other).fetch()).toMatchObject(unset);
    await services(one.sid).remove();
    expect(await errorOf(of(one).fetch())).toMatchObject({ status: 404 });
  });
});
