import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bitbucket } from "../../../src/cli/commands/ci/comment/bitbucket";
import { github } from "../../../src/cli/commands/ci/comment/github";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "twilio-forge-"));
});
afterEach(() => {
  vi.unstubAllGlobals();
  rmSync(folder, { recursive: true });
});

/** Answers requests to a forge's API by the end of their path. */
function answer(bodies: Record<string, [status: number, body: unknown]>): void {
  vi.stubGlobal("fetch", async (url: string) => {
    const [, [status, body] = [404, {}]] = Object.entries(bodies).find(([end]) => new URL(url).pathname.endsWith(end)) ?? [];
    return new Response(JSON.stringify(body), { status });
  });
}

describe("GitHub", () => {
  const env = (event: string) => {
    const path = join(folder, "event.json");
    const place = (name: string) => ({ sha: "1".repeat(40), repo: { full_name: name } });
    writeFileSync(path, JSON.stringify({ pull_request: { number: 7, head: place("somebody/shop"), base: place("acme/shop") } }));
    return { GITHUB_ACTIONS: "true", GITHUB_EVENT_PATH: path, GITHUB_EVENT_NAME: event, GITHUB_TOKEN: "t", GITHUB_REPOSITORY: "acme/shop" };
  };
  const comments = [{ id: 1, body: "hello", user: { login: "somebody", type: "Bot" } }];

  it("lets a run comment on the pull request of a fork only if the run is of the base repository", () => {
    expect(github(env("pull_request"))).toMatchObject({ why: expect.stringContaining("comes from a fork") });
    expect(github(env("pull_request_target"))).toMatchObject({ pullRequest: expect.anything() });
  });

  it("has the comments of bots edited only where it does not tell whose the token is, and not after another failure", async () => {
    answer({ "/user": [403, {}], "/issues/7/comments": [200, comments] });
    expect(await github(env("pull_request_target"))?.pullRequest?.page(1)).toMatchObject([{ id: "1", own: true }]);
    answer({ "/user": [401, {}], "/issues/7/comments": [200, comments] });
    await expect(github(env("pull_request_target"))?.pullRequest?.page(1)).rejects.toThrow("/user failed: 401");
  });
});

describe("Bitbucket", () => {
  it("shows deleted comments, which nobody can edit", async () => {
    const comment = (id: number, deleted: boolean) => ({ id, deleted, content: { raw: "hello" }, user: { uuid: "me" } });
    answer({ "/user": [200, { uuid: "me" }], "/comments": [200, { values: [comment(1, true), comment(2, false)] }] });
    const env = { BITBUCKET_BUILD_NUMBER: "1", BITBUCKET_PR_ID: "7", BITBUCKET_TOKEN: "t", BITBUCKET_REPO_FULL_NAME: "acme/shop" };
    expect(await bitbucket(env)?.pullRequest?.page(1)).toMatchObject([
      { id: "1", own: false },
      { id: "2", own: true },
    ]);
  });
});
