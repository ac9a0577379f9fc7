import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";
import { type Forge, openForge } from "./forge";
import { openTeam, ownEnv, runScript, type Team } from "./team";

const root = join(import.meta.dirname, "..", "..");
/** Every script gets this secret and must not print it. */
const CANARY = "canary-5d1c0f";

describe("ci/try-locally", () => {
  it("deploys, verifies and destroys this repository's program, without secrets, and leaves nothing", async () => {
    const before = await readdir(root);
    const summary = join(await mkdtemp(join(tmpdir(), "twilio-summary-")), "summary.md");
    onTestFinished(() => rm(dirname(summary), { recursive: true }));
    const PATH = `${inject("engine")}:${process.env.PATH}`;
    // The pipeline's own credentials are ignored: this URL has no server.
    const env = { TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`, TWILIO_AUTH_TOKEN: CANARY, TWILIO_BASE_URL: "http://127.0.0.1:9" };
    const { code, text } = await runScript(join(root, "ci", "try-locally"), [], {
      ...ownEnv(),
      ...env,
      PATH,
      PULUMI_BACKEND_URL: "s3://nobody",
      PULUMI_ACCESS_TOKEN: CANARY,
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      GITHUB_ACTIONS: "true",
      GITHUB_API_URL: "http://127.0.0.1:9",
      GITHUB_REF: "refs/pull/7/merge",
      GITHUB_TOKEN: CANARY,
      GITHUB_STEP_SUMMARY: summary,
    });
    expect(code, text).toBe(0);
    // Reviewers of a fork see the result and its cost in the run's summary.
    const shown = await readFile(summary, "utf8");
    for (const says of ["1 conversation created", "1 phone number bought", "USD (1 number)", "```mermaid"]) expect(shown).toContain(says);
    for (const says of ["6 created", "The chat works.", "6 deleted", "nothing is billed"]) expect(text).toContain(says);
    expect(text).not.toContain(CANARY);
    expect((await readdir(root)).filter((name) => !before.includes(name) && name.startsWith("Pulumi."))).toEqual([]);
  });

  describe("in a team's repository", () => {
    let team: Team;
    beforeAll(async () => {
      team = await openTeam();
    });
    afterAll(() => team.close());

    it("shows the difference from the commit before, and verifies the change", async () => {
      const git = async (...args: string[]) => {
        const as = ["-c", "user.name=team", "-c", "user.email=team@example.com"];
        const { code, text } = await runScript("git", ["-C", team.folder, ...as, ...args], ownEnv());
        expect(code, text).toBe(0);
      };
      await git("init", "--quiet");
      await git("add", "Pulumi.yaml", "Pulumi.pr.yaml", "package.json", "index.js");
      await git("commit", "--quiet", "--message", "before");
      const program = join(team.folder, "index.js");
      const before = await readFile(program, "utf8");
      await writeFile(program, before.replace('"Hello"', '"Hello again"'));
      const summary = join(team.folder, "summary.md");
      const { code, text } = await team.run("try-locally", [], {
        BASE_COMMIT: "HEAD",
        GITHUB_ACTIONS: "true",
        GITHUB_STEP_SUMMARY: summary,
      });
      await writeFile(program, before);
      expect(code, text).toBe(0);
      const shown = await readFile(summary, "utf8");
      expect(shown).toContain("1 conversation changed");
      expect(shown).toMatch(/"Hello".*"Hello again"/);
      expect(shown).not.toContain("created");
      for (const says of ["4 created", "1 updated", "The chat works.", "4 deleted"]) expect(text).toContain(says);
      await git("worktree", "prune", "--verbose");
      expect((await readdir(team.folder)).filter((name) => name.startsWith("Pulumi."))).toEqual(["Pulumi.pr.yaml", "Pulumi.yaml"]);
    });

    it("refuses a configuration with a secret, which a fork could not decrypt", async () => {
      await writeFile(join(team.folder, "Pulumi.pr.yaml"), "config:\n  twilio:authToken:\n    secure: v1:abc\n");
      expect(await team.run("try-locally")).toMatchObject({
        code: 1,
        text: expect.stringMatching(/^error: Pulumi\.pr\.yaml must not contain a secret/),
      });
    });

    it("uses the emulator whatever Pulumi.pr.yaml says, fails if the program fails, and leaves no file", async () => {
      await writeFile(join(team.folder, "Pulumi.pr.yaml"), "config:\n  twilio:baseUrl: http://127.0.0.1:9\n  twilio:region: ie1\n");
      await writeFile(
        join(team.folder, "index.js"),
        'throw new Error("broken on " + JSON.stringify(require("@pulumi/pulumi").runtime.allConfig()));',
      );
      const { code, text } = await team.run("try-locally");
      expect(code).not.toBe(0);
      const config = JSON.parse(/broken on (\{.*?\})/.exec(text)?.[1] ?? "null");
      expect(config).toEqual({ "twilio:backend": "emulator", "twilio:stateDir": expect.any(String) });
      expect(await team.stacks()).toEqual({});
      expect((await readdir(team.folder)).filter((name) => name.startsWith("Pulumi."))).toEqual(["Pulumi.pr.yaml", "Pulumi.yaml"]);
    });
  });
});

/** A PATH with this engine, which then refuses every policy pack, as one with an old language host does. */
async function pathWithoutPolicies({ folder }: Team): Promise<string> {
  const bin = join(folder, "old-host");
  await mkdir(bin);
  const refusal = "error: policy pack failed to start: could not read plugin [pack]: not supported";
  const engine = `exec '${join(inject("engine"), "pulumi")}' "$@"`;
  await writeFile(join(bin, "pulumi"), `#!/bin/sh\ncase "$*" in *--policy-pack*) echo '${refusal}' >&2; exit 1 ;; *) ${engine} ;; esac\n`);
  await chmod(join(bin, "pulumi"), 0o755);
  return [bin, inject("engine"), process.env.PATH].join(delimiter);
}

describe("ci/deploy and ci/drift", () => {
  let emulator: Emulator;
  let twilio: EmulatorClient;
  let forge: Forge;
  let team: Team;
  beforeAll(async () => {
    [emulator, forge] = await Promise.all([startEmulator({ seed: "pipelines" }), openForge(CANARY)]);
    twilio = emulatorClient(emulator);
    const { accountSid, apiKey, apiSecret } = emulator;
    team = await openTeam({
      TWILIO_BASE_URL: emulator.url,
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_API_KEY: apiKey,
      TWILIO_API_SECRET: apiSecret,
      PULUMI_CONFIG_PASSPHRASE: CANARY,
    });
    await writeFile(join(team.folder, "Pulumi.staging.yaml"), "config: {}\n");
  });
  afterAll(async () => {
    forge.close();
    await Promise.all([emulator.close(), team.close()]);
  });
  const conversation = async () => {
    const services = twilio.client.conversations.v1.services;
    const support = (await services.list()).find(({ friendlyName }) => friendlyName === "Support");
    const [hello] = await services(support?.sid as string).conversations.list();
    return services(support?.sid as string).conversations(hello?.sid as string);
  };
  const drift = () => team.run("drift", ["staging"], forge.env.github);

  it("deploy a stack, find manual changes, keep one issue about them, and reset them", async () => {
    await team.setSecret("staging", CANARY);
    const made = await team.run("deploy", ["staging"]);
    expect(made.code, made.text).toBe(0);
    expect(made.text).toContain("The chat works.");
    expect(await team.stacks()).toEqual({ staging: 5 });

    await (await conversation()).update({ friendlyName: "Ours now" });
    const found = await drift();
    expect(found, found.text).toMatchObject({ code: 2, text: expect.stringContaining("Drift in staging: opened, https://forge/1") });
    expect(forge.issues).toMatchObject([
      { title: "Drift in staging", open: true, label: "drift", text: expect.stringMatching(/"Hello" .*"Ours now"/) },
    ]);

    const summary = join(team.folder, "summary.md");
    const engines: Record<string, string> = {
      policy: [inject("engine"), process.env.PATH].join(delimiter),
      rules: await pathWithoutPolicies(team),
    };
    const preview = (stack: string, POLICY_PACK: string) =>
      team.run("preview", [stack], { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary, POLICY_PACK, PATH: engines[POLICY_PACK] });
    await cp(join(root, "policy"), join(team.folder, "policy"), { recursive: true });
    await writeFile(join(team.folder, "policy", "config.json"), '{"conversation-timers": "advisory", "name-prefix": "disabled"}');
    const shown = await preview("staging", "policy");
    expect(shown.code, shown.text).toBe(0);
    expect(await readFile(summary, "utf8")).toMatch(/"Hello".*"Ours now"/);
    expect(await readFile(summary, "utf8")).toMatch(/advisory \| `conversation-timers` \| `Conversation hello`/);

    await mkdir(join(team.folder, "rules"));
    await copyFile(join(root, "policy", "PulumiPolicy.yaml"), join(team.folder, "rules", "PulumiPolicy.yaml"));

    // What it quotes may be secret, and the engine's event log has secrets in plain text.
    const results = join(team.folder, ".ci-results");
    const modes = await Promise.all(
      [".", "preview-staging.json", "drift-staging.json"].map(async (name) => (await stat(join(results, name))).mode & 0o77),
    );
    expect(modes).toEqual([0, 0, 0]);
    expect((await readdir(results)).filter((name) => name.startsWith("events-"))).toEqual([]);

    // A failed preview is reported too, and fails the script.
    await writeFile(join(team.folder, "Pulumi.prod.yaml"), "config:\n  twilio:backend: nowhere\n");
    // The script creates the missing stack.
    expect((await preview("prod", "rules")).code).not.toBe(0);
    expect(await readFile(summary, "utf8")).toContain("nowhere");
    expect(await readFile(summary, "utf8")).toContain("**Policies were not checked**, because Pulumi's language host cannot start");

    const repaired = await team.run("deploy", ["staging"], { POLICY_PACK: "rules", PATH: engines.rules });
    expect(repaired.code, repaired.text).toBe(0);
    expect(repaired.text).toContain("warning: the policies are not checked, because Pulumi's language host cannot start");
    expect((await (await conversation()).fetch()).friendlyName).toBe("Hello");
    expect(await drift()).toMatchObject({ code: 0, text: expect.stringContaining("No drift in staging.") });
    expect(forge.issues).toMatchObject([{ title: "Drift in staging", open: false }]);
  }, 300_000);

  it("fail if Twilio refuses, and then open no issue", async () => {
    const env = { ...forge.env.github, TWILIO_API_SECRET: "f".repeat(32) };
    const [opened] = [forge.issues.length];
    expect(await team.run("drift", ["staging"], env)).toMatchObject({ code: 1, text: expect.stringContaining("error: ") });
    expect(forge.issues).toHaveLength(opened);
  });

  it("print and store no secret", async () => {
    const written = `${await team.written()}${JSON.stringify(forge.issues)}`;
    expect(written).toContain("The chat works.");
    for (const secret of [CANARY, emulator.apiSecret, emulator.authToken]) expect(written).not.toContain(secret);
  });
});

describe("ci/review-stack", () => {
  let team: Team;
  beforeAll(async () => {
    team = await openTeam();
  });
  afterAll(() => team.close());

  it("creates a stack for a pull request, updates it on another machine, and destroys it on request or when it is old", async () => {
    const made = await team.run("review-stack", ["up", "12"]);
    expect(made.code, made.text).toBe(0);
    expect(made.text).toContain("The chat works.");
    expect(made.text).toMatch(/prefix +: "pr-12"/);
    expect(await team.stacks()).toEqual({ "pr-12": 5 });

    // The next push runs on another machine, which has only the backend.
    await rm(join(team.folder, ".twilio"), { recursive: true });
    const text = await readFile(join(team.folder, "index.js"), "utf8");
    await writeFile(
      join(team.folder, "index.js"),
      text.replace('"testPineapple" });', '"testPineapple" });\nnew Participant("kiwi", { conversation: hello, identity: "kiwi" });'),
    );
    const updated = await team.run("review-stack", ["up", "12"]);
    expect(updated.code, updated.text).toBe(0);
    expect(updated.text).toContain("The chat works.");
    expect(await team.stacks()).toEqual({ "pr-12": 6 });
    expect((await team.run("review-stack", ["sweep"])).code).toBe(0);
    expect(await team.stacks()).toEqual({ "pr-12": 6 });
    expect((await team.run("review-stack", ["sweep", "0"])).code).toBe(0);
    expect(await team.stacks()).toEqual({});
    expect(await team.run("review-stack", ["down", "12"])).toMatchObject({
      code: 0,
      text: expect.stringContaining("There is no stack pr-12."),
    });
    expect((await readdir(team.folder)).filter((name) => name.startsWith("Pulumi."))).toEqual(["Pulumi.pr.yaml", "Pulumi.yaml"]);
  }, 300_000);

  it("sweeps no other stacks, and continues if one cannot be destroyed", async () => {
    // The CLI is a fake: otherwise, a stack that cannot be destroyed would need an unreachable Twilio.
    const bin = join(team.folder, "bin");
    const stacks = [
      { name: "staging" },
      { name: "pr-new", lastUpdate: "2020-01-01T00:00:00Z" },
      { name: "xpr-3" },
      { name: "pr-1" },
      { name: "acme/pr-2" },
    ];
    await mkdir(bin);
    await writeFile(
      join(bin, "pulumi"),
      `#!/bin/sh\ncase "$*" in "stack ls"*) echo '${JSON.stringify(stacks)}' ;; "destroy "*) echo "ran $*"; case "$*" in *pr-1*) exit 1 ;; esac ;; esac\n`,
    );
    await chmod(join(bin, "pulumi"), 0o755);
    const { code, text } = await team.run("review-stack", ["sweep", "3"], { PATH: `${bin}:${process.env.PATH}` });
    expect(code).toBe(1);
    expect([...text.matchAll(/--stack (\S+)/g)].map(([, name]) => name)).toEqual(["pr-1", "pr-2"]);
  });

  it.each([["up"], ["up", "12; ls"], ["down", "../x"], ["sweep", "soon"], ["sideways", "1"], []])(
    "says how it is used: %j %j",
    async (...args) => {
      expect(await team.run("review-stack", args)).toMatchObject({ code: 1, text: expect.stringContaining("ci/review-stack up NUMBER") });
    },
  );
});
