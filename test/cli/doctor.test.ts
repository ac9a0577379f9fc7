import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Finding, ok } from "../../src/cli/commands/doctor/finding";
import { cli, node, plugins } from "../../src/cli/commands/doctor/tools";
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
      "checkpoints",
      "secrets",
      "configuration",
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

  it("finds a wrong passphrase, with and without a secret in the stack", async () => {
    const own = await openProject({}, {}, { hasPassphrase: true });
    const bare = await openProject({ "twilio:backend": "emulator" }, {}, { hasPassphrase: true });
    const file = join(bare.folder, "Pulumi.dev.yaml");
    bare.pulumi(["config", "rm", "other"]);
    const before = await readFile(file, "utf8");
    expect((await found({}, bare))("secrets")).toMatchObject({ verdict: "ok" });
    for (const where of [bare, own]) {
      const name = await found({ ...logins(), PULUMI_CONFIG_PASSPHRASE: "wrong" }, where);
      expect(name("secrets")).toMatchObject({
        verdict: "fail",
        detail: expect.stringContaining("incorrect passphrase"),
        fix: expect.stringContaining("PULUMI_CONFIG_PASSPHRASE_FILE"),
      });
      expect(name("credentials")?.fix ?? "").not.toContain("README");
    }
    // A state with a secret of its own, in a stack whose configuration file is not in this checkout.
    const { salt = "" } = /encryptionsalt: (?<salt>.*)/.exec(before)?.groups ?? {};
    const type = "pulumi:pulumi:Stack";
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"a secret"' };
    const stack = { urn: `urn:pulumi:dev::project::${type}::project-dev`, custom: false, type, outputs: { secret } };
    const deployment = { manifest: {}, resources: [stack], secrets_providers: { type: "passphrase", state: { salt } } };
    bare.pulumi(["stack", "import"], JSON.stringify({ version: 3, deployment }));
    await rm(file);
    expect((await found({ PULUMI_CONFIG_PASSPHRASE: "wrong" }, bare))("secrets")).toMatchObject({ verdict: "fail" });
    expect((await found({}, bare))("secrets")).toMatchObject({ verdict: "ok" });
    expect(await readFile(join(own.folder, "Pulumi.dev.yaml"), "utf8")).not.toContain("doctor");
    await bare.close();
    await own.close();
  });

  it("finds a backend whose own file is damaged, a lock that a killed run left, and a backend that is not there", async () => {
    const own = await openProject({}, {});
    const meta = join(own.folder, ".pulumi", "meta.yaml");
    await writeFile(meta, "");
    expect((await found(logins(), own))("stack")).toMatchObject({ verdict: "fail", fix: expect.stringContaining("version: 1") });
    await writeFile(meta, "version: 1\n");
    expect((await found(logins(), own))("stack")).toMatchObject({ verdict: "ok" });
    const locks = join(own.folder, ".pulumi", "locks", "organization", "project", "dev");
    await mkdir(locks, { recursive: true });
    const lockOf = (pid: number) =>
      writeFile(join(locks, "a.json"), JSON.stringify({ pid, hostname: hostname(), timestamp: "2026-01-01T00:00:00Z" }));
    // The engine agrees.
    await lockOf(2 ** 30);
    expect(() => own.pulumi(["refresh", "--yes"])).toThrow("currently locked");
    expect((await found(logins(), own))("stack")).toMatchObject({ verdict: "fail", fix: expect.stringContaining("pulumi cancel") });
    await lockOf(process.pid);
    expect((await found(logins(), own))("stack")).toMatchObject({
      verdict: "warn",
      detail: expect.stringContaining(`process ${process.pid}`),
    });
    own.pulumi(["cancel", "--yes"]);
    expect((await found(logins(), own))("stack")).toMatchObject({ verdict: "ok" });
    const elsewhere = await found({ ...logins(), PULUMI_BACKEND_URL: "file:///nowhere" }, own);
    expect(elsewhere("stack")).toMatchObject({ verdict: "fail", fix: expect.stringContaining("pulumi login") });
    await own.close();
  });

  it("finds an address of this machine where nothing listens, at once, and says how to start the emulator", async () => {
    const ended = await startEmulator();
    await ended.close();
    const own = await openProject({}, {});
    const name = await found({ ...logins(), TWILIO_BASE_URL: ended.url }, own);
    expect(name("emulator")).toMatchObject({
      verdict: "fail",
      detail: `nothing listens at ${ended.url}, the base URL of the stack's configuration or the environment`,
      fix: expect.stringContaining(`twilio-conversations emulator --port ${new URL(ended.url).port}`),
    });
    expect(name("credentials")).toMatchObject({ verdict: "skipped" });
    expect(name.text).not.toContain("pulumi up");
    await own.close();
  });

  it("does not advise `pulumi up` where Twilio does not respond", async () => {
    await twilio.fault({ method: "GET", path: "*/IncomingPhoneNumbers.json", drop: "before" });
    const name = await found(logins());
    expect(name("credentials")).toMatchObject({ verdict: "fail", fix: expect.stringContaining("network") });
    expect(name.text).not.toContain("pulumi up");
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
});
