import { describe, expect, it } from "vitest";
import { errorOf } from "./support/client";
import { defaultService, PATH_STYLES } from "./support/default-service";
import { ALICE, buyNumber, useEmulator } from "./support/emulator";

const twilio = useEmulator();
const UNKNOWN = { status: 404, code: 20404 };
const MINUTE = 60;
const iso = (date: Date, seconds: number) => new Date(date.getTime() + seconds * 1000).toISOString().replace(".000", "");

describe.each(PATH_STYLES)("conversations, %s form", (form) => {
  it("are created with defaults", async () => {
    const { scope, root, sid } = await defaultService(twilio, form);
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

  it("keep what they are given, can change all of it, and are found by unique name", async () => {
    const { scope } = await defaultService(twilio, form);
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

  it("ignore parameters that do not exist", async () => {
    const { scope, sid } = await defaultService(twilio, form);
    const body = new URLSearchParams({ FriendlyName: "x", Colour: "red" });
    const path = form === "short" ? "/v1/Conversations" : `/v1/Services/${sid}/Conversations`;
    const authorization = `Basic ${Buffer.from(`${twilio.emulator.accountSid}:${twilio.emulator.authToken}`).toString("base64")}`;
    const answer = await fetch(`${twilio.emulator.url}/conversations.twilio.com${path}`, {
      method: "POST",
      headers: { authorization },
      body,
    });
    expect(answer.status).toBe(201);
    expect(await scope.conversations.list()).toHaveLength(1);
  });

  it("own their unique name, even closed, until they are deleted", async () => {
    const { scope } = await defaultService(twilio, form);
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

  it("are refused for what is wrong with them", async () => {
    const { scope } = await defaultService(twilio, form);
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
    expect(await create({ state: "closed" })).toMatchObject({ status: 400, code: 50384 });
    expect(await create({ state: "" })).toMatchObject({ status: 400, code: 50374 });
    expect(await create({ state: "asleep" })).toMatchObject({ status: 400, code: 50378 });
    expect(await create({ "timers.inactive": "PT1H" })).toMatchObject({ status: 400, code: 50382 });
    expect(await create({ state: "active", "timers.inactive": "PT59S" })).toMatchObject({ status: 400, code: 50375 });
    expect(await create({ state: "active", "timers.closed": "PT9M" })).toMatchObject({ status: 400, code: 50376 });
    expect(await create({ state: "active", "timers.inactive": "soon" })).toMatchObject({ status: 400, code: 50379 });
    expect(await create({ state: "active", "timers.closed": "later" })).toMatchObject({ status: 400, code: 50380 });
    const { sid } = await scope.conversations.create();
    expect(await errorOf(scope.conversations(sid).update({}))).toMatchObject({ status: 400, code: 20161 });
    expect(await errorOf(scope.conversations(sid).update({ state: "initializing" }))).toMatchObject({ status: 400, code: 50378 });
  });

  it("take imported dates, and refuse what is none", async () => {
    const { scope } = await defaultService(twilio, form);
    const dateCreated = new Date("2020-01-02T03:04:05Z");
    expect((await scope.conversations.create({ dateCreated })).dateCreated).toEqual(dateCreated);
    const invalid = new Date(Number.NaN);
    expect(await errorOf(scope.conversations.create({ dateCreated: invalid }))).toMatchObject({ code: 50308 });
    expect(await errorOf(scope.conversations.create({ dateUpdated: invalid }))).toMatchObject({ code: 50309 });
  });

  it("are listed newest first, by state and by day of creation", async () => {
    const { scope } = await defaultService(twilio, form);
    const old = await scope.conversations.create({ dateCreated: new Date("2020-01-02T03:04:05Z") });
    const asleep = await scope.conversations.create({ state: "inactive" });
    const awake = await scope.conversations.create();
    const sids = async (options: object) => (await scope.conversations.list(options)).map(({ sid }) => sid);
    expect(await sids({})).toEqual([awake.sid, asleep.sid, old.sid]);
    expect(await sids({ state: "inactive" })).toEqual([asleep.sid]);
    expect(await sids({ startDate: "2020-01-02", endDate: "2020-01-02" })).toEqual([old.sid]);
    expect(await sids({ startDate: "2020-01-03T00:00:00Z" })).toEqual([awake.sid, asleep.sid]);
    expect(await sids({ endDate: "2020-01-01" })).toEqual([]);
  });

  it("take messages and participants along when they are deleted, and release the pair", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const { scope } = await defaultService(twilio, form);
    const conversation = await scope.conversations.create();
    const here = scope.conversations(conversation.sid);
    const pair = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const participant = await here.participants.create(pair);
    const message = await here.messages.create({ body: "hello" });
    expect(await here.remove()).toBe(true);
    for (const call of [
      () => here.fetch(),
      () => here.remove(),
      () => here.participants(participant.sid).fetch(),
      () => here.participants.list(),
      () => here.messages(message.sid).fetch(),
      () => here.messages(message.sid).deliveryReceipts.list(),
      () => here.messages.create({ body: "x" }),
    ]) {
      expect(await errorOf(call())).toMatchObject(UNKNOWN);
    }
    const next = await scope.conversations.create();
    await scope.conversations(next.sid).participants.create(pair);
  });
});

describe("the states of a conversation", () => {
  const create = async (options: object = {}) =>
    twilio.conversations.conversations((await twilio.conversations.conversations.create(options)).sid);

  it("change by update between active and inactive, and end at closed", async () => {
    const here = await create();
    expect((await here.update({ state: "inactive" })).state).toBe("inactive");
    expect((await here.update({ state: "active" })).state).toBe("active");
    const participant = await here.participants.create({ identity: "alice" });
    const message = await here.messages.create({ body: "x" });
    expect((await here.update({ state: "closed" })).state).toBe("closed");

    const closed = { status: 400, code: 50377, message: "Can't update conversation as it's in final closed state" };
    for (const call of [
      () => here.update({ state: "active" }),
      () => here.update({ friendlyName: "x" }),
      () => here.participants.create({ identity: "bob" }),
      () => here.participants(participant.sid).update({ attributes: "{}" }),
      () => here.messages.create({ body: "x" }),
      () => here.messages(message.sid).update({ body: "y" }),
    ]) {
      expect(await errorOf(call())).toEqual(closed);
    }
    // Reading goes on, and so does clearing up.
    expect(await here.messages.list()).toHaveLength(1);
    await here.participants(participant.sid).remove();
    await here.remove();
  });

  it("wake up with a new message or participant", async () => {
    const here = await create({ state: "inactive" });
    await here.messages.create({ body: "x" });
    expect((await here.fetch()).state).toBe("active");
    await here.update({ state: "inactive" });
    await here.participants.create({ identity: "alice" });
    expect((await here.fetch()).state).toBe("active");
  });

  it("follow the timers, which count from the last activity", async () => {
    const here = await create({ state: "active", "timers.inactive": "PT1M", "timers.closed": "PT10M" });
    const created = await here.fetch();
    expect(created.timers).toEqual({ date_inactive: iso(created.dateCreated, MINUTE), date_closed: iso(created.dateCreated, 10 * MINUTE) });
    await twilio.control.advance(30);
    const message = await here.messages.create({ body: "still here" });
    expect((await here.fetch()).timers).toEqual({
      date_inactive: iso(message.dateCreated, MINUTE),
      date_closed: iso(message.dateCreated, 10 * MINUTE),
    });
    await twilio.control.advance(45);
    expect((await here.fetch()).state).toBe("active");
    await twilio.control.advance(16);
    const asleep = await here.fetch();
    expect(asleep.state).toBe("inactive");
    expect(asleep.timers).toEqual({ date_closed: iso(message.dateCreated, 10 * MINUTE) });
    await twilio.control.advance(8 * MINUTE);
    expect((await here.fetch()).state).toBe("inactive");
    await twilio.control.advance(2 * MINUTE);
    expect(await here.fetch()).toMatchObject({ state: "closed", timers: {} });
    expect(await errorOf(here.update({ friendlyName: "x" }))).toMatchObject({ code: 50377 });
  });

  it("close by timer in one step when nobody looks in between", async () => {
    const here = await create({ state: "active", "timers.inactive": "PT1M", "timers.closed": "PT10M" });
    await twilio.control.advance(3600);
    const conversation = await here.fetch();
    expect(conversation.state).toBe("closed");
    expect(iso(conversation.dateUpdated, 0)).toBe(iso(conversation.dateCreated, 10 * MINUTE));
  });

  it("have timers that an update sets and clears", async () => {
    const here = await create();
    const timed = await here.update({ "timers.inactive": "P1D" });
    expect(timed.timers).toEqual({ date_inactive: iso(timed.dateUpdated, 86_400) });
    expect((await here.update({ friendlyName: "same timers" })).timers).toEqual(timed.timers);
    expect((await here.update({ "timers.inactive": "PT0S" })).timers).toEqual({});
    expect(await errorOf(here.update({ "timers.inactive": "PT30S" }))).toMatchObject({ code: 50375 });
    await twilio.control.advance(30 * 86_400);
    expect((await here.fetch()).state).toBe("active");
  });

  it("release the pair when the conversation closes, by update or by timer, and not before", async () => {
    const { phoneNumber } = await buyNumber(twilio);
    const pair = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    const first = await create({ state: "active", "timers.closed": "PT10M" });
    const second = await create();
    const third = await create();
    await first.participants.create(pair);
    await first.update({ state: "inactive" });
    expect(await errorOf(second.participants.create(pair))).toMatchObject({ code: 50416 });
    await twilio.control.advance(11 * MINUTE);
    await second.participants.create(pair);
    expect(await errorOf(third.participants.create(pair))).toMatchObject({ code: 50416 });
    await second.update({ state: "closed" });
    await third.participants.create(pair);
  });

  it("do not let an initializing conversation change or speak, except to become active", async () => {
    const here = await create({ state: "initializing" });
    expect(await errorOf(here.update({ friendlyName: "x" }))).toMatchObject({ status: 400, code: 50386 });
    expect(await errorOf(here.messages.create({ body: "x" }))).toMatchObject({ status: 400, code: 50386 });
    await here.participants.create({ identity: "alice" });
    expect((await here.update({ state: "active" })).state).toBe("active");
    await here.messages.create({ body: "x" });
  });
});
