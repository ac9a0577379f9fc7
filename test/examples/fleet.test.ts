import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { bringUp, type FleetOptions } from "../../examples/fleet/fleet.mts";
import type { Outcome } from "../../examples/fleet/one.mts";
import type { Tenant } from "../../examples/fleet/tenant.mts";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { engineEnv, processesOf } from "../support/engine";

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

  const files = (name: string) => join(folder, "tenants", name);
  const environment = (): Record<string, string> => ({
    ...engineEnv(folder),
    TWILIO_BASE_URL: emulator.url,
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_AUTH_TOKEN: emulator.authToken,
  });
  const one = { name: "one", phone: "+15558675311" };
  const three = { name: "three", phone: "+15558675313" };

  interface Run {
    readonly mostActive: number;
    /** The tenants whose updates started, in order. */
    readonly begun: string[];
    readonly outcomes: Record<string, Outcome>;
  }

  async function up(tenants: Tenant[], options: Partial<FleetOptions> = {}): Promise<Run> {
    let [active, mostActive] = [0, 0];
    const begun: string[] = [];
    const ended: Outcome[] = [];
    const results = await bringUp({
      tenants,
      atOnce: 2,
      folder: join(folder, "tenants"),
      env: environment(),
      onBegin(name) {
        begun.push(name);
        active += 1;
        mostActive = Math.max(mostActive, active);
      },
      onEnd(outcome) {
        if (!outcome.upToDate) active -= 1;
        ended.push(outcome);
      },
      ...options,
    });
    expect(ended).toEqual(results);
    return { mostActive, begun, outcomes: Object.fromEntries(results.map((outcome) => [outcome.name, outcome])) };
  }

  it("brings up at most `atOnce` tenants at once; a failed tenant does not affect the others, and the next run creates only that one", async () => {
    const { mostActive, outcomes: first } = await up([one, { name: "two", phone: "a phone" }, three]);
    expect(mostActive).toBe(2);
    for (const name of ["one", "three"]) expect(first[name]).toMatchObject({ name, changes: { create: 6 } });
    expect(first.two?.error).toMatch(
      /^1 resource has invalid properties:\n +Participant "customer": sms.address must be a phone number in E.164 format: .*; received "a phone"$/,
    );
    expect(first.two).not.toHaveProperty("changes");
    // Each tenant has its own log, which only its user can read.
    expect((await readdir(join(folder, "tenants"))).sort()).toEqual(
      ["one", "three", "two"].flatMap((name) => [`${name}.json`, `${name}.log`]),
    );
    for (const name of ["one", "two", "three"]) {
      const { log } = first[name] as Outcome;
      expect((await stat(log)).mode & 0o777).toBe(0o600);
      expect((await stat(files(`${name}.json`))).mode & 0o777).toBe(0o600);
      const text = await readFile(log, "utf8");
      expect(text).toContain(`Updating (${name})`);
      expect(text).not.toContain(emulator.authToken);
      expect(text.includes('received "a phone"')).toBe(name === "two");
    }

    const { v1 } = twilio.client.conversations;
    const tenantServices = async () => (await v1.services.list()).filter(({ friendlyName }) => / support$/.test(friendlyName));
    expect((await tenantServices()).map(({ friendlyName }) => friendlyName).sort()).toEqual(["one support", "three support"]);

    // Interrupts a run while it creates a tenant.
    const four = { name: "four", phone: "+15558675314" };
    const interrupted = new AbortController();
    await twilio.fault({ method: "POST", path: "*/Conversations", delayMs: 1_000, times: 1 });
    const third = up([four], { signal: interrupted.signal });
    await expect.poll(() => twilio.faultsActed(), { timeout: 60_000 }).toEqual([1]);
    interrupted.abort();
    expect((await third).outcomes.four?.error).toMatch(/cancell?ed/);

    const { outcomes: resumed } = await up([four]);
    expect(resumed.four?.changes?.create).toBeLessThan(5);
    await twilio.forgetCalls();
    const { outcomes: second, begun } = await up([one, { name: "two", phone: "+15558675312" }]);
    // The first run created its stack.
    expect(second).toMatchObject({ one: { upToDate: true, seconds: 0, changes: { create: 6 } }, two: { changes: { create: 5 } } });
    expect(begun).toEqual(["two"]);
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

  it("updates a tenant that is up only if its declaration changed, or if asked to; tenants that failed are first", async () => {
    await twilio.forgetCalls();
    const moved = { ...three, phone: "+15558675319" };
    // A configuration reaches the stack: this one is not valid.
    const misconfigured = await up([{ name: "zero", phone: "+15558675310" }], { config: { "twilio:maxConcurrency": "none" } });
    expect(misconfigured.outcomes.zero?.error).toContain("maxConcurrency");
    const failing = { name: "zero", phone: "a phone" };
    const { begun, outcomes } = await up([one, moved, failing], { atOnce: 1 });
    expect(begun).toEqual(["zero", "three"]);
    expect(outcomes).toMatchObject({
      one: { upToDate: true },
      three: { changes: { same: 5, replace: 1 } },
      zero: { error: expect.any(String) },
    });
    expect(outcomes.three).not.toHaveProperty("upToDate");

    await twilio.forgetCalls();
    // This CLI writes its arguments down, which all users of the machine can read.
    const [commands, bin] = [join(folder, "commands"), join(folder, "bin")];
    await mkdir(bin);
    const cli = `#!/bin/sh\nprintf '%s\\n' "$*" >> '${commands}'\nexec '${join(inject("engine"), "pulumi")}' "$@"\n`;
    await writeFile(join(bin, "pulumi"), cli, { mode: 0o755 });
    const again = await up([one], { all: true, env: { ...environment(), PATH: `${bin}${delimiter}${environment().PATH}` } });
    expect(again.outcomes.one).toMatchObject({ changes: { same: 6 } });
    expect(await twilio.calls()).toEqual([]);
    expect(await readFile(commands, "utf8")).toMatch(/^up /m);
    expect(await readFile(commands, "utf8")).not.toContain(emulator.authToken);
  });

  it("replaces secrets in logs and errors, also of a process that ends without a result; no earlier result is left meanwhile", async () => {
    const secret = "a-secret-of-the-shell";
    // The module ends the tenant's process before its update.
    const crash = join(folder, "crash.cjs");
    const found = `require("node:fs").existsSync("${files("five.json")}")`;
    await writeFile(crash, `if (process.argv[1].endsWith("one.mts")) { console.error("${secret}", ${found}); process.exit(3); }`);
    vi.stubEnv("NODE_OPTIONS", `--require ${crash}`);
    vi.stubEnv("SOME_API_TOKEN", secret);
    // A log that others can read, from an earlier version.
    await mkdir(files(""), { recursive: true });
    await writeFile(files("five.log"), "old", { mode: 0o644 });
    await writeFile(files("five.json"), JSON.stringify({ declaration: "", outcome: { name: "five", seconds: 1, log: "", changes: {} } }));
    const { outcomes } = await up([{ name: "five", phone: "+15558675315" }]);
    vi.stubEnv("NODE_OPTIONS", "");
    vi.stubEnv("SOME_API_TOKEN", "");
    expect(outcomes.five?.error).toBe("the process ended with 3");
    expect(await readFile(files("five.log"), "utf8")).toBe("[secret] false\nFAILED: the process ended with 3\n");
    expect((await stat(files("five.log"))).mode & 0o777).toBe(0o600);
  });

  it.each<[string, Partial<FleetOptions>, string]>([
    ["no update at once", { atOnce: 0 }, "must be 1 or more; received 0"],
    ["half an update", { atOnce: Number("two") }, "must be 1 or more; received NaN"],
    ["a name that is a path", { tenants: [{ name: "../one", phone: "" }] }, 'letters, digits and hyphens only; received "../one"'],
    ["a name twice", { tenants: [one, one] }, 'received "one" twice'],
  ])("refuses %s", async (_what, options, message) => {
    await expect(up([one], options)).rejects.toThrow(message);
  });
});

describe("examples/fleet/main.mts", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "twilio-fleet-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function start(...args: string[]): { child: ChildProcess; ended: Promise<{ code: number | null; stdout: string; stderr: string }> } {
    const main = join(import.meta.dirname, "../../examples/fleet/main.mts");
    const { PULUMI_BACKEND_URL: _, ...env } = engineEnv(folder);
    const child = spawn(process.execPath, [main, "--tenants", "3", "--at-once", "1", "--folder", folder, ...args], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk) => (stdout += chunk));
    child.stderr.on("data", (chunk) => (stderr += chunk));
    const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stdout, stderr }));
    return { child, ended };
  }

  it("goes on after it was killed: what is up costs nothing, a failure is named with its log, and the exit code is 1 until all are up", async () => {
    const killed = start();
    for await (const chunk of killed.child.stderr as NodeJS.ReadableStream) if (String(chunk).includes("tenant-02 …")) break;
    killed.child.kill("SIGKILL");
    await killed.ended;
    await expect.poll(() => processesOf(folder), { timeout: 60_000 }).toEqual([]);
    // The state of the third tenant cannot be read.
    const state = join(folder, ".pulumi/stacks/fleet/tenant-03.json");
    await mkdir(join(state, ".."), { recursive: true });
    await writeFile(state, "not JSON");

    const second = await start("--unlock").ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toContain("tenant-01: up to date");
    expect(second.stdout).toContain("2 of 3 tenants are up, 1 failed, 0 did not start");
    expect(second.stdout).toMatch(/^5 writes to Twilio, \d+\.\d a second. Twilio's limit is 30 a second in each service.$/m);
    expect(second.stderr).toMatch(/^tenant-03: .+\n {2}log: .+\/tenants\/tenant-03\.log$/m);

    await rm(state);
    const third = await start("--json").ended;
    expect(third.code).toBe(0);
    const { writes, outcomes } = JSON.parse(third.stdout) as { writes: number; outcomes: Outcome[] };
    expect(writes).toBe(5);
    expect(outcomes.map(({ name, upToDate }) => [name, upToDate])).toEqual([
      ["tenant-01", true],
      ["tenant-02", true],
      ["tenant-03", undefined],
    ]);
  });
});
