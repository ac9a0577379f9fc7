import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { processesOf } from "../support/engine";
import { type CliStack, openCliStack } from "./cli-stack";

describe("a `pulumi up` that is interrupted (SIGINT) while Twilio answers 429", () => {
  let stack: CliStack;
  beforeAll(async () => {
    stack = await openCliStack();
  });
  afterAll(() => stack.close());

  it("stops waiting, says so, and leaves no process and no object behind", async () => {
    const { folder, twilio } = stack;
    await twilio.fault({ method: "POST", status: 429, retryAfter: 45 });
    const run = stack.pulumi("up");
    await vi.waitFor(async () => expect((await twilio.writes()).length).toBeGreaterThan(0), { timeout: 50_000, interval: 50 });
    const interrupted = performance.now();
    run.kill("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    expect(code).not.toBe(0);
    // Without the interrupt it would wait for 45 s, and then again.
    expect(performance.now() - interrupted).toBeLessThan(30_000);
    expect(stdout + stderr).toContain("the run was canceled");
    const services = (await twilio.client.conversations.v1.services.list()).filter(({ friendlyName }) => friendlyName === "Support");
    expect([services, await twilio.client.incomingPhoneNumbers.list()]).toEqual([[], []]);
    await vi.waitFor(async () => expect(await processesOf(folder)).toEqual([]), { timeout: 20_000, interval: 100 });
  });

  it("is followed by a `pulumi up` that creates each resource once", async () => {
    await stack.twilio.forgetFaults();
    const { code, stdout, stderr } = await stack.pulumi("up").ended;
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain("5 created");
  });
});
