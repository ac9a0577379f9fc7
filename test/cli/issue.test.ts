import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Forge, openForge } from "../ci/forge";
import { ownEnv } from "../ci/team";
import { run } from "../tools/program";

const TOKEN = "canary-5d1c0f";
const TITLE = "Drift in prod";

describe.each(["github", "gitlab"] as const)("twilio-conversations ci issue on %s", (name) => {
  let forge: Forge;
  let folder: string;
  let report: string;
  beforeEach(async () => {
    [forge, folder] = await Promise.all([openForge(TOKEN), mkdtemp(join(tmpdir(), "twilio-issue-"))]);
    report = join(folder, "report.txt");
    await writeFile(report, "a `b` ```c @somebody");
  });
  afterEach(async () => {
    forge.close();
    await rm(folder, { recursive: true });
  });
  const issue = (...args: string[]) =>
    run("dist/cli/main.js", ["ci", "issue", "--title", TITLE, ...args], { ...ownEnv(), ...forge.env[name] });

  it("keeps one issue among hundreds, ignores closed ones, and shows the text verbatim", async () => {
    for (let i = 0; i < 150; i++) forge.issues.push({ title: `Drift in ${i}`, text: "", open: true, label: "drift" });
    forge.issues.push({ title: TITLE, text: "old", open: false, label: "drift" });
    forge.issues.push({ title: TITLE, text: "another's", open: true, label: "" });
    forge.busy = 1;
    expect(await issue("--text", report)).toMatchObject({ code: 0, stderr: "", stdout: `${TITLE}: opened, https://forge/153\n` });
    await writeFile(report, "new ```` text");
    expect(JSON.parse((await issue("--text", report, "--json")).stdout)).toEqual({
      title: TITLE,
      became: "updated",
      url: "https://forge/153",
    });
    expect(forge.issues.slice(150)).toMatchObject([
      { text: "old", open: false },
      { text: "another's", open: true },
      { text: "`````text\nnew ```` text\n`````\n", open: true, label: "drift" },
    ]);
    expect((await issue("--close")).stdout).toBe(`${TITLE}: closed, https://forge/153\n`);
    expect(forge.issues.map(({ open }) => open).slice(150)).toEqual([false, true, false]);
    expect((await issue("--close")).stdout).toBe(`${TITLE}: not there\n`);
  });

  it("truncates a text that is too long for the forge", async () => {
    await writeFile(report, "x".repeat(100_000));
    await issue("--text", report);
    expect(forge.issues[0]?.text.length).toBeLessThan(65_536);
    expect(forge.issues[0]?.text).toContain("(truncated)");
  });

  it("reports the forge's refusal without the token, and what is missing", async () => {
    Object.assign(forge.env[name], { GITHUB_TOKEN: "wrong", GITLAB_TOKEN: "wrong" });
    const refused = await issue("--close");
    expect(refused).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^error: GET \S+ failed: 401 .*Bad credentials/) });
    expect(refused.stderr).not.toContain("wrong");
    Object.assign(forge.env[name], { GITHUB_TOKEN: "", GITLAB_TOKEN: "" });
    expect(await issue("--close")).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^note: no issue is opened or closed: there is no GIT(HUB|LAB)_TOKEN/),
    });
    expect(await issue()).toMatchObject({ code: 1, stderr: "error: exactly one of --text FILE and --close is required.\n" });
  });
});
