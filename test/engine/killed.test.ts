import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Conversation, ConversationService, PhoneNumber } from "../../src/index";
import { type Kind, listLiveObjects } from "../../tools/harness/live-objects.mts";
import { processesOf, providersOf } from "../support/engine";
import { type CliStack, openCliStack } from "./cli-stack";
import { expectNothing, expectOk, openLab } from "./lab";

vi.setConfig({ testTimeout: 120_000 });

describe("a CLI that is killed during `pulumi up`", () => {
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

  /** Counts the objects of the program's resources. */
  async function countObjects() {
    const objects = await listLiveObjects(stack.twilio);
    const count = (kind: Kind) =>
      objects.filter((object) => object.kind === kind && object.properties.friendlyName !== "Default Conversations Service").length;
    return {
      numbers: count("PhoneNumber"),
      services: count("ConversationService"),
      conversations: count("Conversation"),
      participants: count("Participant"),
    };
  }

  /** The clock of the next runs is this much ahead; the files that they find are of before the step. */
  const stepClock = (minutes: number) => {
    const preload = pathToFileURL(join(import.meta.dirname, "..", "..", "tools", "torture", "clock-step.mjs")).href;
    const step = { NODE_OPTIONS: `--import=${preload}`, CLOCK_STEP_MS: String(60_000 * minutes), CLOCK_STEP_SINCE: String(Date.now()) };
    Object.assign(stack.env, step);
  };

  it.each([
    ["a service and a number", 0, 2, { numbers: 1, services: 1, conversations: 0, participants: 0 }],
    ["a conversation", 10, 1, { numbers: 1, services: 1, conversations: 1, participants: 0 }],
    // The conversation is created again, and Twilio reports a conflict. The second participant waits for its turn, which never comes, because
    // the provider notices that its engine has ended.
    ["a participant", -10, 2, { numbers: 1, services: 1, conversations: 1, participants: 1 }],
  ])(
    "leaves %s outside of the state, where the clock has stepped by %i minutes since the last run",
    async (_what, minutes, requests, made) => {
      const { pulumi, twilio } = stack;
      await twilio.forgetCalls();
      if (minutes !== 0) stepClock(minutes);
      // Twilio is slow: it creates the object, and the response reaches a provider whose engine has ended.
      await twilio.fault({ method: "POST", delayMs: 1500 });
      const up = pulumi("up");
      const asked = async () => (await twilio.writes()).reduce((total, { count }) => total + count, 0);
      await vi.waitFor(async () => expect(await asked()).toBe(requests), { timeout: 50_000, interval: 50 });
      up.kill("SIGKILL");
      await up.ended;
      await vi.waitFor(async () => expect(await countObjects()).toEqual(made), { timeout: 10_000, interval: 50 });
      await vi.waitFor(async () => expect(await providersOf(stack.folder)).toEqual([]), { timeout: 10_000, interval: 50 });
      await killAll();
      await twilio.forgetFaults();
      expect(await pulumi("cancel").ended).toMatchObject({ code: 0 });
    },
  );

  it("is followed by a `pulumi up` that leaves each resource exactly once, and by one that changes nothing", async () => {
    const { pulumi } = stack;
    const up = await pulumi("up").ended;
    expect(up.code, up.stdout + up.stderr).toBe(0);
    expect(await countObjects()).toEqual({ numbers: 1, services: 1, conversations: 1, participants: 2 });
    const again = await pulumi("up", "--expect-no-changes").ended;
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(again.stdout).toContain("6 unchanged");
  });
});

it("an engine that is killed before it saves a run without checkpoints is followed by an up that creates nothing again", async () => {
  const lab = await openLab({
    env: { PULUMI_SKIP_CHECKPOINTS: "true" },
    program: async () => {
      new PhoneNumber("desk", { search: { country: "US", smsEnabled: true } });
      const service = new ConversationService("support", { friendlyName: "Support" });
      new Conversation("hello", { service });
    },
  });
  try {
    const file = join(lab.stack.folder, ".pulumi", "stacks", "proof", "test.json");
    await copyFile(file, `${file}.before`);
    expectOk(await lab.stack.up());
    const ids = async () => (await listLiveObjects(lab.twilio)).map(({ id }) => id).sort();
    const created = await ids();
    // The engine ends the provider, and then writes the state of the whole run.
    await copyFile(`${file}.before`, file);
    const again = await lab.stack.up();
    expectOk(again);
    expect(await ids()).toEqual(created);
    expect(again.text).toContain("which an interrupted run created");
    expectNothing(await lab.stack.up());
  } finally {
    await lab.close();
  }
});
