import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Conversation, ConversationService, Participant, PhoneNumber } from "../../src/index";
import { startDisturbingProxy } from "../../tools/harness/disturbing-proxy.mts";
import { listLiveObjects } from "../../tools/harness/live-objects.mts";
import type { Outcome } from "../support/engine";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";
import type { EmulatorClient } from "./twilio";

const creates = { numbers: "*/IncomingPhoneNumbers.json", service: "/v1/Services", rooms: "*/Conversations", people: "*/Participants" };
const objects = ["*/IncomingPhoneNumbers/{Sid}", "/v1/Services/{Sid}", "*/Conversations/{Sid}", "*/Participants/{Sid}"];
// The second request that a create needs.
const followUps = { rename: "*/IncomingPhoneNumbers/{Sid}", configuration: "/v1/Services/{Sid}/Configuration" };

/** Fault rules that apply once to each path. */
const once = (method: string, paths: readonly string[], action: Record<string, unknown>) =>
  paths.map((path) => ({ method, path, nth: 1, ...action }));

describe("a fault of Twilio or of the network", () => {
  let lab: Lab;
  let fixed: string;

  const bySearch = () =>
    new PhoneNumber("by-search", {
      search: { country: "US", type: "local", smsEnabled: true },
      friendlyName: "Front desk",
      onDelete: "release",
    });

  /** Every choice of a number, every kind of name, and every kind of participant that a fault of a create can affect. */
  const fullProgram = async () => {
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
    lab = await openLab({ program: fullProgram });
    const offers = await lab.twilio.client.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 50 });
    fixed = offers.at(-1)?.phoneNumber as string;
  });
  afterAll(() => lab.close());

  /** Runs an operation with faults, each of which must apply. */
  async function withFaults(rules: readonly Record<string, unknown>[], operation: () => Promise<Outcome>): Promise<Outcome> {
    for (const rule of rules) await lab.twilio.fault(rule);
    try {
      const outcome = await operation();
      expect(await lab.twilio.faultsActed(), outcome.text).toEqual(rules.map(({ times = 1 }) => times));
      return outcome;
    } finally {
      await lab.twilio.forgetFaults();
    }
  }

  /** Expects that Twilio has exactly the objects in the state, that nothing was deleted, and that a further up changes nothing. */
  async function expectComplete(): Promise<void> {
    expect((await lab.twilio.calls()).filter(({ method }) => method === "DELETE")).toEqual([]);
    const state = Object.values(await lab.stack.state()).filter(({ type }) => type.startsWith("pulumi-nodejs:"));
    expect(state).toHaveLength(8);
    expect(await listSids(lab.twilio)).toEqual(state.map(({ id }) => id.split("/").at(-1)).sort());
    expectNothing(await lab.stack.up());
  }

  async function expectGone(): Promise<void> {
    expect(await listSids(lab.twilio)).toEqual([]);
    expect(Object.keys(await lab.stack.state())).toEqual([]);
    await lab.twilio.forgetCalls();
  }

  const [up, refresh, destroy] = [() => lab.stack.up(), () => lab.stack.refresh(), () => lab.stack.destroy()];
  const useTwilioAt = (value: string) => lab.stack.stack.setConfig("twilio:baseUrl", { value });

  describe("429 once with Retry-After: 1", () => {
    it("on the first or second request of a create: waits as long as Twilio says, and creates each object once in the same run", async () => {
      const began = Date.now();
      const busy = { status: 429, retryAfter: 1 };
      const rules = [...once("POST", [...Object.values(creates), followUps.rename], busy), ...once("GET", [followUps.configuration], busy)];
      expectOk(await withFaults(rules, up));
      // The service, its configuration, a conversation and a participant are created one after the other.
      expect(Date.now() - began).toBeGreaterThanOrEqual(4000);
      await expectComplete();
    });

    it("on a refresh: waits, and finds no change", async () => {
      expectNothing(await withFaults(once("GET", [...objects, followUps.configuration], { status: 429, retryAfter: 1 }), refresh));
    });

    it("on a DELETE: waits, and deletes everything in the same run", async () => {
      expectOk(await withFaults(once("DELETE", objects, { status: 429, retryAfter: 1 }), destroy));
      await expectGone();
    });
  });

  describe("5xx", () => {
    it("500 once on a create: looks up the object, sends the request again, and creates each object once in the same run", async () => {
      const { service: _service, ...lookedUp } = creates;
      expectOk(await withFaults(once("POST", Object.values(lookedUp), { status: 500 }), up));
      await expectComplete();
    });

    it("503 once on a refresh: retries, and finds no change", async () => {
      expectNothing(await withFaults(once("GET", [...objects, followUps.configuration], { status: 503 }), refresh));
    });

    it("502 with a web page once on a DELETE: retries, and deletes everything in the same run", async () => {
      expectOk(await withFaults(once("DELETE", objects, { status: 502, body: "html" }), destroy));
      await expectGone();
    });

    it("500 once on the create of a service, which Twilio accepts twice: fails, and the second up creates the only one", async () => {
      const outcome = await withFaults(once("POST", [creates.service], { status: 500 }), up);
      expect(outcome.ok).toBe(false);
      expect(outcome.text).toContain("run `pulumi up` again");
      // Most of the 30 s in which Twilio may still carry out the create pass before the next run.
      await lab.twilio.advance(26);
      expectOk(await up());
      await expectComplete();
    });

    it("400 on the second request of a create: keeps the object, and the second up completes it without buying or releasing", async () => {
      expectOk(await destroy());
      await expectGone();
      const broken = { status: 400, code: 20001 };
      for (const [name, rules] of Object.entries({
        "by-search": once("POST", [followUps.rename], broken),
        support: once("GET", [followUps.configuration], broken),
      })) {
        // A failure stops the engine, so the program contains only the resource that fails.
        lab.stack.program = name === "by-search" ? async () => void bySearch() : fullProgram;
        expect((await withFaults(rules, up)).ok).toBe(false);
        const { [name]: half } = await lab.stack.state();
        expect(await listSids(lab.twilio)).toContain(half?.id);
        const outcome = await up();
        expectOk(outcome);
        expect(outcome.changes).toMatchObject({ [name]: "update" });
        expect((await lab.stack.state())[name]?.id).toBe(half?.id);
      }
      await expectComplete();
      const { "by-search": number } = await lab.stack.state();
      expect((await lab.twilio.client.incomingPhoneNumbers(number?.id as string).fetch()).friendlyName).toBe("Front desk");
    });
  });

  describe("a response that is lost after Twilio carried out the request", () => {
    // Each rule applies to the first request of each object, so `times` is the number of objects of that type.
    const onEveryCreate = (action: Record<string, unknown>) =>
      Object.entries({ numbers: 3, service: 1, rooms: 2, people: 2 } as const).map(([kind, times]) => ({
        method: "POST",
        path: creates[kind as keyof typeof creates],
        times,
        drop: "after",
        ...action,
      }));

    it("on a DELETE: an object that is gone counts as deleted in the same run", async () => {
      expectOk(await withFaults(once("DELETE", objects, { drop: "after" }), destroy));
      await expectGone();
    });

    it("on every create (connection closed): finds every kind of object that was created, and has each once in the same run", async () => {
      expectOk(await withFaults(onEveryCreate({}), up));
      await expectComplete();
    });

    it("on a refresh, or truncated, or not JSON: retries, and finds no change", async () => {
      const [first, ...others] = objects as [string, ...string[]];
      const rules = [
        ...once("GET", [first], { drop: "after" }),
        ...once("GET", others, { body: "truncated" }),
        ...once("GET", [followUps.configuration], { body: "html" }),
      ];
      expectNothing(await withFaults(rules, refresh));
    });

    it("on a refresh, a DELETE and every create (connection reset): recovers in the same run", async () => {
      const reset = { drop: "after", reset: true };
      expectNothing(await withFaults(once("GET", objects, reset), refresh));
      expectOk(await withFaults(once("DELETE", objects, reset), destroy));
      await expectGone();
      expectOk(await withFaults(onEveryCreate(reset), up));
      await expectComplete();
    });
  });

  it("Ctrl-C during an up: completes and saves the creates in progress, and the second up creates the rest", async () => {
    expectOk(await destroy());
    await expectGone();
    await lab.twilio.fault({ method: "POST", delayMs: 1000 });
    const interrupt = new AbortController();
    const operation = lab.stack.up({ signal: interrupt.signal });
    // The service exists, and the creates of its two conversations are in progress.
    const conversationCreates = async () => (await lab.twilio.writes()).find(({ path }) => path.endsWith("/Conversations"))?.count;
    await vi.waitFor(async () => expect(await conversationCreates()).toBe(2), { timeout: 30_000, interval: 20 });
    interrupt.abort();
    expect((await operation).ok).toBe(false);
    await lab.twilio.forgetFaults();
    const known = Object.values(await lab.stack.state()).map(({ id }) => id?.split("/").at(-1));
    const live = await listSids(lab.twilio);
    expect(live.length).toBeGreaterThan(2);
    expect(live.length).toBeLessThan(8);
    expect(known).toEqual(expect.arrayContaining(live));
    expectOk(await up());
    await expectComplete();
  });

  it("every POST that arrives twice: every object is in the state or in a warning", async () => {
    expectOk(await destroy());
    await expectGone();
    const proxy = await startDisturbingProxy(lab.twilio.url);
    proxy.disturbance = async ({ method }, send) => {
      const first = await send();
      if (method === "POST") await send();
      return first;
    };
    await useTwilioAt(proxy.url);
    const outcome = await up();
    await useTwilioAt(lab.twilio.url);
    await proxy.close();
    expectOk(outcome);
    const known = Object.values(await lab.stack.state()).map(({ id }) => id?.split("/").at(-1));
    const [double, ...more] = (await listSids(lab.twilio)).filter((sid) => !known.includes(sid));
    expect([double, more]).toEqual([expect.stringMatching(/^IS/), []]);
    expect(outcome.text).toContain(`${double}, created at the same time as ${known.find((sid) => sid?.startsWith("IS"))}`);
    await lab.twilio.client.conversations.v1.services(String(double)).remove();
    await lab.twilio.forgetCalls();
    await expectComplete();
  });

  describe("a response that is later than twilio:callTimeout", () => {
    const lateMs = 1300;
    beforeAll(() => lab.stack.stack.setConfig("twilio:callTimeout", { value: "1" }));

    it("on a refresh and a DELETE: retries in the same run", async () => {
      expectNothing(await withFaults(once("GET", objects, { delayMs: lateMs }), refresh));
      expectOk(await withFaults(once("DELETE", objects, { delayMs: lateMs }), destroy));
      await expectGone();
    });

    it("on every create except services, which Twilio carries out late: creates each object once in the same run", async () => {
      const { service: _service, ...lookedUp } = creates;
      const outcome = await withFaults(once("POST", Object.values(lookedUp), { delayMs: lateMs }), up);
      // The emulator runs in this process: once this timer has fired, the earlier ones have, too.
      await sleep(lateMs);
      expectOk(outcome);
      await expectComplete();
    });

    it("on the create of a service, which Twilio accepts twice: waits for the object, and creates each once in the same run", async () => {
      expectOk(await destroy());
      await expectGone();
      const outcome = await withFaults(once("POST", [creates.service], { delayMs: lateMs }), up);
      expectOk(outcome);
      expect(outcome.text).toContain("Twilio may still carry out an earlier create of this ConversationService");
      await expectComplete();
    });
  });
});

it("429 for two seconds on 20 conversations: creates all of them in the same run", async () => {
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
    expect(await listSids(lab.twilio)).toHaveLength(21);
    expectNothing(await lab.stack.up());
  } finally {
    await lab.close();
  }
});

/** The SIDs of all objects except the default service. */
async function listSids(twilio: EmulatorClient): Promise<string[]> {
  const objects = await listLiveObjects(twilio);
  return objects
    .filter(({ properties }) => properties.friendlyName !== "Default Conversations Service")
    .map(({ id }) => id.split("/").at(-1) as string)
    .sort();
}
