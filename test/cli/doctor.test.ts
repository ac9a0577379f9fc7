import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Finding, fail, ok } from "../../src/cli/commands/doctor/finding";
import { accountOf, pending } from "../../src/cli/commands/doctor/stack";
import { cli, node, plugins } from "../../src/cli/commands/doctor/tools";
import { account, clock, numbers, region } from "../../src/cli/commands/doctor/twilio";
import type { Connection } from "../../src/core/twilio/connection";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { openProject, type Project } from "./project";

describe("twilio-conversations doctor", () => {
  let emulator: Emulator;
  let twilio: EmulatorClient;
  let project: Project;

  beforeAll(async () => {
    emulator = await startEmulator();
    twilio = emulatorClient(emulator);
    project = await openProject({}, {});
  });
  beforeEach(async () => {
    await twilio.forgetFaults();
    await twilio.skewClock(0);
    await twilio.forgetCalls();
  });
  afterAll(async () => {
    await project.close();
    await emulator.close();
  });

  const logins = () => ({
    TWILIO_BASE_URL: emulator.url,
    TWILIO_ACCOUNT_SID: emulator.accountSid,
    TWILIO_API_KEY: emulator.apiKey,
    TWILIO_API_SECRET: emulator.apiSecret,
  });
  /** The findings with these variables in the environment; the exit code shows whether a check fails. */
  async function found(env: NodeJS.ProcessEnv, where = project) {
    const { code, stdout, stderr } = await where.command(["doctor", "--stack", "dev", "--json"], env);
    const told = JSON.parse(stdout || "null") as { ok: boolean; findings: Finding[] };
    expect(stderr).toBe("");
    expect(code).toBe(told.ok ? 0 : 1);
    expect(told.ok).toBe(told.findings.every(({ verdict }) => verdict !== "fail"));
    for (const { verdict, fix } of told.findings) if (verdict === "warn" || verdict === "fail") expect(fix).toMatch(/\w/);
    return Object.assign((name: string) => told.findings.find((finding) => finding.name === name), { text: stdout });
  }

  it("finds no problems, and only reads", async () => {
    const name = await found(logins());
    for (const one of [
      "node",
      "pulumi",
      "plugins",
      "stack",
      "credentials",
      "tokens",
      "account",
      "clock",
      "region",
      "numbers",
      "stack account",
    ]) {
      expect(name(one), one).toMatchObject({ verdict: "ok" });
    }
    const { stdout } = await project.command(["doctor", "--stack", "dev"], logins());
    // There is no embedded emulator to check.
    expect(stdout.trimEnd().split("\n").at(-1)).toMatch(/Not checked: emulator\.$/);
    expect(stdout).not.toContain("Everything is fine");
    expect(name("credentials")?.detail).toBe(`${emulator.apiKey} of the environment`);
    expect(name("emulator")).toMatchObject({ verdict: "skipped" });
    expect((await twilio.calls()).length).toBeGreaterThan(0);
    expect(await twilio.writes()).toEqual([]);
    for (const secret of [emulator.apiSecret, emulator.authToken, "a secret of the program"]) expect(name.text).not.toContain(secret);
  });

  it("warns of a clock that is off by half a minute, and of an auth token, which cannot sign access tokens", async () => {
    await twilio.skewClock(30);
    const name = await found({ ...logins(), TWILIO_API_KEY: "", TWILIO_API_SECRET: "", TWILIO_AUTH_TOKEN: emulator.authToken });
    expect(name("clock")).toMatchObject({ verdict: "warn", detail: expect.stringMatching(/(29|30|31) s behind Twilio's/) });
    expect(name("tokens")).toMatchObject({ verdict: "warn", fix: expect.stringContaining("twilio:apiKey") });
  });

  it("fails if Twilio refuses the credentials, names their source, and skips the other checks", async () => {
    const name = await found({ ...logins(), TWILIO_API_SECRET: "f".repeat(32) });
    expect(name("credentials")).toMatchObject({ verdict: "fail", fix: expect.stringContaining("from the environment") });
    expect(name("account")).toMatchObject({ verdict: "skipped" });
    expect(name.text).not.toContain("f".repeat(32));
  });

  it("works without the account's settings, which a standard key may not read", async () => {
    await twilio.fault({ method: "GET", path: "/2010-04-01/Accounts/{Sid}.json", status: 401, code: 20003 });
    const name = await found(logins());
    expect(await twilio.faultsActed()).toEqual([1]);
    expect(name("account")).toMatchObject({ verdict: "skipped", detail: expect.stringContaining("main API keys") });
    expect(name("clock")).toMatchObject({ verdict: "ok" });
  });

  it("says where to set missing credentials, and what an incomplete set lacks", async () => {
    const { code, stdout } = await project.command(["doctor", "--stack", "dev"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^fail +credentials +no Twilio credentials found\n +What to do: Set one of:\n +pulumi config set twilio:accountSid/m,
    );
    expect(stdout).toMatch(/^\d failed, \d with warnings\. Not checked: tokens, /m);
    const half = await found({ TWILIO_ACCOUNT_SID: emulator.accountSid });
    expect(half("credentials")).toMatchObject({
      verdict: "fail",
      detail: expect.stringMatching(/incomplete credentials .* is missing$/),
      fix: expect.stringMatching(/^Set it there/),
    });
  });

  it("says how to repair the files of a file backend that were cut off, and the repair works", async () => {
    const own = await openProject({}, {});
    const stacks = join(own.folder, ".pulumi", "stacks", "project");
    const state = await readFile(join(stacks, "dev.json"), "utf8");

    await writeFile(join(stacks, "dev.json.attrs"), "");
    const empty = (await found(logins(), own))("stack");
    expect(empty).toMatchObject({ verdict: "fail", detail: expect.stringContaining("failed to load checkpoint: EOF") });
    const command = empty?.fix?.split(": ")[1] as string;
    spawnSync("sh", ["-c", command], { cwd: own.folder });
    expect((await found(logins(), own))("stack")).toMatchObject({ verdict: "ok" });

    for (const name of ["dev.json", "dev.json.bak"]) await writeFile(join(stacks, name), state.slice(0, -20));
    const name = await found(logins(), own);
    expect(name("stack")).toMatchObject({
      verdict: "fail",
      fix: expect.stringContaining(".pulumi/history/PROJECT/STACK/*.checkpoint.json"),
    });
    expect(name("credentials")).toEqual({ name: "credentials", verdict: "skipped", detail: "the stack cannot be read" });
    await writeFile(join(stacks, "dev.json"), state);
    expect((await found(logins(), own))("stack")).toMatchObject({ verdict: "ok" });
    await own.close();
  });

  it("works without Pulumi, and reports that it is missing", async () => {
    const { stdout } = await project.command(["doctor", "--json"], { ...logins(), PATH: "/nowhere" });
    const { findings } = JSON.parse(stdout) as { findings: Finding[] };
    const name = (one: string) => findings.find((finding) => finding.name === one);
    expect(name("pulumi")).toMatchObject({ verdict: "fail", fix: expect.stringContaining("install") });
    expect(name("account")).toMatchObject({ verdict: "ok" });
  });

  it("creates no emulator, and reports a running one as healthy without changing it", async () => {
    const own = await openProject({ "twilio:backend": "emulator" }, {});
    const state = join(own.folder, ".twilio");
    const without = await found({}, own);
    expect(without("emulator")).toMatchObject({ verdict: "ok", detail: expect.stringContaining("the first pulumi up") });
    expect(without("account")).toMatchObject({ verdict: "skipped" });
    expect(existsSync(state)).toBe(false);

    const local = await startEmulator({ stateDir: state });
    const served = await found({}, own);
    expect(served("emulator")).toMatchObject({ verdict: "ok", detail: expect.stringContaining(`process ${process.pid} at ${local.url}`) });
    await local.close();
    // Opening the state writes to it, but not to its tables.
    const tables = async () => (JSON.parse(await readFile(join(state, "state.json"), "utf8")) as { tables: unknown }).tables;
    const before = await tables();
    const unserved = await found({}, own);
    for (const one of ["credentials", "emulator", "account"]) expect(unserved(one)).toMatchObject({ verdict: "ok" });
    expect(await tables()).toEqual(before);
    await own.close();
  });

  it("detects old versions, and what a smoke test needs", () => {
    expect(node("22.0.0").verdict).toBe("ok");
    expect(node("20.20.2").verdict).toBe("fail");
    const run = (stdout: string, code = 0) => ({ code, stdout, stderr: "" });
    expect(cli(run("v3.276.0\n"))).toEqual(ok("Pulumi 3.276.0"));
    expect(cli(run("3.99.1")).verdict).toBe("warn");
    expect(cli(run("", 1)).verdict).toBe("fail");
    const listed = run(JSON.stringify([{ name: "command", kind: "resource", version: "1.2.1" }]));
    const path = process.env.PATH;
    process.env.PATH = project.env.PATH?.split(delimiter)[0] as string;
    expect(plugins(run("[]"), false).verdict).toBe("ok");
    expect(plugins(run("[]"), true)).toMatchObject({ verdict: "fail", fix: "pulumi plugin install resource command 1.2.1" });
    expect(plugins(listed, true).verdict).toBe("ok");
    process.env.PATH = path;
  });

  it("checks accounts, numbers, clocks and regions", () => {
    const connection = { accountSid: `AC${"1".repeat(32)}` } as Connection;
    const full = { type: "Full", status: "active", friendlyName: "Ours" };
    const trial = { ...full, type: "Trial" };
    expect(account(connection, full).verdict).toBe("ok");
    expect(account(connection, trial).verdict).toBe("warn");
    expect(account(connection, { ...full, status: "suspended" }).verdict).toBe("fail");
    expect([numbers(0, trial), numbers(1, trial), numbers(1, full)].map(({ verdict }) => verdict)).toEqual(["ok", "warn", "ok"]);
    expect([0, 5_000, -5_000, 6_000, -60_000, 61_000, -61_000].map((ms) => clock(ms).verdict)).toEqual([
      "ok",
      "ok",
      "ok",
      "warn",
      "warn",
      "fail",
      "fail",
    ]);
    expect(clock(-61_000).detail).toContain("61 s ahead of");
    expect(
      [{}, { region: "us1" }, { region: "ie1" }, { region: "moon1" }].map((where) => region({ ...connection, ...where }).verdict),
    ).toEqual(["ok", "ok", "warn", "fail"]);
  });

  it("detects a stack of another account, except for resources with their own provider, and what an interrupted run left", () => {
    const [ours, theirs] = [`AC${"1".repeat(32)}`, `AC${"2".repeat(32)}`];
    const resource = (accountSid: string, provider = "default") => ({
      urn: "urn:pulumi:dev::p::pulumi-nodejs:twilio/conversations:Conversation::hello",
      type: "pulumi-nodejs:twilio/conversations:Conversation",
      provider: `urn:pulumi:dev::p::pulumi:providers:pulumi-nodejs::${provider}::id`,
      outputs: { accountSid },
    });
    expect(accountOf({ resources: [resource(ours)] }, ours).verdict).toBe("ok");
    expect(accountOf({}, ours).verdict).toBe("ok");
    expect(accountOf({ resources: [resource(ours), resource(theirs)] }, ours)).toEqual(
      fail(
        `hello belongs to account ${theirs}, but the credentials are for account ${ours}`,
        "use the stack's account, or another stack for the other account",
      ),
    );
    expect(accountOf({ resources: [resource(theirs, "other")] }, ours).verdict).toBe("ok");
    expect(pending({ resources: [] }, undefined).verdict).toBe("ok");
    const left = { type: "creating", resource: { urn: "urn:pulumi:dev::p::t::hello" } };
    expect(pending({ pending_operations: [left] }, undefined)).toMatchObject({
      verdict: "warn",
      detail: expect.stringContaining("creating hello"),
    });
    expect(pending({ pending_operations: [left, { ...left, type: "deleting" }] }, undefined)).toMatchObject({
      verdict: "warn",
      fix: expect.stringMatching(/^run pulumi refresh .*then pulumi up$/),
    });
    expect(pending(undefined, "there is no Pulumi.yaml").verdict).toBe("skipped");
  });
});
