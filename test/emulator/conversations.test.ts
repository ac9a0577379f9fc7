import { describe, expect, it } from "vitest";
import { authorizationOf, errorOf } from "./support/client";
import { defaultService, PATH_STYLES } from "./support/default-service";
import { serveEdge } from "./support/edge";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";
import { send } from "./support/http";

const twilio = useEmulator();
const UNKNOWN = { status: 404, code: 20404 };
const MINUTE = 60;
const iso = (date: Date, seconds: number) => new Date(date.getTime() + seconds * 1000).toISOString().replace(".000", "");

describe.each(PATH_STYLES)("conversations, %s path", (style) => {
  it("are created with defaults", async () => {
    const { scope, root, sid } = await defaultService(twilio, style);
    const conversation = await scope.conversations.create();
    const url = `${root}/Conversations/${conversation.sid}`;
    expect(conversation).toMatchObject({
      sid: expect.stringMatching(/^CH[0-9a-f]{32}$/),
      accountSid: twilio.emulator.accountSid,
      chatServiceSid: sid,
      friendlyName: null,
      uniqueName: null,
      attributes: "{}",
      state: "active",
      timers: {},
      bindings: {},
      url,
      links: { participants: `${url}/Participants`, messages: `${url}/Messages`, webhooks: `${url}/Webhooks`, export: `${url}/Export` },
    });
    expect(twilio.http.last()).toMatchObject({
      status: 201,
      body: { date_created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) },
    });
  });

  it("store all parameters, can be updated, and are found by unique name", async () => {
    const { scope } = await defaultService(twilio, style);
    const created = await scope.conversations.create({
      friendlyName: "My First Conversation",
      uniqueName: "first",
      attributes: '{ "topic": "feedback" }',
      "bindings.email.address": "a@example.com",
      "bindings.email.name": "A",
    });
    expect(created).toMatchObject({
      friendlyName: "My First Conversation",
      uniqueName: "first",
      attributes: '{ "topic": "feedback" }',
      bindings: { email: { projected_address: "a@example.com", name: "A" } },
    });
    expect((await scope.conversations("first").fetch()).sid).toBe(created.sid);
    const updated = await scope
      .conversations("first")
      .update({ friendlyName: "Renamed", uniqueName: "second", attributes: "{}", state: "inactive" });
    expect(updated).toMatchObject({ sid: created.sid, friendlyName: "Renamed", uniqueName: "second", attributes: "{}", state: "inactive" });
    expect(await errorOf(scope.conversations("first").fetch())).toMatchObject(UNKNOWN);
    expect(await scope.conversations("second").update({ uniqueName: "" })).toMatchObject({ uniqueName: null });
  });

  it("ignore unknown parameters", async () => {
    const { scope, sid } = await defaultService(twilio, style);
    const body = new URLSearchParams({ FriendlyName: "x", Color: "red" });
    const path = style === "short" ? "/v1/Conversations" : `/v1/Services/${sid}/Conversations`;
    const authorization = authorizationOf(twilio.emulator);
    const response = await fetch(`${twilio.emulator.url}/conversations.twilio.com${path}`, {
      method: "POST",
      headers: { authorization },
      body,
    });
    expect(response.status).toBe(201);
    expect(await scope.conversations.list()).toHaveLength(1);
  });

  it("reserve their unique name until they are deleted, even if closed", async () => {
    const { scope } = await defaultService(twilio, style);
    const first = await scope.conversations.create({ uniqueName: "name" });
    const create = () => scope.conversations.create({ uniqueName: "name" });
    const conflict = { status: 409, code: 50353, message: "Conversation with provided unique name already exists" };
    expect(await errorOf(create())).toEqual(conflict);
    const other = await scope.conversations.create();
    expect(await errorOf(scope.conversations(other.sid).update({ uniqueName: "name" }))).toEqual(conflict);
    await scope.conversations(first.sid).update({ uniqueName: "name", state: "closed" });
    expect(await errorOf(create())).toEqual(conflict);
    await scope.conversations(first.sid).remove();
    expect((await create()).uniqueName).toBe("name");
  });

  it("are rejected with Twilio's error for each invalid parameter", async () => {
    const { scope } = await defaultService(twilio, style);
    const create = (options: object) => errorOf(scope.conversations.create(options));
    expect(await create({ friendlyName: "x".repeat(257) })).toMatchObject({ status: 400, code: 50003 });
    expect(await create({ uniqueName: "x".repeat(257) })).toMatchObject({ status: 400, code: 50004 });
    expect(await create({ uniqueName: `CH${"a".repeat(32)}` })).toMatchObject({ status: 400, code: 50390 });
    expect(await create({ attributes: "{oops" })).toMatchObject({ status: 400, code: 50304 });
    expect(await create({ attributes: JSON.stringify("x".repeat(16 * 1024)) })).toMatchObject({ status: 400, code: 50303 });
    expect((await scope.conversations.create({ attributes: JSON.stringify("x".repeat(16 * 1024 - 2)) })).attributes).toHaveLength(
      16 * 1024,
    );
    expect(await create({ messagingServiceSid: "" })).toMatchObject({ status: 400, code: 50340 });
    expect(await create({ messagingServiceSid: "MG" })).toMatchObject({ status: 400, code: 50341 });
    expect(await create({ messagingServiceSid: `MG${"0".repeat(32)}` })).toMatchObject({ status: 400, code: 50342 });
    expect(await create({ "bindings.email.address": "hello" })).toMatchObject({ status: 400, code: 20001 });
    expect(await create({ state: "closed" })).toMatchObject({ status: 400, code: 50384 });
    expect(await create({ state: "" })).toMatchObject({ status: 400, code: 50374 });
    expect(await create({ state: "unknown" })).toMatchObject({ status: 400, code: 50378 });
    expect(await create({ "timers.inactive": "PT1H" })).toMatchObject({ status: 400, code: 50382 });
    expect(await create({ state: "active", "timers.inactive": "PT59S" })).toMatchObject({ status: 400, code: 50375 });
    expect(await create({ state: "active", "timers.closed": "PT9M" })).toMatchObject({ status: 400, code: 50376 });
    expect(await create({ state: "active", "timers.inactive": "soon" })).toMatchObject({ status: 400, code: 50379 });
    expect(await create({ state: "active", "timers.closed": "later" })).toMatchObject({ status: 400, code: 50380 });
    const { sid } = await scope.conversations.create();
    expect(await errorOf(scope.conversations(sid).update({}))).toMatchObject({ status: 400, code: 20161 });
    expect(await errorOf(scope.conversations(sid).update({ state: "initializing" }))).toMatchObject({ status: 400, code: 50378 });
  });

  it("accept valid imported dates only", async () => {
    const { scope } = await defaultService(twilio, style);
    const dateCreated = new Date("2020-01-02T03:04:05Z");
    expect((await scope.conversations.create({ dateCreated })).dateCreated).toEqual(dateCreated);
    const invalid = new Date(Number.NaN);
    expect(await errorOf(scope.conversations.create({ dateCreated: invalid }))).toMatchObject({ code: 50308 });
    expect(await errorOf(scope.conversations.create({ dateUpdated: invalid }))).toMatchObject({ code: 50309 });
  });

  it("are listed newest first and can be filtered by state and creation date", async () => {
    const { scope } = await defaultService(twilio, style);
    const old = await scope.conversations.create({ dateCreated: new Date("2020-01-02T00:00:00Z") });
    const inactive = await scope.conversations.create({ state: "inactive" });
    const awake = await scope.conversations.create();
    const sids = async (options: object) => (await scope.conversations.list(options)).map(({ sid }) => sid);
    expect(await sids({})).toEqual([awake.sid, inactive.sid, old.sid]);
    expect(await sids({ state: "inactive" })).toEqual([inactive.sid]);
    expect(await sids({ startDate: "2020-01-02", endDate: "2020-01-02" })).toEqual([old.sid]);
    expect(await sids({ startDate: "2020-01-03T00:00:00Z" })).toEqual([awake.sid, inactive.sid]);
    expect(await errorOf(scope.conversations.list({ startDate: "2020-01-03", endDate: "2020-01-02" }))).toMatchObject({ code: 50396 });
    expect(await sids({ endDate: "2020-01-01" })).toEqual([]);
  });

  it("delete their messages and participants and release the address pair when they are deleted", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { scope } = await defaultService(twilio, style);
    const conversation = scope.conversations((await scope.conversations.create()).sid);
    const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const participant = await conversation.participants.create(binding);
    const message = await conversation.messages.create({ body: "hello" });
    expect(await conversation.remove()).toBe(true);
    for (const call of [
      () => conversation.fetch(),
      () => conversation.remove(),
      () => conversation.participants(participant.sid).fetch(),
      () => conversation.participants.list(),
      () => conversation.messages(message.sid).fetch(),
      () => conversation.messages(message.sid).deliveryReceipts.list(),
      () => conversation.messages.create({ body: "x" }),
    ]) {
      expect(await errorOf(call())).toMatchObject(UNKNOWN);
    }
    const next = await scope.conversations.create();
    await scope.conversations(next.sid).participants.create(binding);
  });
});

describe("conversation states", () => {
  const create = async (options: object = {}) =>
    twilio.conversations.conversations((await twilio.conversations.conversations.create(options)).sid);

  it("can be updated between active and inactive, but not after closed", async () => {
    const conversation = await create();
    expect((await conversation.update({ state: "inactive" })).state).toBe("inactive");
    expect((await conversation.update({ state: "active" })).state).toBe("active");
    const participant = await conversation.participants.create({ identity: "alice" });
    const message = await conversation.messages.create({ body: "x" });
    expect((await conversation.update({ state: "closed" })).state).toBe("closed");

    const closed = { status: 400, code: 50377, message: "Can't update conversation as it's in final closed state" };
    for (const call of [
      () => conversation.update({ state: "active" }),
      () => conversation.update({ friendlyName: "x" }),
      () => conversation.participants.create({ identity: "bob" }),
      () => conversation.participants(participant.sid).update({ attributes: "{}" }),
      () => conversation.messages.create({ body: "x" }),
      () => conversation.messages(message.sid).update({ body: "y" }),
    ]) {
      expect(await errorOf(call())).toEqual(closed);
    }
    // A closed conversation can still be read and deleted.
    expect(await conversation.messages.list()).toHaveLength(1);
    await conversation.participants(participant.sid).remove();
    await conversation.remove();
  });

  it("become active again with a new message or participant", async () => {
    const conversation = await create({ state: "inactive" });
    await conversation.messages.create({ body: "x" });
    expect((await conversation.fetch()).state).toBe("active");
    await conversation.update({ state: "inactive" });
    await conversation.participants.create({ identity: "alice" });
    expect((await conversation.fetch()).state).toBe("active");
  });

  it("change at the very moment at which a timer ends", async () => {
    const clock = { now: 1_900_000_000_000 };
    const { url, authorization } = await serveEdge({ clock: { now: () => clock.now } });
    const path = "/conversations.twilio.com/v1/Conversations";
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    const { json } = await send(url, { method: "POST", path, headers, body: "State=active&Timers.Closed=PT10M" });
    const state = async () => (await send(url, { path: `${path}/${(json as { sid: string }).sid}`, headers })).json;
    clock.now += 599_999;
    expect(await state()).toMatchObject({ state: "active" });
    clock.now += 1;
    expect(await state()).toMatchObject({ state: "closed" });
  });

  it("change with the timers, which count from the last activity", async () => {
    const conversation = await create({ state: "active", "timers.inactive": "PT1M", "timers.closed": "PT10M" });
    const created = await conversation.fetch();
    expect(created.timers).toEqual({ date_inactive: iso(created.dateCreated, MINUTE), date_closed: iso(created.dateCreated, 10 * MINUTE) });
    await twilio.control.advance(30);
    const message = await conversation.messages.create({ body: "still here" });
    expect((await conversation.fetch()).timers).toEqual({
      date_inactive: iso(message.dateCreated, MINUTE),
      date_closed: iso(message.dateCreated, 10 * MINUTE),
    });
    await twilio.control.advance(45);
    expect((await conversation.fetch()).state).toBe("active");
    await twilio.control.advance(16);
    const inactive = await conversation.fetch();
    expect(inactive.state).toBe("inactive");
    expect(inactive.timers).toEqual({ date_closed: iso(message.dateCreated, 10 * MINUTE) });
    await twilio.control.advance(8 * MINUTE);
    expect((await conversation.fetch()).state).toBe("inactive");
    await twilio.control.advance(2 * MINUTE);
    expect(await conversation.fetch()).toMatchObject({ state: "closed", timers: {} });
    expect(await errorOf(conversation.update({ friendlyName: "x" }))).toMatchObject({ code: 50377 });
  });

  it("change directly to closed if both timers elapsed since the last request", async () => {
    const conversation = await create({ state: "active", "timers.inactive": "PT1M", "timers.closed": "PT10M" });
    await twilio.control.advance(3600);
    const { state, dateUpdated, dateCreated } = await conversation.fetch();
    expect(state).toBe("closed");
    expect(iso(dateUpdated, 0)).toBe(iso(dateCreated, 10 * MINUTE));
  });

  it("have timers that an update can set and clear", async () => {
    const conversation = await create();
    const timed = await conversation.update({ "timers.inactive": "P1D" });
    expect(timed.timers).toEqual({ date_inactive: iso(timed.dateUpdated, 86_400) });
    expect((await conversation.update({ friendlyName: "same timers" })).timers).toEqual(timed.timers);
    expect((await conversation.update({ "timers.inactive": "PT0S" })).timers).toEqual({});
    expect(await errorOf(conversation.update({ "timers.inactive": "PT30S" }))).toMatchObject({ code: 50375 });
    await twilio.control.advance(30 * 86_400);
    expect((await conversation.fetch()).state).toBe("active");
  });

  it("release the address pair only when the conversation closes, by update or timer", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const first = await create({ state: "active", "timers.closed": "PT10M" });
    const second = await create();
    const third = await create();
    await first.participants.create(binding);
    await first.update({ state: "inactive" });
    expect(await errorOf(second.participants.create(binding))).toMatchObject({ code: 50416 });
    await twilio.control.advance(11 * MINUTE);
    await second.participants.create(binding);
    expect(await errorOf(third.participants.create(binding))).toMatchObject({ code: 50416 });
    await second.update({ state: "closed" });
    await third.participants.create(binding);
  });

  it("allow an initializing conversation only to become active", async () => {
    const conversation = await create({ state: "initializing" });
    expect(await errorOf(conversation.update({ friendlyName: "x" }))).toMatchObject({ status: 400, code: 50386 });
    expect(await errorOf(conversation.messages.create({ body: "x" }))).toMatchObject({ status: 400, code: 50386 });
    await conversation.participants.create({ identity: "alice" });
    expect((await conversation.update({ state: "active" })).state).toBe("active");
    await conversation.messages.create({ body: "x" });
  });
});
