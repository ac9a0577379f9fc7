import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bitbucketCacheFaults, gitHubCacheFaults, gitLabCacheFaults } from "./caches";

const root = join(import.meta.dirname, "..", "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const workflows = readdirSync(join(root, ".github", "workflows")).map((name) => `.github/workflows/${name}`);
const actions = { "./.github/actions/setup": read(".github/actions/setup/action.yml") };

describe("a job with secrets runs no executable that a pull request can have stored", () => {
  it.each(workflows)("%s", (path) => expect(gitHubCacheFaults(read(path), actions)).toEqual([]));
  it(".gitlab-ci.yml", () => expect(gitLabCacheFaults(read(".gitlab-ci.yml"))).toEqual([]));
  it("bitbucket-pipelines.yml", () => expect(bitbucketCacheFaults(read("bitbucket-pipelines.yml"))).toEqual([]));

  it("the package-lock.json has the integrity of every package, with which npm compares its cache", () => {
    const { packages } = JSON.parse(read("package-lock.json")) as { packages: Record<string, { integrity?: string; link?: true }> };
    const without = Object.entries(packages).filter(
      ([path, { integrity, link }]) => path !== "" && !link && !integrity?.startsWith("sha512-"),
    );
    expect(without.map(([path]) => path)).toEqual([]);
  });

  // npx runs what its own part of npm's cache contains, without a comparison.
  it.each([...workflows, ".github/actions/setup/action.yml", ".gitlab-ci.yml", "bitbucket-pipelines.yml"])("%s does not use npx", (path) =>
    expect(read(path)).not.toMatch(/\bnpx\b|npm exec/),
  );
  it.each(readdirSync(join(root, "ci")))("ci/%s does not use npx", (name) => expect(read(`ci/${name}`)).not.toMatch(/\bnpx\b|npm exec/));
});

describe("the check of caches", () => {
  const cache = "{uses: actions/cache@v5, with: {key: engine, path: bin}}";
  const deploy = (steps: string, on = "push") => `on: ${on}\njobs:\n  deploy:\n    environment: prod\n    steps: [${steps}]`;
  it.each([
    [deploy("{uses: actions/checkout@v6}, {uses: actions/setup-node@v6, with: {cache: npm}}, {run: ls}"), []],
    [deploy(cache), ["deploy: a pull request can have stored actions/cache engine"]],
    [deploy(cache, "pull_request"), ["deploy: a pull request can have stored actions/cache engine"]],
    [deploy("{uses: ./setup}"), ["deploy: a pull request can have stored actions/cache engine"]],
    [deploy("{uses: actions/setup-node@v6, with: {cache: pnpm}}"), ["deploy: a pull request can have stored pnpm"]],
    [
      deploy("{uses: actions/download-artifact@v5, with: {name: bin}}"),
      ["deploy: a pull request can have stored actions/download-artifact bin"],
    ],
    [`on: push\njobs: {test: {steps: [${cache}]}}`, ["test: a pull request can have stored actions/cache engine"]],
    [`on: pull_request\njobs: {test: {steps: [${cache}]}}`, ["test: actions/cache engine must have the job's name in its key"]],
    ["on: pull_request\njobs: {test: {steps: [{uses: actions/cache@v5, with: {key: test-1}}]}}", []],
    [
      `on: pull_request\njobs: {test: {permissions: {issues: write}, steps: [${cache}]}}`,
      ["test: a pull request can have stored actions/cache engine"],
    ],
  ])("GitHub: %#", (text, faults) => expect(gitHubCacheFaults(text, { "./setup": `runs: {steps: [${cache}]}` })).toEqual(faults));

  const atMergeRequests = "rules: [{if: '$CI_PIPELINE_SOURCE == \"merge_request_event\"'}]";
  it.each([
    ["default: {cache: {key: a}}\ndeploy: {environment: prod}", ['deploy: a pull request can have stored {"key":"a"}']],
    [
      `.base: {cache: {key: a}}\nreview: {extends: .base, environment: r, ${atMergeRequests}}`,
      ['review: a pull request can have stored {"key":"a"}'],
    ],
    ["test: {cache: {key: a}}", ['test: a pull request can have stored {"key":"a"}']],
    [`test: {artifacts: {paths: [bin]}, ${atMergeRequests}}`, [`test: {"paths":["bin"]} must have the job's name in its key`]],
    [`try: {cache: {key: {prefix: try}}, ${atMergeRequests}}\ndeploy: {environment: prod}`, []],
  ])("GitLab: %#", (text, faults) => expect(gitLabCacheFaults(text)).toEqual(faults));

  it.each([
    ["pipelines: {branches: {main: [{step: {name: deploy, caches: [engine]}}]}}", ["deploy: a pull request can have stored engine"]],
    ["pipelines: {branches: {main: [{step: {name: test, caches: [node]}}]}}", ["test: a pull request can have stored node"]],
    [
      "pipelines: {pull-requests: {'**': [{parallel: [{step: {name: review, deployment: review, caches: [engine]}}]}]}}",
      ["review: a pull request can have stored engine"],
    ],
    ["pipelines: {pull-requests: {'**': [{step: {name: try, caches: [engine]}}]}}", ["try: engine must have the job's name in its key"]],
    ["pipelines: {pull-requests: {'**': [{step: {name: try, caches: [try-engine]}}]}}", []],
  ])("Bitbucket: %#", (text, faults) => expect(bitbucketCacheFaults(text)).toEqual(faults));
});
