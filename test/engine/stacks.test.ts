import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { pathWithCommandPlugin } from "../support/command-plugin";
import { engineEnv, startCli } from "../support/engine";
import { emulatorClient } from "./twilio";

const root = join(import.meta.dirname, "..", "..");
const TIMEOUT = 120_000;

interface Step {
  readonly op: string;
  readonly urn: string;
  readonly newState: { readonly protect?: boolean; readonly inputs: Record<string, unknown> };
}

describe("the stacks of the program, previewed with the real CLI and the repository's configuration", { timeout: TIMEOUT }, () => {
  let folder: string;
  let emulator: Emulator;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twilio-stacks-"));
    emulator = await startEmulator();
    await copyFile(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
  });
  afterAll(async () => {
    await emulator.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Previews a stack with its configuration file, and with `more` as `--config` options. */
  async function preview(stack: string, more: Record<string, string>, login: Record<string, string> = {}) {
    const file = join(folder, `Pulumi.${stack}.yaml`);
    await writeFile(file, await readFile(join(root, `Pulumi.${stack}.yaml`), "utf8"));
    const env = { ...engineEnv(folder), PATH: pathWithCommandPlugin(), PULUMI_NODEJS_TRANSPILE_ONLY: "true", ...login };
    await startCli(["stack", "init", stack, "--no-select"], { cwd: folder, env }).ended;
    const settings = Object.entries(more).flatMap(([key, value]) => ["--config", `${key}=${value}`]);
    const args = ["preview", "--json", "--stack", stack, "--config-file", file, ...settings];
    const { code, stdout, stderr } = await startCli(args, { cwd: root, env }).ended;
    const { steps = [], diagnostics = [] } = JSON.parse(stdout) as { steps?: Step[]; diagnostics?: { message: string }[] };
    const made = (name: string) => steps.find(({ op, urn }) => op === "create" && urn.endsWith(`::${name}`))?.newState;
    return { code, stderr, made, steps, text: diagnostics.map(({ message }) => message).join("\n") };
  }

  it("prod protects the number, prefixes names with the environment, keeps conversations with messages, and runs the smoke test", async () => {
    const more = { "twilio-conversations:smsUrl": "https://example.com/sms" };
    const { url, accountSid, authToken } = emulator;
    const login = { TWILIO_BASE_URL: url, TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken };
    const { made, text } = await preview("prod", more, login);
    expect(made("front-desk"), text).toMatchObject({ protect: true, inputs: { onDelete: "retain", smsUrl: "https://example.com/sms" } });
    expect(made("support")?.inputs).toEqual(expect.objectContaining({ friendlyName: "prod Support" }));
    expect(made("hello")?.inputs).toMatchObject({
      friendlyName: "prod My First Conversation",
      forceDestroy: false,
      timers: { inactive: "PT24H", closed: "P30D" },
    });
    expect(made("works")).toBeDefined();
  });

  it("pr needs neither an account nor a secret, and protects nothing", async () => {
    const { made, text } = await preview("pr", { "twilio:stateDir": join(folder, "twilio"), "twilio-conversations:namePrefix": "pr-12" });
    expect(made("support")?.inputs, text).toMatchObject({ friendlyName: "pr-12 Support" });
    expect(made("front-desk")?.protect).not.toBe(true);
    expect(made("works")).toBeUndefined();
  });

  it("reports all configuration problems at once, before any resource is registered and any request is sent", async () => {
    const calls = emulatorClient(emulator);
    await calls.forgetCalls();
    const wrong = {
      "twilio:callTimeout": "soon",
      "twilio-conversations:verify": "yes",
      "twilio-conversations:numberOnDelete": "release",
      "twilio-conversations:smsURL": "https://example.com",
    };
    const { code, steps, text, stderr } = await preview("prod", wrong);
    expect(code).not.toBe(0);
    expect(steps.filter(({ urn }) => urn.includes("twilio/"))).toEqual([]);
    const output = text + stderr;
    expect(output).toContain("6 problems in the configuration of the stack prod; nothing was created.");
    for (const command of [
      "rm twilio-conversations:smsURL",
      "set verify true",
      "set twilio:callTimeout 30",
      "set numberOnDelete retain",
      "set mobileNumber +1…",
    ]) {
      expect(output).toContain(`pulumi config ${command} --stack prod`);
    }
    expect(output).toContain("pulumi config set --secret twilio:authToken …");
    // A stack trace would not help the author of the configuration.
    expect(output).not.toMatch(/ at \w+.*\.[jt]s:\d+/);
    expect(await calls.writes()).toEqual([]);
  });
});
