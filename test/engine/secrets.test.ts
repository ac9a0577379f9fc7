import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Config } from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { Conversation, ConversationService, Participant, PhoneNumber, TwilioProvider } from "../../src/index";
import { engineEnv, type OperationOptions, type Outcome, startCli } from "../support/engine";
import { type LeakingProxy, startLeakingProxy } from "../support/leaking-proxy";
import { expectOk, type Lab, openLab } from "./lab";

const root = join(import.meta.dirname, "..", "..");
/** The maximum of logging, with which the engine prints the stack's configuration. It does not know the environment and the profiles. */
const verbose: OperationOptions = { debug: true, logVerbosity: 9, logFlow: true, logToStdErr: true };

const middle = (name: string) => `c4nary0${name}0`.padEnd(32, "7f3a91d2");
/** A secret that every encoding writes differently: URL, form, JSON and shell. Its middle part identifies it. */
const secretFor = (name: string) => `/+"%&= '\\${middle(name)}\\' =&%"+/`;
const names = ["config", "configKey", "token", "key", "environment", "profile"] as const;

/** What reveals a secret: its middle part, and the Base64 encoding of that part at every offset. */
const traces = names.flatMap((name) => [
  middle(name),
  ...[0, 1, 2].map((before) =>
    Buffer.from(" ".repeat(before) + middle(name))
      .toString("base64")
      .slice(4, -4),
  ),
]);

function expectNoTrace(text: string, where: string): void {
  for (const trace of traces) {
    const at = text.indexOf(trace);
    expect(at < 0 ? "" : `${where}: …${text.slice(Math.max(0, at - 200), at + 60)}…`).toBe("");
  }
}

async function expectNoTraceIn(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  for (const file of files) expectNoTrace(await readFile(file, "latin1"), file);
}

/** Records the arguments of all processes until it is stopped. */
function watchArguments(): { stop(): Promise<string> } {
  const seen = new Set<string>();
  let stopped = false;
  const watching = (async () => {
    while (!stopped) {
      for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
        seen.add(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""));
      }
      await sleep(20);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return [...seen].join("\n");
    },
  };
}

describe("a Twilio secret", () => {
  let emulator: Emulator;
  let twilio: LeakingProxy;
  let temporary: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    emulator = await startEmulator();
    twilio = await startLeakingProxy(emulator);
    // The folder for logs and dumps.
    temporary = await mkdtemp(join(tmpdir(), "twilio-secrets-"));
    env = { TMPDIR: temporary };
  });
  afterAll(async () => {
    await twilio.close();
    await emulator.close();
    await rm(temporary, { recursive: true, force: true });
  });

  const open = async (secrets: Record<string, string>, config: Record<string, string> = {}): Promise<Lab> => {
    const lab = await openLab({ twilio: emulator, login: false, env, config: { "twilio:baseUrl": twilio.url, ...config } });
    const entries = Object.entries(secrets).map(([key, value]) => [key, { value, secret: true }]);
    if (entries.length > 0) await lab.stack.stack.setAllConfig(Object.fromEntries(entries));
    return lab;
  };

  /** Runs an operation, and searches its output and all its files. */
  async function run(
    lab: Lab,
    operation: "preview" | "up" | "refresh" | "destroy",
    options: OperationOptions = { debug: true },
  ): Promise<Outcome> {
    const outcome = await lab.stack[operation](options);
    expectNoTrace(outcome.text, `what ${operation} prints`);
    expectNoTrace(outcome.events, `the events of ${operation}`);
    for (const folder of [lab.stack.folder, lab.stack.stack.workspace.workDir, temporary]) await expectNoTraceIn(folder);
    return outcome;
  }

  /** Runs an operation while requests fail. At least one request must have failed. */
  async function withFailures<T>(how: LeakingProxy["failing"], operation: () => Promise<T>): Promise<T> {
    twilio.failing = how;
    try {
      const result = await operation();
      expect(twilio.failures()).toBeGreaterThan(0);
      return result;
    } finally {
      twilio.failing = undefined;
    }
  }
  function expectFailed({ ok, text }: Outcome, says: string): void {
    expect(ok, text).toBe(false);
    expect(text).toContain(says);
  }

  describe("of the stack configuration or a provider", () => {
    let lab: Lab;
    let address = "+15558675310";
    beforeAll(async () => {
      const { accountSid, apiKey } = emulator;
      const secrets = { "twilio:authToken": secretFor("config"), "proof:token": secretFor("token"), "proof:key": secretFor("key") };
      const limits = { "twilio:callTimeout": "2", "twilio:operationTimeout": "4" };
      lab = await open(secrets, { "twilio:accountSid": accountSid, ...limits });
      lab.stack.program = async () => {
        const config = new Config("proof");
        const byToken = new TwilioProvider("by-token", { accountSid, authToken: config.requireSecret("token") });
        const byKey = new TwilioProvider("by-key", { accountSid, apiKey, apiSecret: config.requireSecret("key") });
        const { phoneNumber: proxyAddress } = new PhoneNumber("front-desk", {
          search: { country: "US", smsEnabled: true },
          onDelete: "release",
        });
        const service = new ConversationService("support", { friendlyName: "Support" }, { provider: byToken });
        const conversation = new Conversation("hello", { service }, { provider: byKey });
        new Participant("mobile", { conversation, sms: { address, proxyAddress } }, { provider: byKey });
      };
    });
    afterAll(() => lab.close());

    it("does not appear in a preview that passes or fails", async () => {
      expectOk(await run(lab, "preview"));
      address = "5558675310";
      expectFailed(await run(lab, "preview"), "must be a phone number in E.164 format");
      address = "+15558675310";
    });

    it.each([
      [401, "json"],
      [403, "html"],
      [500, "json"],
    ] as const)("does not appear if Twilio answers %i (%s) and repeats the credentials", async (status, as) => {
      expectFailed(await withFailures({ method: "POST", status, as }, () => run(lab, "up")), `HTTP ${status}`);
      // After a 500, the next run would look for the service for longer than this stack's time limit.
      await rm(join(lab.stack.folder, "cache"), { recursive: true, force: true });
    });

    it("does not appear in an up, its state and its notes, even with a wrong content type; the state contains ciphertext", async () => {
      await lab.twilio.fault({ method: "GET", body: "mislabeled" });
      expectOk(await run(lab, "up"));
      await lab.twilio.forgetFaults();
      const { "by-token": byToken, "by-key": byKey, default: own } = await lab.stack.state();
      expect(own?.inputs["twilio:authToken"]).toHaveProperty("ciphertext");
      for (const side of ["inputs", "outputs"] as const) {
        expect(byToken?.[side]["twilio:authToken"]).toHaveProperty("ciphertext");
        expect(byKey?.[side]["twilio:apiSecret"]).toHaveProperty("ciphertext");
      }
    });

    const object = { number: "*/IncomingPhoneNumbers/{Sid}", service: "/v1/Services/{Sid}", room: "*/Conversations/{Sid}" };
    it.each<[what: string, faults: readonly Record<string, unknown>[], says: string]>([
      [
        "responses are lost, truncated or web pages",
        [
          { path: object.number, drop: "before" },
          { path: object.service, body: "truncated" },
          { path: object.room, body: "html" },
        ],
        "the operation reached its time limit",
      ],
      ["a response is late", [{ path: object.service, delayMs: 6000 }], "no response from Twilio within"],
    ])("does not appear if %s, until the time limit", async (_what, faults, says) => {
      for (const fault of faults) await lab.twilio.fault({ method: "GET", ...fault });
      const outcome = await run(lab, "refresh");
      await lab.twilio.forgetFaults();
      expectFailed(outcome, says);
    });

    it("does not appear in a destroy that fails or succeeds", async () => {
      expectFailed(await withFailures({ method: "DELETE", status: 403, as: "html" }, () => run(lab, "destroy")), "HTTP 403");
      expectOk(await run(lab, "destroy"));
    });
  });

  it("of a provider in the program does not appear, not even in the engine's event stream", async () => {
    const { accountSid, apiKey } = emulator;
    const lab = await open({ "twilio:apiSecret": secretFor("configKey") }, { "twilio:accountSid": accountSid, "twilio:apiKey": apiKey });
    lab.stack.program = async () => {
      const provider = new TwilioProvider("by-token", { accountSid, authToken: secretFor("token") });
      new ConversationService("support", { friendlyName: "Support" }, { provider });
    };
    try {
      for (const operation of ["preview", "up", "destroy"] as const) expectOk(await run(lab, operation, { debug: true }));
    } finally {
      await lab.close();
    }
  });

  it("of a profile of the Twilio CLI does not appear with maximum logging, nor in the arguments of any process", async () => {
    const { accountSid, apiKey } = emulator;
    const home = await mkdtemp(join(tmpdir(), "twilio-profile-"));
    await mkdir(join(home, ".twilio-cli"));
    const profiles = { local: { accountSid, apiKey, apiSecret: secretFor("profile") } };
    await writeFile(join(home, ".twilio-cli", "config.json"), JSON.stringify({ profiles }));
    const lab = await open({}, { "twilio:profile": "local" });
    lab.stack.program = async () => void new ConversationService("support", { friendlyName: "Support" });
    Object.assign(lab.stack.stack.workspace.envVars, { HOME: home });
    const watched = watchArguments();
    try {
      expectOk(await run(lab, "preview", verbose));
      const refused = await withFailures({ method: "POST", status: 401, as: "json" }, () => run(lab, "up", verbose));
      expectFailed(refused, "HTTP 401");
      const up = await withFailures({ method: "POST", status: 429, as: "json" }, () => run(lab, "up", verbose));
      expectOk(up);
      expect(up.text).toContain("retrying in 1000 ms");
      expectOk(await run(lab, "destroy", verbose));
      const seen = await watched.stop();
      expect(seen).toContain("--logflow");
      expectNoTrace(seen, "a process's arguments");
    } finally {
      await lab.close();
      await rm(home, { recursive: true });
    }
  });

  it("of the environment does not appear in the output and files of the real CLI, also with --json", async () => {
    const folder = await mkdtemp(join(tmpdir(), "twilio-json-"));
    const configFile = join(folder, "Pulumi.dev.yaml");
    await copyFile(join(root, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
    await writeFile(configFile, "config: {}\n");
    const { accountSid: TWILIO_ACCOUNT_SID } = emulator;
    const cliEnv = { ...env, ...engineEnv(folder), PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
    const login = { TWILIO_BASE_URL: twilio.url, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN: secretFor("environment") };
    const pulumi = async (...args: string[]) => {
      const { code, stdout, stderr } = await startCli([...args, "--stack", "dev", "--config-file", configFile], {
        cwd: root,
        env: { ...cliEnv, ...login },
      }).ended;
      expectNoTrace(stdout + stderr, args.join(" "));
      for (const searched of [folder, temporary]) await expectNoTraceIn(searched);
      return { code, text: stdout + stderr };
    };
    try {
      await startCli(["stack", "init", "dev", "--no-select"], { cwd: folder, env: cliEnv }).ended;
      const refused = await withFailures({ method: "GET", status: 401, as: "json" }, () => pulumi("preview", "--json"));
      expect(refused.text).toContain("HTTP 401");
      expect((await pulumi("preview", "--json")).text).toContain("will buy");
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
