import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { processesOf } from "../support/engine";
import { type CliStack, openCliStack } from "./cli-stack";

vi.setConfig({ testTimeout: 120_000 });

describe("a CLI that is killed in the middle of an up", () => {
  let stack: CliStack;
  beforeAll(async () => {
    stack = await openCliStack();
  });
  afterAll(async () => {
    await killAll();
    await stack.close();
  });

  const killAll = async () => {
    for (const pid of await processesOf(stack.folder)) process.kill(pid, "SIGKILL");
  };

  /** What there is of the program's resources, by Twilio's own client. */
  async function inventory() {
    const { client } = stack.twilio;
    const services = (await client.conversations.v1.services.list()).filter(({ friendlyName }) => friendlyName === "Support");
    const conversations = (await Promise.all(services.map(({ sid }) => client.conversations.v1.services(sid).conversations.list()))).flat();
    const participants = await Promise.all(
      conversations.map(({ sid, chatServiceSid }) =>
        client.conversations.v1.services(chatServiceSid).conversations(sid).participants.list(),
      ),
    );
    return {
      numbers: (await client.incomingPhoneNumbers.list()).length,
      services: services.length,
      conversations: conversations.length,
      participants: participants.flat().length,
    };
  }

  it.each([
    ["a service and a number", 2, { numbers: 1, services: 1, conversations: 0, participants: 0 }],
    ["a conversation", 1, { numbers: 1, services: 1, conversations: 1, participants: 0 }],
    // The conversation is asked for once more, and Twilio says that there is one of its name. The second participant waits for its turn, which
    // does not come: the provider notices that its engine is gone.
    ["a participant", 2, { numbers: 1, services: 1, conversations: 1, participants: 1 }],
  ])("leaves %s that the state does not know", async (_what, requests, made) => {
    const { pulumi, twilio } = stack;
    await twilio.forgetCalls();
    // Twilio is slow: it makes what it is asked for, and the answer reaches a provider whose engine is gone.
    await twilio.fault({ method: "POST", delayMs: 1500 });
    const up = pulumi("up");
    const asked = async () => (await twilio.writes()).reduce((total, { count }) => total + count, 0);
    await vi.waitFor(async () => expect(await asked()).toBe(requests), { timeout: 50_000, interval: 50 });
    up.kill("SIGKILL");
    await up.ended;
    await vi.waitFor(async () => expect(await inventory()).toEqual(made), { timeout: 10_000, interval: 50 });
    await killAll();
    await twilio.forgetFaults();
    expect(await pulumi("cancel").ended).toMatchObject({ code: 0 });
  });

  it("is followed by an up that ends with exactly one of everything, and by one that does nothing", async () => {
    const { pulumi } = stack;
    const up = await pulumi("up").ended;
    expect(up.code, up.stdout + up.stderr).toBe(0);
    expect(await inventory()).toEqual({ numbers: 1, services: 1, conversations: 1, participants: 2 });
    const again = await pulumi("up", "--expect-no-changes").ended;
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(again.stdout).toContain("6 unchanged");
  });
});
