import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { bringUp } from "../../examples/fleet/fleet.mts";
import type { Outcome } from "../../examples/fleet/one.mts";
import type { Tenant } from "../../examples/fleet/tenant.mts";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { engineEnv } from "../support/engine";

vi.setConfig({ testTimeout: 240_000 });

describe("examples/fleet", () => {
  let folder: string;
  let emulator: Emulator;
  let twilio: EmulatorClient;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twilio-fleet-"));
    emulator = await startEmulator();
    twilio = emulatorClient(emulator);
    // The Automation API runs the CLI for its version before it applies a stack's environment.
    vi.stubEnv("PATH", `${inject("engine")}${delimiter}${process.env.PATH}`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function up(tenants: Tenant[], signal?: AbortSignal): Promise<{ mostActive: number; outcomes: Record<string, Outcome> }> {
    let [active, mostActive] = [0, 0];
    const ended: Outcome[] = [];
    const results = await bringUp({
      tenants,
      atOnce: 2,
      env: engineEnv(folder),
      config: {
        "twilio:baseUrl": { value: emulator.url },
        "twilio:accountSid": { value: emulator.accountSid },
        "twilio:authToken": { value: emulator.authToken, secret: true },
      },
      signal,
      onBegin() {
        active += 1;
        mostActive = Math.max(mostActive, active);
      },
      onEnd(outcome) {
        active -= 1;
        ended.push(outcome);
      },
    });
    expect(ended).toEqual(results);
    return { mostActive, outcomes: Object.fromEntries(results.map((outcome) => [outcome.name, outcome])) };
  }

  it("brings up at most `atOnce` tenants at once; a failed tenant does not affect the others, and the next run creates only that one", async () => {
    const one = { name: "one", phone: "+15558675311" };
    const three = { name: "three", phone: "+15558675313" };
    const { mostActive, outcomes: first } = await up([one, { name: "two", phone: "a phone" }, three]);
    expect(mostActive).toBe(2);
    for (const name of ["one", "three"]) expect(first[name]).toMatchObject({ name, changes: { create: 6 } });
    expect(first.two?.error).toMatch(
      /^1 resource has invalid properties:\n +Participant "customer": sms.address must be a phone number in E.164 format: .*; received "a phone"$/,
    );
    expect(first.two).not.toHaveProperty("changes");

    const { v1 } = twilio.client.conversations;
    const tenantServices = async () => (await v1.services.list()).filter(({ friendlyName }) => / support$/.test(friendlyName));
    expect((await tenantServices()).map(({ friendlyName }) => friendlyName).sort()).toEqual(["one support", "three support"]);

    // Interrupts a run while it creates a tenant.
    const four = { name: "four", phone: "+15558675314" };
    const interrupted = new AbortController();
    await twilio.fault({ method: "POST", path: "*/Conversations", delayMs: 1_000, times: 1 });
    const third = up([four], interrupted.signal);
    await expect.poll(() => twilio.faultsActed(), { timeout: 60_000 }).toEqual([1]);
    interrupted.abort();
    expect((await third).outcomes.four?.error).toMatch(/cancell?ed/);

    const { outcomes: resumed } = await up([four]);
    expect(resumed.four?.changes?.create).toBeLessThan(5);
    await twilio.forgetCalls();
    const { outcomes: second } = await up([one, { name: "two", phone: "+15558675312" }]);
    // The first run created its stack.
    expect(second).toMatchObject({ one: { changes: { same: 6 } }, two: { changes: { create: 5 } } });
    const writes = (await twilio.writes()).map(({ path, count }) => [path.split("/").at(-1), count]);
    expect(Object.fromEntries(writes)).toEqual({ "IncomingPhoneNumbers.json": 1, Services: 1, Conversations: 1, Participants: 2 });

    const services = await tenantServices();
    expect(services.map(({ friendlyName }) => friendlyName).sort()).toEqual([
      "four support",
      "one support",
      "three support",
      "two support",
    ]);
    const numbers = new Set<string>();
    for (const { sid } of services) {
      const [conversation, ...others] = await v1.services(sid).conversations.list();
      expect(others).toEqual([]);
      const participants = await v1
        .services(sid)
        .conversations(conversation?.sid as string)
        .participants.list();
      expect(participants.map(({ identity }) => identity ?? "a phone").sort()).toEqual(["a phone", "agent"]);
      for (const { messagingBinding } of participants)
        if (messagingBinding) numbers.add((messagingBinding as { proxy_address: string }).proxy_address);
    }
    expect(numbers.size).toBe(4);
    expect(await twilio.client.incomingPhoneNumbers.list()).toHaveLength(4);
  });
});
