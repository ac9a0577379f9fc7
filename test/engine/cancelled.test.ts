import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { engineEnv, processesOf, startCli } from "../support/engine";
import { type Outside, outside } from "./twilio";

const root = join(import.meta.dirname, "..", "..");

describe("an up that is interrupted (SIGINT) while Twilio is too busy", () => {
  let folder: string;
  let emulator: Emulator;
  let twilio: Outside;
  let configFile: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twilio-cancelled-"));
    emulator = await startEmulator();
    twilio = outside(emulator);
    configFile = join(folder, "Pulumi.dev.yaml");
    await copyFile(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    await writeFile(configFile, `config:\n  twilio:baseUrl: ${emulator.url}\n`);
    await startCli(["stack", "init", "dev", "--no-select"], { cwd: folder, env: env() }).ended;
  });
  afterAll(async () => {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  const env = () => ({
    ...engineEnv(folder),
    PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
  });
  const up = () => startCli(["up", "--yes", "--skip-preview", "--stack", "dev", "--config-file", configFile], { cwd: root, env: env() });

  it("waits no longer, says so, and leaves neither a process nor an object behind", async () => {
    await twilio.fault({ method: "POST", status: 429, retryAfter: 45 });
    const run = up();
    await vi.waitFor(async () => expect((await twilio.writes()).length).toBeGreaterThan(0), { timeout: 50_000, interval: 50 });
    const interrupted = performance.now();
    run.kill("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    expect(code).not.toBe(0);
    // It would have waited for 45 s, and then again.
    expect(performance.now() - interrupted).toBeLessThan(30_000);
    expect(stdout + stderr).toContain("the run was cancelled");
    const services = (await twilio.client.conversations.v1.services.list()).filter(({ friendlyName }) => friendlyName === "Support");
    expect([services, await twilio.client.incomingPhoneNumbers.list()]).toEqual([[], []]);
    await vi.waitFor(async () => expect(await processesOf(folder)).toEqual([]), { timeout: 20_000, interval: 100 });
  });

  it("is followed by an up that makes one of everything", async () => {
    await twilio.forgetFaults();
    const { code, stdout, stderr } = await up().ended;
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain("5 created");
  });
});
