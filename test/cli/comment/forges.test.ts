import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { gather } from "../../../src/cli/commands/ci/comment/gather";
import { readPlan } from "../../../src/cli/commands/ci/comment/plan";
import { publish } from "../../../src/cli/commands/ci/comment/publish";
import { run } from "../../tools/program";
import { type FakeForge, ME, startForge, TOKEN } from "./forges";

const CLI = "dist/cli/main.js";
const fixture = (name: string) => join(import.meta.dirname, "../../fixtures/previews", name);
const recorded = (name: string) => readFileSync(fixture(name), "utf8");
const facts = (name: string, stack?: string) => ({ plan: readPlan(recorded(name), name, stack) });
const folder = mkdtempSync(join(tmpdir(), "twilio-forges-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** GitHub's event for a pull request. */
function event(head = "acme/shop"): string {
  const file = join(folder, `event-${head.replace("/", "-")}.json`);
  const pull_request = {
    number: 7,
    head: { sha: "0123456789abcdef", repo: { full_name: head } },
    base: { repo: { full_name: "acme/shop" } },
  };
  writeFileSync(file, JSON.stringify({ pull_request }));
  return file;
}

/** The variables that each forge's pipeline sets, and the token. */
const environments = {
  GitHub: (url: string) => ({
    GITHUB_ACTIONS: "true",
    GITHUB_API_URL: url,
    GITHUB_REPOSITORY: "acme/shop",
    GITHUB_EVENT_NAME: "pull_request",
    GITHUB_EVENT_PATH: event(),
    GITHUB_TOKEN: TOKEN,
  }),
  GitLab: (url: string) => ({
    GITLAB_CI: "true",
    CI_API_V4_URL: url,
    CI_PROJECT_ID: "41",
    CI_MERGE_REQUEST_PROJECT_ID: "42",
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: "42",
    CI_MERGE_REQUEST_IID: "7",
    CI_COMMIT_SHA: "0123456789abcdef",
    GITLAB_TOKEN: TOKEN,
  }),
  Bitbucket: (url: string) => ({
    BITBUCKET_BUILD_NUMBER: "1",
    BITBUCKET_API_URL: url,
    BITBUCKET_REPO_FULL_NAME: "acme/shop",
    BITBUCKET_PR_ID: "7",
    BITBUCKET_COMMIT: "0123456789abcdef",
    BITBUCKET_TOKEN: TOKEN,
  }),
};

describe.each(["GitHub", "GitLab", "Bitbucket"] as const)("a comment on %s", (kind) => {
  let forge: FakeForge;
  let env: NodeJS.ProcessEnv;
  beforeEach(async () => {
    forge = await startForge(kind);
    env = environments[kind](forge.url);
  });
  afterEach(() => forge.close());
  const comment = async (...all: Parameters<typeof publish>[0][number][]) =>
    (await publish(all, { env, dryRun: false })).map(({ became }) => became);
  const writes = () => forge.requests.filter((line) => !line.startsWith("GET"));

  it("is created once, updated in place, and not touched if nothing changes", async () => {
    expect(await comment(facts("create.json"))).toEqual(["created"]);
    expect(forge.comments.map(({ body }) => body)).toEqual([expect.stringContaining("2 phone numbers bought")]);
    expect(forge.comments[0]?.body).toContain("### Preview of `01234567`: `project/dev`");
    expect(await comment(facts("change.json"))).toEqual(["updated"]);
    expect(await comment(facts("change.json"))).toEqual(["unchanged"]);
    expect(forge.comments.map(({ body }) => body)).toEqual([expect.stringContaining("1 phone number released")]);
    expect(writes()).toHaveLength(2);
  });

  it("is separate for each stack", async () => {
    expect(await comment(facts("create.json", "staging"), facts("same.json", "prod"))).toEqual(["created", "created"]);
    expect(await comment(facts("change.json", "prod"))).toEqual(["updated"]);
    expect(forge.comments[0]?.body).toContain("2 phone numbers bought");
    expect(forge.comments[1]?.body).toContain("1 phone number released");
  });

  it("is found after hundreds of others", async () => {
    for (let index = 0; index < 205; index += 1) forge.add("somebody", "Looks good");
    await comment(facts("create.json"));
    for (let index = 0; index < 205; index += 1) forge.add("somebody", "Looks good");
    expect(await comment(facts("change.json"))).toEqual(["updated"]);
    expect(forge.comments).toHaveLength(411);
  });

  it("edits no comments of others, even if they contain or quote the marker", async () => {
    await comment(facts("create.json"));
    const { body } = forge.comments[0] as { body: string };
    forge.comments.length = 0;
    forge.add("somebody", body);
    // A project's administrator may edit all comments.
    forge.permitAll();
    forge.add(ME, `> ${body.replaceAll("\n", "\n> ")}`);
    expect(await comment(facts("change.json"))).toEqual(["created"]);
    expect(forge.comments[0]?.body).toBe(body);
    expect(forge.comments).toHaveLength(3);
  });

  // In GitLab, every token that may comment may also read `/user`.
  it.skipIf(kind === "GitLab")(
    "where the token may not ask who it is, somebody else's comment with the mark does not stand in the way",
    async () => {
      await comment(facts("create.json"));
      const { body } = forge.comments[0] as { body: string };
      forge.comments.length = 0;
      forge.fail(/^GET \/user/, 403, { times: 2 });
      forge.add("another[bot]", body);
      expect(await comment(facts("change.json"))).toEqual(["created"]);
      expect(await comment(facts("same.json"))).toEqual(["updated"]);
      expect(forge.comments.map(({ author }) => author)).toEqual(["another[bot]", ME]);
      expect(forge.comments[0]?.body).toBe(body);
    },
  );

  it("is retried if the forge is busy", async () => {
    forge.fail(/^GET .*(comments|notes)/, 503, { times: 2 });
    forge.fail(/^POST/, 429);
    forge.fail(/^POST/, 403);
    expect(await comment(facts("create.json"))).toEqual(["created"]);
    forge.fail(/^P(UT|ATCH)/, 502);
    expect(await comment(facts("change.json"))).toEqual(["updated"]);
    expect(forge.comments).toHaveLength(1);
  });

  it("is not created twice if the forge created it and answered 500", async () => {
    forge.fail(/^POST/, 500, { carriedOut: true });
    expect(await comment(facts("create.json"))).toEqual(["created"]);
    expect(forge.comments).toHaveLength(1);
  });

  it("is an error with the forge's message and without the token if the forge refuses, and is not retried", async () => {
    forge.fail(/^POST/, 422);
    const error = await comment(facts("create.json")).catch((reason: Error) => reason);
    expect(String(error)).toMatch(/POST http:\S+ failed: 422 .*no luck with \*\*\*/);
    expect(writes()).toHaveLength(1);
    env = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, name.endsWith("_TOKEN") ? "old" : value]));
    const refused = await comment(facts("create.json")).catch((reason: Error) => reason);
    expect(String(refused)).toMatch(/failed: 401 .*Bad credentials: \*\*\*/);
  });
});

describe("twilio-conversations ci comment", () => {
  let forge: FakeForge;
  let own: NodeJS.ProcessEnv;
  beforeEach(async () => {
    forge = await startForge("GitHub");
    own = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_|GITHUB_|GITLAB_|CI|BITBUCKET_)/.test(name)),
    );
  });
  afterEach(() => forge.close());
  const command = (args: string[], env: NodeJS.ProcessEnv = {}) => run(CLI, ["ci", "comment", ...args], { ...own, ...env }, folder);

  it("comments on each stack and reports it, with --json too, and prints no token", async () => {
    const args = ["--preview", `${fixture("create.json")}=staging`, "--preview", fixture("same.json")];
    const env = environments.GitHub(forge.url);
    const first = await command(args, env);
    expect(first).toMatchObject({ code: 0, stderr: "", stdout: "staging: comment on GitHub created\ndev: comment on GitHub created\n" });
    const second = await command([...args, "--json"], env);
    const { comments } = JSON.parse(second.stdout) as { comments: unknown[] };
    expect(comments).toMatchObject([
      { stack: "staging", forge: "GitHub", became: "unchanged" },
      { stack: "dev", forge: "GitHub", became: "unchanged" },
    ]);
    expect(first.stdout + second.stdout + JSON.stringify(forge.comments)).not.toContain(TOKEN);
  });

  it.each([
    ["without a token", { GITHUB_TOKEN: "" }, "there is no GITHUB_TOKEN in the environment"],
    ["on a fork's pull request", { GITHUB_EVENT_PATH: event("fork/shop") }, "the pull request comes from a fork"],
    ["with a token that may not comment", {}, "does not let this token comment"],
    ["on a run that is not for a pull request", { GITHUB_EVENT_PATH: "" }, "this run is not for a pull request"],
  ])("%s the comment goes to the run's summary, with a note, and the command succeeds", async (what, env, why) => {
    const summary = join(folder, `summary-${what.length}.md`);
    if (what.includes("may not")) forge.fail(/^POST/, 403, { headers: {} });
    const { code, stdout, stderr } = await command(["--preview", fixture("create.json")], {
      ...environments.GitHub(forge.url),
      GITHUB_STEP_SUMMARY: summary,
      ...env,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: "dev: in the run's summary\n" });
    expect(stderr).toMatch(/^note: no comment for dev: .*\n$/);
    expect(stderr).toContain(why);
    expect(readFileSync(summary, "utf8")).toContain("2 phone numbers bought");
    expect(forge.comments).toEqual([]);
  });

  it("outside a pipeline, and with --dry-run, it prints the comments and sends nothing", async () => {
    const elsewhere = await command(["--preview", fixture("create.json")]);
    expect(elsewhere).toMatchObject({ code: 0, stderr: expect.stringContaining("this is not a GitHub, GitLab or Bitbucket pipeline") });
    const dry = await command(["--preview", fixture("create.json"), "--dry-run"], environments.GitHub(forge.url));
    expect(dry).toMatchObject({ code: 0, stderr: "" });
    for (const { stdout } of [elsewhere, dry]) expect(stdout).toMatch(/^\[\/\/\]: # "twilio-conversations project\/dev"\n\n### Preview/);
    expect(forge.requests).toEqual([]);
    const quiet = await command(["--preview", fixture("create.json"), "--quiet"]);
    expect(quiet).toMatchObject({ code: 0, stderr: "", stdout: elsewhere.stdout });
  });

  it("a file that cannot be read is an error on one line", async () => {
    const { code, stdout, stderr } = await command(["--preview", "nowhere.json"]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^error: --preview nowhere\.json cannot be read: .*\n$/);
  });
});

describe("invalid files", () => {
  const [same, events] = [fixture("same.json"), fixture("policy-events.jsonl")];
  it.each([
    ["no preview", { preview: [events] }, /is not what `pulumi preview --json` prints\.$/],
    ["two of one stack", { preview: [same, fixture("create.json")] }, /^two previews are of the stack dev;/],
    [
      "policies of another stack",
      { preview: [`${same}=prod`], policy: [events] },
      /^--policy .* is of the stack dev, .*\(previews: prod\)\.$/,
    ],
    ["no policies", { preview: [same], policy: [same] }, /is not an event log of the engine/],
    ["no drift", { preview: [same], drift: [same] }, /is not what `twilio-conversations drift --json` prints\.$/],
  ])("%s", async (_what, files, message) => {
    await expect(gather({ policy: [], drift: [], ...files })).rejects.toThrow(message);
  });

  it("policies belong to the named stack, or else to the only one", async () => {
    const [one] = await gather({ preview: [`${fixture("create.json")}=prod`], policy: [`${events}=prod`], drift: [] });
    expect(one).toMatchObject({ plan: { stack: "prod" }, violations: [{ policy: "keep-numbers" }, { policy: "set-timers" }] });
  });
});
