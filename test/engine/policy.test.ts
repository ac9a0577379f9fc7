import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { pathWithCommandPlugin } from "../support/command-plugin";
import { engineEnv, startCli } from "../support/engine";
import { emulatorClient } from "./twilio";

const root = join(import.meta.dirname, "..", "..");

describe("the policy pack on the real engine", { timeout: 120_000 }, () => {
  let folder: string;
  let emulator: Emulator;
  // The language host of the engine that tools/engine builds cannot start packs.
  const pack = join(root, "policy", "start");

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twilio-policy-"));
    emulator = await startEmulator();
    await copyFile(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    expect((await pulumi("stack", "init", "prod", "--no-select")).code).toBe(0);
  });
  afterAll(async () => {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  function pulumi(...args: string[]) {
    const { accountSid: TWILIO_ACCOUNT_SID, authToken: TWILIO_AUTH_TOKEN } = emulator;
    const env = {
      ...engineEnv(folder),
      PATH: pathWithCommandPlugin(),
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      TWILIO_BASE_URL: emulator.url,
      TWILIO_ACCOUNT_SID,
      TWILIO_AUTH_TOKEN,
    };
    return startCli(args, { cwd: args[0] === "stack" ? folder : root, env }).ended;
  }
  /** Runs a command on the stack prod with this configuration and the policy pack. */
  async function withPolicies(command: string[], config: string, policies: object) {
    const [configFile, policyConfig] = [join(folder, "Pulumi.prod.yaml"), join(folder, "policy-config.json")];
    await writeFile(configFile, config);
    await writeFile(policyConfig, JSON.stringify(policies));
    const stack = ["--stack", "prod", "--config-file", configFile];
    return pulumi(...command, ...stack, "--policy-pack", pack, "--policy-pack-config", policyConfig);
  }

  it("stops a preview with a message for every violation, before anything is created", async () => {
    const config = "config:\n  twilio-conversations:numberOnDelete: release\n  twilio-conversations:smsUrl: http://example.com/sms\n";
    const policies = { "monthly-cost": { limit: 1 }, "new-phone-numbers": { limit: 0 }, "phone-number-countries": { countries: ["GB"] } };
    const { code, stdout, stderr } = await withPolicies(["preview"], config, policies);
    const output = stdout + stderr;
    expect(code).not.toBe(0);
    const violations = [...output.matchAll(/\[(mandatory|advisory)\](?: \[severity: \w+\])?\s+([a-z-]+)/g)].map(
      ([, level, name]) => `${level} ${name}`,
    );
    expect([...new Set(violations)].sort(), output).toEqual([
      "advisory webhook-signature-secret",
      "mandatory conversation-timers",
      "mandatory https-webhooks",
      "mandatory monthly-cost",
      "mandatory name-prefix",
      "mandatory new-phone-numbers",
      "mandatory phone-number-countries",
      "mandatory phone-number-protected",
      "mandatory phone-number-release",
    ]);
    expect(output).toContain("More: docs/policies.md#phone-number-release");
    expect(output).not.toContain(emulator.authToken);
    expect(await emulatorClient(emulator).writes()).toEqual([]);
  });

  it("accepts the stack prod with its own configuration, without the smoke test", async () => {
    const sample = JSON.parse(await readFile(join(root, "policy", "config.sample.json"), "utf8"));
    const { code, stdout, stderr } = await withPolicies(
      ["up", "--yes", "--config", "twilio-conversations:verify=false"],
      await readFile(join(root, "Pulumi.prod.yaml"), "utf8"),
      sample,
    );
    expect(code, stdout + stderr).toBe(0);
    expect(stdout).toContain("twilio-conversations@v0.1.0");
    expect(stdout).not.toMatch(/\[mandatory\]|\[advisory\]/);
  });
});
