import { spawnSync } from "node:child_process";
import { chmod, cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type BillOfMaterials, openRegistry, type PublishedFile, type Registry } from "./registry";
import { openTeam, type Team } from "./team";

const root = join(import.meta.dirname, "..", "..");
/** The script gets this secret and must not print it. */
const CANARY = "canary-5d1c0f";

describe("ci/engine", () => {
  it("uses the CLI on the PATH, or else the cached one if it is as new as the SDK", async () => {
    const team = await openTeam();
    try {
      expect(await team.run("engine")).toEqual({ code: 0, text: `${inject("engine")}\n` });
      const { version } = JSON.parse(await readFile(join(root, "node_modules", "@pulumi", "pulumi", "package.json"), "utf8"));
      const cache = join(team.folder, "cache");
      const bin = join(cache, "pulumi-twilio-conversations", "cli", "bin");
      await mkdir(bin, { recursive: true });
      await writeFile(join(bin, "pulumi"), `#!/bin/sh\necho v${version}\n`);
      await chmod(join(bin, "pulumi"), 0o755);
      const tools = join(team.folder, "tools-only");
      await mkdir(tools);
      for (const [name, path] of [
        ["node", process.execPath],
        ["bash", "/bin/bash"],
        ["dirname", "/usr/bin/dirname"],
        ["env", "/usr/bin/env"],
        ["sh", "/bin/sh"],
      ]) {
        await symlink(path as string, join(tools, name as string));
      }
      expect(await team.run("engine", [], { PATH: tools, XDG_CACHE_HOME: cache })).toEqual({ code: 0, text: `${bin}\n` });
    } finally {
      await team.close();
    }
  });
});

const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
const npm = spawnSync("npm", ["--version"], { env: { PATH }, encoding: "utf8" }).stdout.trim();
/** Whether this machine's npm can publish without a token. */
const canTrust = npm.localeCompare("11.5.1", "en", { numeric: true }) >= 0;

describe("ci/release", () => {
  const manifest = require("../../package.json") as {
    name: string;
    version: string;
    files: string[];
    dependencies: object;
    devDependencies: object;
  };
  const tag = `v${manifest.version}`;
  let team: Team;
  let registry: Registry;
  beforeAll(async () => {
    registry = await openRegistry(CANARY);
    team = await openTeam({ PATH, npm_config_registry: registry.url, npm_config_cache: "cache", npm_config_update_notifier: "false" });
    // This package itself.
    for (const path of ["package.json", "package-lock.json", ...manifest.files.filter((name) => !/[*!]/.test(name)), "docs"])
      await cp(join(root, path), join(team.folder, path), { recursive: true, filter: (from) => !from.endsWith("node_modules") });
    await writeFile(join(team.folder, "CHANGELOG.md"), `# Changelog\n\n## ${manifest.version}\n`);
  }, 60_000);
  afterAll(async () => {
    registry.close();
    await team.close();
  });
  const release = (env: NodeJS.ProcessEnv, ...args: string[]) => team.run("release", [tag, ...args], env);
  const onGitHub = () => ({
    GITHUB_ACTIONS: "true",
    GITHUB_SERVER_URL: "https://github.example",
    GITHUB_REPOSITORY: "team/chat",
    ACTIONS_ID_TOKEN_REQUEST_URL: `${registry.url}/id-token`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: CANARY,
  });
  const onGitLab = { GITLAB_CI: "true", CI_PROJECT_URL: "https://gitlab.example/team/chat", NPM_ID_TOKEN: CANARY };

  it("shows in a dry run what it would publish, and sends nothing", async () => {
    const { code, text } = await release({}, "--dry-run");
    expect(code, text).toBe(0);
    for (const says of [`${manifest.name}@${manifest.version}`, "dist/index.js", "sbom.cdx.json"]) expect(text).toContain(says);
    expect(registry.published).toEqual([]);
  });

  it.skipIf(!canTrust).each([
    ["GitHub", onGitHub, "git+https://github.example/team/chat.git"],
    ["GitLab", () => onGitLab, "git+https://gitlab.example/team/chat.git"],
  ])("publishes from %s without a token, with the repository and the bill of materials", async (_, env, url) => {
    const before = await readFile(join(team.folder, "package.json"), "utf8");
    // The signing of the provenance needs Sigstore.
    const { code, text } = await release(env(), "--provenance=false");
    expect(code, text).toBe(0);
    expect(text).not.toContain(CANARY);
    const files = registry.published.pop() as Map<string, PublishedFile>;
    expect(JSON.parse(files.get("package.json")?.text as string)).toMatchObject({
      name: manifest.name,
      repository: { type: "git", url },
      exports: expect.anything(),
    });
    const bill = JSON.parse(files.get("sbom.cdx.json")?.text as string) as BillOfMaterials;
    expect(bill).toMatchObject({ bomFormat: "CycloneDX", metadata: { component: { name: manifest.name, version: manifest.version } } });
    const components = new Map(bill.components.map((component) => [component.name, component]));
    // Also what a tool needs too, and what a dependency needs.
    expect([...components.keys()]).toEqual(expect.arrayContaining([...Object.keys(manifest.dependencies), "axios", "jsonwebtoken"]));
    expect(Object.keys(manifest.devDependencies).filter((name) => components.has(name))).toEqual([]);
    expect(bill.components.filter(({ hashes }) => !hashes?.length)).toEqual([]);
    expect(await readFile(join(team.folder, "package.json"), "utf8")).toBe(before);
    // The guides for people and assistants, without pictures, and the policy pack with its executable.
    for (const path of ["AGENTS.md", "llms.txt", "SECURITY.md", "docs/README.md", "docs/stability.md"])
      expect([...files.keys()]).toContain(path);
    expect([...files.keys()].filter((path) => path.endsWith(".png"))).toEqual([]);
    expect((files.get("policy/start")?.mode ?? 0) & 0o111).toBe(0o111);
  });

  it("refuses provenance without a repository, and an npm that is too old for it", async () => {
    expect(await release({ GITHUB_ACTIONS: "true" }, "--dry-run")).toMatchObject({
      code: 1,
      text: expect.stringMatching(/^error: npm refuses provenance without a repository/),
    });
    const bin = join(team.folder, "old-npm");
    await mkdir(bin);
    await writeFile(join(bin, "npm"), "#!/bin/sh\necho 10.9.4\n");
    await chmod(join(bin, "npm"), 0o755);
    expect(await release({ ...onGitLab, PATH: `${bin}:${dirname(process.execPath)}:${process.env.PATH}` })).toMatchObject({
      code: 1,
      text: expect.stringContaining("npm 11.5.1 or newer, but this is npm 10.9.4"),
    });
  });

  it("asks npm for provenance, and keeps a repository that package.json names", async () => {
    const path = join(team.folder, "package.json");
    const text = await readFile(path, "utf8");
    await writeFile(path, JSON.stringify({ ...JSON.parse(text), repository: "github:ours/chat" }));
    // Signing needs Sigstore, so this npm shows what it would publish.
    const bin = join(team.folder, "new-npm");
    await mkdir(bin);
    const npmPath = spawnSync("which", ["npm"], { env: { PATH }, encoding: "utf8" }).stdout.trim();
    const script = `case $1 in publish) echo "$*"; cat "$2/package.json" ;; --version) echo 11.5.1 ;; *) exec "${npmPath}" "$@" ;; esac`;
    await writeFile(join(bin, "npm"), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, "npm"), 0o755);
    const shown = await release({ ...onGitHub(), PATH: `${bin}:${PATH}` });
    await writeFile(path, text);
    expect(shown.code, shown.text).toBe(0);
    expect(shown.text).toMatch(/^publish \S+\/package --access public --ignore-scripts --provenance\n/);
    expect(shown.text).toContain('"repository": "github:ours/chat"');
  });

  it("refuses another tag, and a version that is not in the changelog", async () => {
    expect(await team.run("release", ["v9.9.9", "--dry-run"])).toMatchObject({
      code: 1,
      text: expect.stringContaining("the tag is v9.9.9"),
    });
    await writeFile(join(team.folder, "CHANGELOG.md"), `# Changelog\n\n## ${manifest.version} (unreleased)\n`);
    expect(await release({})).toMatchObject({ code: 1, text: expect.stringContaining("CHANGELOG.md must have a line") });
  });
});

it("no file of the project uses a token of npm", () => {
  const paths = [".github", "ci", "docs", ".gitlab-ci.yml", "bitbucket-pipelines.yml", "README.md"];
  const found = spawnSync("grep", ["-rlE", "NPM_TOKEN|NODE_AUTH_TOKEN|_authToken", ...paths], { cwd: root, encoding: "utf8" });
  expect(found.stdout).toBe("");
});
