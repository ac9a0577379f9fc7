import { accessSync, constants, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseDocument } from "yaml";
import { faultsOf, scriptsIn, type Workflow } from "./faults";

const root = join(import.meta.dirname, "..", "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
/** A file without its comments. */
function parsed<T>(path: string): T {
  const document = parseDocument(read(path), { version: "1.2", merge: true });
  expect([...document.errors, ...document.warnings]).toEqual([]);
  return document.toJS() as T;
}
const code = (path: string) => read(path).replace(/^\s*#.*$/gm, "");

const workflows = readdirSync(join(root, ".github", "workflows")).map((name) => `.github/workflows/${name}`);
const setup = ".github/actions/setup/action.yml";
const [gitlab, bitbucket] = [".gitlab-ci.yml", "bitbucket-pipelines.yml"];

/** The scripts that the pipelines of every forge run. */
const stages = [".ci/run", "ci/deploy", "ci/drift", "ci/preview", "ci/release", "ci/review-stack", "ci/try-locally"];

describe("GitHub's workflows", () => {
  it.each([...workflows, setup])("%s follows the rules", (path) => {
    parsed(path);
    expect(faultsOf(read(path))).toEqual([]);
  });

  it("run every stage", () => expect([...new Set(workflows.flatMap((path) => scriptsIn(code(path))))].sort()).toEqual(stages));

  it("make prod wait for its environment's reviewers, and staging for nobody", () => {
    const { jobs } = parsed<Workflow & { jobs: Record<string, { environment: string; if: string }> }>(".github/workflows/deploy.yml");
    expect(jobs.prod).toMatchObject({ environment: "prod", if: expect.stringContaining("github.ref_type == 'tag'") });
    expect(jobs.staging).toMatchObject({ environment: "staging", if: expect.stringContaining("github.ref_type == 'branch'") });
  });

  it("deploy every pull request to the emulator, from forks too, with read permission only", () => {
    const { on, jobs } = parsed<Workflow>(".github/workflows/preview.yml");
    const job = jobs["try-locally"];
    expect({ on, if: job?.if, permissions: job?.permissions }).toEqual({
      on: "pull_request",
      if: undefined,
      permissions: { contents: "read" },
    });
    expect(JSON.stringify(job)).not.toMatch(/secrets|token/i);
  });

  const sha = "de0fac2e4500dabe0009e67214ff5f5447ce83dd";
  const job = (lines: string) => `    runs-on: ubuntu-latest\n    timeout-minutes: 5\n${lines}`;
  const workflow = (jobs: string, head = "on: pull_request\npermissions: {}\nconcurrency: {group: a, cancel-in-progress: true}") =>
    `name: bad\n${head}\njobs:\n  one:\n${jobs}`;

  it.each([
    [workflow(job("    steps: [{run: ls}]")), []],
    [workflow(job("    steps:\n      - uses: actions/cache@v5")), ["not pinned to a commit: actions/cache@v5"]],
    [workflow(job(`    steps:\n      - uses: actions/cache@${sha}`)), [`not pinned to a commit: actions/cache@${sha}`]],
    [workflow(job(`    steps:\n      - uses: actions/checkout@${sha} # v6.0.2`)), ["one: the token stays in the checkout"]],
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: GitHub's expressions
    [
      workflow(job("    steps:\n      - run: echo ${{ github.event.pull_request.title }}")),
      ["a script contains an expression: echo ${{ github.event.pull_request.title }}"],
    ],
    [workflow(job("    steps:\n      - run: ls\n        env: {KEY: '${{ secrets.KEY }}'}")), ["one: a fork can read its secrets"]],
    [
      workflow(
        job(
          "    if: github.event.pull_request.head.repo.full_name == github.repository\n    steps:\n      - run: ls\n        env: {KEY: '${{ secrets.KEY }}'}",
        ),
      ),
      [],
    ],
    [workflow(job("    env: {KEY: '${{ github.token }}'}\n    steps: [{run: ls}]")), ["one: every step has a secret"]],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: GitHub's expressions
    [workflow("    runs-on: ubuntu-latest\n    steps: [{run: ls}]"), ["one: it has no time limit"]],
    [workflow(job("    permissions: {contents: write}\n    steps: [{run: ls}]")), ["one: its token can write contents"]],
    [workflow(job("    steps: [{run: ci/deploy prod}]")), ["one: an operation of the engine can be interrupted"]],
    [workflow(job("    steps: [{run: ls}]"), "on: push\npermissions: {}"), ["one: several runs may overlap"]],
    [
      workflow(job("    steps: [{run: ls}]"), "on: pull_request_target\nconcurrency: {group: a, cancel-in-progress: true}"),
      ["it runs untrusted code with secrets", "its token can do more than read"],
    ],
  ])("violations are detected: %#", (text, faults) => expect(faultsOf(text)).toEqual(faults));
});

describe("GitLab's pipeline", () => {
  interface Entry {
    readonly stage?: string;
    readonly rules?: readonly { readonly if: string; readonly when?: string }[];
    readonly resource_group?: string;
    readonly environment?: unknown;
    readonly script?: readonly string[];
  }
  const jobs = () => {
    const { stages: names, workflow: _w, variables: _v, default: _d, ...rest } = parsed<Record<string, Entry>>(gitlab);
    return { names, jobs: Object.entries(rest).filter(([name]) => !name.startsWith(".")) };
  };

  it("runs every stage, by jobs with rules", () => {
    expect([...new Set(scriptsIn(code(gitlab)))].sort()).toEqual(stages);
    const { names, jobs: found } = jobs();
    expect([...new Set(found.map(([, { stage }]) => stage))]).toEqual(names);
    for (const [name, { rules }] of found) expect(rules, name).not.toHaveLength(0);
  });

  it("gives variables only to merge requests from a branch of the project", () => {
    const atMergeRequests = jobs().jobs.filter(([, { rules, environment }]) => environment && /merge_request/.test(JSON.stringify(rules)));
    expect(atMergeRequests.map(([name]) => name)).toEqual(["preview", "review", "stop-review"]);
    for (const [, { rules }] of atMergeRequests) {
      for (const rule of rules ?? []) expect(rule.if).toContain("$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID");
    }
  });

  it("deploys to a stack one at a time, and to prod only manually", () => {
    for (const [name, { script, resource_group: group, rules }] of jobs().jobs) {
      if (!/ci\/deploy|ci\/review-stack (up|down)/.test(script?.join() ?? "")) continue;
      expect(group, name).toBeTruthy();
      if (name === "deploy-prod") expect(rules).toEqual([expect.objectContaining({ when: "manual" })]);
    }
  });
});

describe("Bitbucket's pipelines", () => {
  interface Step {
    readonly name: string;
    readonly trigger?: string;
    readonly deployment?: string;
    readonly script: readonly string[];
  }
  /** Every step below a node, in order. */
  function stepsIn(node: unknown): Step[] {
    if (typeof node !== "object" || node === null) return [];
    if ("step" in node) return [node.step as Step];
    return Object.values(node).flatMap(stepsIn);
  }
  const pipelines = () => parsed<{ pipelines: Record<string, unknown> }>(bitbucket).pipelines;

  it("run every stage but the release, which npm does not let Bitbucket do without a token", () => {
    expect([...new Set(stepsIn(pipelines()).flatMap(({ script }) => script.flatMap((line) => scriptsIn(`${line}\n`))))].sort()).toEqual(
      stages.filter((stage) => stage !== "ci/release"),
    );
  });

  it("deploy to prod only manually, and to staging from main", () => {
    const { branches, tags } = pipelines() as Record<string, Record<string, unknown>>;
    const [, prod] = stepsIn(tags?.["prod-*"]);
    expect(prod).toMatchObject({ trigger: "manual", deployment: "prod" });
    const [, staging] = stepsIn(branches?.main);
    expect(staging).toMatchObject({ deployment: "staging", script: expect.arrayContaining(["ci/deploy staging"]) });
  });

  it("use a deployment environment once in a pipeline, as Bitbucket requires", () => {
    const one = (node: unknown) => stepsIn(node).flatMap(({ deployment }) => deployment ?? []);
    const all = Object.entries(pipelines()).flatMap(([, group]) => Object.values(group as Record<string, unknown>));
    for (const deployments of all.map(one)) expect(new Set(deployments).size).toBe(deployments.length);
  });
});

describe("the scripts that pipelines call", () => {
  const called = [...workflows, gitlab, bitbucket].flatMap((path) => scriptsIn(code(path)));
  it.each([...new Set(called)])("%s exists and is executable", (script) => accessSync(join(root, script), constants.X_OK));

  it("are all scripts except the shared one", () => {
    const rest = readdirSync(join(root, "ci"))
      .map((name) => `ci/${name}`)
      .filter((name) => !called.includes(name));
    expect(rest.sort()).toEqual(["ci/engine", "ci/setup.sh"]);
  });

  it.each(readdirSync(join(root, "ci")))("ci/%s says how it is used", (name) => {
    const [, ...lines] = read(`ci/${name}`).split("\n");
    expect(lines[0]).toMatch(/^# \S/);
    expect(/set -euo pipefail|setup\.sh/.test(read(`ci/${name}`))).toBe(true);
  });
});
