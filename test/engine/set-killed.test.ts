import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ConversationService, ConversationSet } from "../../src/index";
import { processesOf } from "../support/engine";
import { expectNothing, expectOk, type Lab, openLab } from "./lab";

vi.setConfig({ testTimeout: 120_000 });

const size = 40;
let lab: Lab;
let names: string[] = [];
beforeEach(async () => {
  names = Array.from({ length: size }, (_, index) => `store-${index}`);
  lab = await openLab({
    program: async () => {
      const service = new ConversationService("support", { friendlyName: "Support" });
      new ConversationSet("stores", { service, items: Object.fromEntries(names.map((name) => [name, { friendlyName: name }])) });
    },
  });
});
afterEach(() => lab.close());

/** The friendly names of all conversations at Twilio. */
async function live(): Promise<string[]> {
  const service = String((await lab.stack.state()).support?.id);
  const found = await lab.twilio.client.conversations.v1.services(service).conversations.list();
  return found.map(({ friendlyName }) => friendlyName).sort();
}

const writes = async () => (await lab.twilio.writes()).reduce((total, { count }) => total + count, 0);

/** Begins an operation, and waits until it has sent so many writes. */
async function begun<T>(operation: Promise<T>, count: number): Promise<{ ended: Promise<T> }> {
  await vi.waitFor(async () => expect(await writes()).toBeGreaterThanOrEqual(count), { timeout: 50_000, interval: 20 });
  return { ended: operation };
}

async function kill(): Promise<void> {
  for (const pid of await processesOf(lab.stack.folder)) process.kill(pid, "SIGKILL");
}

/** The next update brings everything about, each conversation once, and the one after it has nothing to do. */
async function expectSettled(): Promise<void> {
  await lab.twilio.forgetFaults();
  expectOk(await lab.stack.up());
  expect(await live()).toEqual([...names].sort());
  expectNothing(await lab.stack.up());
}

it("a set whose engine is killed while it creates loses no item and creates none twice", async () => {
  await lab.twilio.fault({ method: "POST", path: "/Conversations$", delayMs: 400 });
  const { ended } = await begun(lab.stack.up(), 15);
  await kill();
  expect((await ended).ok).toBe(false);
  await lab.stack.stack.cancel();
  await lab.twilio.forgetCalls();
  await expectSettled();
  // Those that the killed run had created are found.
  expect(await writes()).toBeLessThan(size);
});

it("a set whose engine is killed while it updates and removes is as declared after the next update", async () => {
  expectOk(await lab.stack.up());
  await lab.twilio.forgetCalls();
  await lab.twilio.fault({ method: "POST", delayMs: 300 });
  await lab.twilio.fault({ method: "DELETE", delayMs: 300 });
  names = names.map((name, index) => (index % 2 ? name : `new-${index}`));
  const { ended } = await begun(lab.stack.up(), 25);
  await kill();
  expect((await ended).ok).toBe(false);
  await lab.stack.stack.cancel();
  await expectSettled();
});

it("a set that is canceled keeps in the state what it has created", async () => {
  await lab.twilio.fault({ method: "POST", path: "/Conversations$", delayMs: 400 });
  const cancel = new AbortController();
  const { ended } = await begun(lab.stack.up({ signal: cancel.signal }), 15);
  cancel.abort();
  expect((await ended).ok).toBe(false);
  const kept = Object.keys(((await lab.stack.state()).stores?.outputs.sids ?? {}) as object);
  expect(kept.sort()).toEqual(await live());
  await expectSettled();
});
