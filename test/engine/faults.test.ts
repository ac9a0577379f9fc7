import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Conversation, ConversationService, Participant, PhoneNumber } from "../../src/index";
import type { Outcome } from "../support/engine";
import { expectNothing, expectOk, type Lab, openLab } from "./conformance";
import type { Outside } from "./twilio";

const creates = { numbers: "*/IncomingPhoneNumbers.json", service: "/v1/Services", rooms: "*/Conversations", people: "*/Participants" };
const objects = ["*/IncomingPhoneNumbers/{Sid}", "/v1/Services/{Sid}", "*/Conversations/{Sid}", "*/Participants/{Sid}"];
// What one resource needs beside its own request.
const second = { rename: "*/IncomingPhoneNumbers/{Sid}", configuration: "/v1/Services/{Sid}/Configuration" };

/** A rule for each path that acts once. */
const once = (method: string, paths: readonly string[], action: Record<string, unknown>) =>
  paths.map((path) => ({ method, path, nth: 1, ...action }));

describe("a fault of Twilio's or of the way there", () => {
  let lab: Lab;
  let fixed: string;

  const bySearch = () =>
    new PhoneNumber("by-search", {
      search: { country: "US", type: "local", smsEnabled: true },
      friendlyName: "Front desk",
      onDelete: "release",
    });

  /** Each way to buy a number, each kind of name, each kind of participant that the faults of a create can meet. */
  const whole = async () => {
    const { phoneNumber: proxyAddress } = bySearch();
    new PhoneNumber("by-area-code", { areaCode: "415", onDelete: "release" });
    new PhoneNumber("by-number", { phoneNumber: fixed, onDelete: "release" });
    const service = new ConversationService("support", { friendlyName: "Support" });
    new Conversation("with-unique-name", { service, uniqueName: "hello" });
    const conversation = new Conversation("without-unique-name", { service });
    new Participant("mobile", { conversation, sms: { address: "+15558675310", proxyAddress } });
    new Participant("pineapple", { conversation, identity: "testPineapple" });
  };

  beforeAll(async () => {
    lab = await openLab({ program: whole });
    const offers = await lab.twilio.client.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 50 });
    fixed = offers.at(-1)?.phoneNumber as string;
  });
  afterAll(() => lab.close());

  /** An operation under faults, each of which must have acted. */
  async function under(rules: readonly Record<string, unknown>[], operation: () => Promise<Outcome>): Promise<Outcome> {
    for (const rule of rules) await lab.twilio.fault(rule);
    try {
      const outcome = await operation();
      expect(await lab.twilio.faultsActed(), outcome.text).toEqual(rules.map(({ times = 1 }) => times));
      return outcome;
    } finally {
      await lab.twilio.forgetFaults();
    }
  }

  /** Twilio has what the state has and nothing else, nothing was given back on the way, and there is nothing left to do. */
  async function expectWhole(): Promise<void> {
    expect((await lab.twilio.calls()).filter(({ method }) => method === "DELETE")).toEqual([]);
    const state = Object.values(await lab.stack.state()).filter(({ type }) => type.startsWith("pulumi-nodejs:"));
    expect(state).toHaveLength(8);
    expect(await inventory(lab.twilio)).toEqual(state.map(({ id }) => id.split("/").at(-1)).sort());
    expectNothing(await lab.stack.up());
  }

  async function expectGone(): Promise<void> {
    expect(await inventory(lab.twilio)).toEqual([]);
    expect(Object.keys(await lab.stack.state())).toEqual([]);
    await lab.twilio.forgetCalls();
  }

  const up = () => lab.stack.up();
  const refresh = () => lab.stack.refresh();
  const destroy = () => lab.stack.destroy();

  describe("429 once with Retry-After: 1", () => {
    it("on a create, and on the 2nd call of a create: waits as long as Twilio says and goes on; one of everything in the same run", async () => {
      const began = Date.now();
      const busy = { status: 429, retryAfter: 1 };
      const rules = [...once("POST", [...Object.values(creates), second.rename], busy), ...once("GET", [second.configuration], busy)];
      expectOk(await under(rules, up));
      // The service, its configuration, a conversation and a participant follow on one another.
      expect(Date.now() - began).toBeGreaterThanOrEqual(4000);
      await expectWhole();
    });

    it("on a refresh: waits and goes on, and finds nothing changed", async () => {
      expectNothing(await under(once("GET", [...objects, second.configuration], { status: 429, retryAfter: 1 }), refresh));
    });

    it("on a DELETE: waits and goes on, and all is gone in the same run", async () => {
      expectOk(await under(once("DELETE", objects, { status: 429, retryAfter: 1 }), destroy));
      await expectGone();
    });
  });

  describe("5xx", () => {
    it("500 once on a create: looks whether it was done, and sends it again; one of everything in the same run", async () => {
      const { service: _twins, ...looked } = creates;
      expectOk(await under(once("POST", Object.values(looked), { status: 500 }), up));
      await expectWhole();
    });

    it("503 once on a refresh: asks again, and finds nothing changed", async () => {
      expectNothing(await under(once("GET", [...objects, second.configuration], { status: 503 }), refresh));
    });

    it("502 once on a DELETE, as a web page: deletes again, and all is gone in the same run", async () => {
      expectOk(await under(once("DELETE", objects, { status: 502, body: "html" }), destroy));
      await expectGone();
    });

    it("500 once on the create of a service, of which Twilio would make two: says so; the second up makes the only one", async () => {
      const outcome = await under(once("POST", [creates.service], { status: 500 }), up);
      expect(outcome.ok).toBe(false);
      expect(outcome.text).toContain("run `pulumi up` again");
      expectOk(await up());
      await expectWhole();
    });

    it("on the 2nd call of a create for good: what was made is kept; the second up finishes it, and neither buys nor releases", async () => {
      expectOk(await destroy());
      await expectGone();
      const broken = { status: 400, code: 20001 };
      for (const [name, rules] of Object.entries({
        "by-search": once("POST", [second.rename], broken),
        support: once("GET", [second.configuration], broken),
      })) {
        // A failure stops the engine where it is; so only what fails is left to it.
        lab.stack.program = name === "by-search" ? async () => void bySearch() : whole;
        expect((await under(rules, up)).ok).toBe(false);
        const { [name]: half } = await lab.stack.state();
        expect(await inventory(lab.twilio)).toContain(half?.id);
        const outcome = await up();
        expectOk(outcome);
        expect(outcome.changes).toMatchObject({ [name]: "update" });
        expect((await lab.stack.state())[name]?.id).toBe(half?.id);
      }
      await expectWhole();
      const { "by-search": number } = await lab.stack.state();
      expect((await lab.twilio.client.incomingPhoneNumbers(number?.id as string).fetch()).friendlyName).toBe("Front desk");
    });
  });

  describe("an answer that is lost after the request was carried out", () => {
    // Each is of the first request for each object, of which there are so many of a kind.
    const onEveryCreate = (action: Record<string, unknown>) =>
      Object.entries({ numbers: 3, service: 1, rooms: 2, people: 2 } as const).map(([kind, times]) => ({
        method: "POST",
        path: creates[kind as keyof typeof creates],
        times,
        drop: "after",
        ...action,
      }));

    it("on a DELETE: what is gone counts as deleted, in the same run", async () => {
      expectOk(await under(once("DELETE", objects, { drop: "after" }), destroy));
      await expectGone();
    });

    it("on every create (FIN), numbers by search, area code and number, rooms with and without a unique name, a service: finds what was made; one of everything in the same run", async () => {
      expectOk(await under(onEveryCreate({}), up));
      await expectWhole();
    });

    it("on a refresh, or that breaks off in the middle, or is no JSON: asks again, and finds nothing changed", async () => {
      const [first, ...others] = objects as [string, ...string[]];
      const rules = [
        ...once("GET", [first], { drop: "after" }),
        ...once("GET", others, { body: "truncated" }),
        ...once("GET", [second.configuration], { body: "html" }),
      ];
      expectNothing(await under(rules, refresh));
    });

    it("by a reset (RST) on a refresh, a DELETE and every create: the same", async () => {
      const reset = { drop: "after", reset: true };
      expectNothing(await under(once("GET", objects, reset), refresh));
      expectOk(await under(once("DELETE", objects, reset), destroy));
      await expectGone();
      expectOk(await under(onEveryCreate(reset), up));
      await expectWhole();
    });
  });

  it("Ctrl-C in the middle of an up: what is under way is done and known; the second up does the rest, one of everything", async () => {
    expectOk(await destroy());
    await expectGone();
    await lab.twilio.fault({ method: "POST", delayMs: 1000 });
    const interrupt = new AbortController();
    const upping = lab.stack.up({ signal: interrupt.signal });
    // The service is there, and its two conversations are under way.
    const rooms = async () => (await lab.twilio.writes()).find(({ path }) => path.endsWith("/Conversations"))?.count;
    await vi.waitFor(async () => expect(await rooms()).toBe(2), { timeout: 30_000, interval: 20 });
    interrupt.abort();
    expect((await upping).ok).toBe(false);
    await lab.twilio.forgetFaults();
    const known = Object.values(await lab.stack.state()).map(({ id }) => id?.split("/").at(-1));
    const made = await inventory(lab.twilio);
    expect(made.length).toBeGreaterThan(2);
    expect(made.length).toBeLessThan(8);
    expect(known).toEqual(expect.arrayContaining(made));
    expectOk(await up());
    await expectWhole();
  });

  describe("an answer that comes later than twilio:callTimeout", () => {
    const lateMs = 1300;
    beforeAll(() => lab.stack.stack.setConfig("twilio:callTimeout", { value: "1" }));

    it("on a refresh and a DELETE: asks again, in the same run", async () => {
      expectNothing(await under(once("GET", objects, { delayMs: lateMs }), refresh));
      expectOk(await under(once("DELETE", objects, { delayMs: lateMs }), destroy));
      await expectGone();
    });

    it("on every create, which Twilio then carries out late: one of everything in the same run", async () => {
      const { service: _twins, ...looked } = creates;
      const outcome = await under(once("POST", Object.values(looked), { delayMs: lateMs }), up);
      // The emulator's timers are this process's: when this one is over, those before it are.
      await sleep(lateMs);
      expectOk(outcome);
      await expectWhole();
    });

    it("on the create of a service, of which Twilio would make two: one of everything, in the second up at the latest", async () => {
      expectOk(await destroy());
      await expectGone();
      const outcome = await under(once("POST", [creates.service], { delayMs: lateMs }), up);
      await sleep(lateMs);
      if (!outcome.ok) {
        expect(outcome.text).toContain("run `pulumi up` again");
        expectOk(await up());
      }
      await expectWhole();
    });
  });
});

it("429 for seconds on end, 20 conversations: all are made in the same run, once Twilio takes them", async () => {
  const lab = await openLab({
    program: async () => {
      const service = new ConversationService("support", { friendlyName: "Support" });
      for (let index = 0; index < 20; index += 1) new Conversation(`room-${index}`, { service });
    },
  });
  try {
    await lab.twilio.fault({ method: "POST", path: creates.rooms, status: 429, forSeconds: 2 });
    expectOk(await lab.stack.up());
    expect((await lab.twilio.faultsActed())[0]).toBeGreaterThan(20);
    expect(await inventory(lab.twilio)).toHaveLength(21);
    expectNothing(await lab.stack.up());
  } finally {
    await lab.close();
  }
});

/** The SIDs of everything that is there beside what every account has, by Twilio's own client. */
async function inventory({ client }: Outside): Promise<string[]> {
  const { services } = client.conversations.v1;
  const numbers = await client.incomingPhoneNumbers.list();
  const rooms = (await services.list()).filter(({ friendlyName }) => friendlyName !== "Default Conversations Service");
  const conversations = (await Promise.all(rooms.map(({ sid }) => services(sid).conversations.list()))).flat();
  const participants = await Promise.all(
    conversations.map(({ sid, chatServiceSid }) => services(chatServiceSid).conversations(sid).participants.list()),
  );
  return [...numbers, ...rooms, ...conversations, ...participants.flat()].map(({ sid }) => sid).sort();
}
