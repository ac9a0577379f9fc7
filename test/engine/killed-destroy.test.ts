import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listLiveObjects } from "../../tools/harness/live-objects.mts";
import { repairStateFiles } from "../../tools/torture/recovery.mts";
import { processesOf, providersOf } from "../support/engine";
import { type CliStack, openCliStack } from "./cli-stack";

vi.setConfig({ testTimeout: 120_000 });

describe("a `pulumi destroy` that is killed", () => {
  let stack: CliStack;
  beforeAll(async () => {
    stack = await openCliStack();
    const { code, stdout, stderr } = await stack.pulumi("up").ended;
    expect(code, stdout + stderr).toBe(0);
  });
  afterAll(async () => {
    await killAll();
    await stack.close();
  });

  const killAll = async () => {
    for (const pid of await processesOf(stack.folder)) process.kill(pid, "SIGKILL");
  };

  /** The kinds of the objects in the account, in order. */
  const kinds = async () => (await listLiveObjects(stack.twilio)).map(({ kind }) => kind).sort();

  /** Destroys the stack until Twilio has received this many deletes, then ends the run. */
  async function interrupt(deletes: number, end: (run: ReturnType<CliStack["pulumi"]>) => Promise<unknown>): Promise<void> {
    const { pulumi, twilio } = stack;
    await twilio.forgetCalls();
    await twilio.fault({ method: "DELETE", delayMs: 1000 });
    const run = pulumi("destroy");
    const asked = async () => (await twilio.writes()).reduce((total, { count }) => total + count, 0);
    await vi.waitFor(async () => expect(await asked()).toBeGreaterThanOrEqual(deletes), { timeout: 50_000, interval: 20 });
    await end(run);
    await run.ended;
    await vi.waitFor(async () => expect(await providersOf(stack.folder)).toEqual([]), { timeout: 10_000, interval: 50 });
    await killAll();
    await twilio.forgetFaults();
    // An engine that is killed while it writes may cut off its own files.
    await repairStateFiles(stack);
    await pulumi("cancel").ended;
  }

  const sigkill = async (run: ReturnType<CliStack["pulumi"]>) => run.kill("SIGKILL");
  const sigintTwice = async (run: ReturnType<CliStack["pulumi"]>) => {
    const seen = new Promise<void>((resolve) => run.stdout?.on("data", (text) => /\^C received/.test(String(text)) && resolve()));
    run.kill("SIGINT");
    await seen;
    run.kill("SIGINT");
  };

  it("is announced by the next preview: what is gone is replaced", async () => {
    await interrupt(1, sigkill);
    const preview = await stack.pulumi("preview", "--json").ended;
    const { steps, diagnostics } = JSON.parse(preview.stdout) as {
      steps: { op: string; urn: string }[];
      diagnostics: { message: string }[];
    };
    const replaced = steps.filter(({ op }) => op === "replace").map(({ urn }) => urn.split("::").at(-1));
    expect(replaced).toEqual([expect.stringMatching(/^(mobile|pineapple)$/)]);
    expect(diagnostics.map(({ message }) => message).join()).toContain("was deleted by an interrupted run and is created again.");
    expect((await stack.pulumi("up").ended).code).toBe(0);
  });

  it.each([
    ["at its second delete", 2, sigkill],
    ["when it deletes the conversation", 3, sigkill],
    ["when it deletes the service", 4, sigkill],
    ["together with its provider, when it deletes the conversation", 3, killAll],
    ["by two interrupts (SIGINT), when it deletes the conversation", 3, sigintTwice],
  ])("%s is followed by a `pulumi up` that completes the stack, and by one that changes nothing", async (_when, deletes, end) => {
    const { pulumi, twilio } = stack;
    const complete = await kinds();
    await interrupt(deletes, end);
    const missing = complete.length - (await kinds()).length;
    expect(missing).toBeGreaterThan(0);
    const up = await pulumi("up").ended;
    expect(up.code, up.stdout + up.stderr).toBe(0);
    expect(await kinds()).toEqual(complete);
    await twilio.forgetCalls();
    const again = await pulumi("up", "--expect-no-changes").ended;
    expect(again.code, again.stdout + again.stderr).toBe(0);
    expect(await twilio.calls()).toEqual([]);
  });
});
