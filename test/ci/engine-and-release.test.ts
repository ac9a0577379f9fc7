import { chmod, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
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

describe("ci/release", () => {
  const { version } = require("../../package.json") as { version: string };
  let team: Team;
  beforeAll(async () => {
    team = await openTeam({ PATH: `${dirname(process.execPath)}:${process.env.PATH}`, NPM_TOKEN: CANARY });
    await mkdir(join(team.folder, "dist"));
    await writeFile(join(team.folder, "dist", "index.js"), "");
    await writeFile(
      join(team.folder, "package.json"),
      JSON.stringify({ name: "pulumi-twilio-conversations-trial", version, files: ["dist"] }),
    );
  });
  afterAll(() => team.close());

  it("publishes the built package with the tag of its version, and prints no token", async () => {
    await writeFile(join(team.folder, "CHANGELOG.md"), `# Changelog\n\n## ${version}\n`);
    const { code, text } = await team.run("release", [`v${version}`, "--dry-run"]);
    expect(code, text).toBe(0);
    expect(text).toContain(`pulumi-twilio-conversations-trial@${version}`);
    expect(text).toContain("dist/index.js");
    expect(text).not.toContain(CANARY);
  });

  it("refuses another tag, and a version that is not in the changelog", async () => {
    expect(await team.run("release", ["v9.9.9", "--dry-run"])).toMatchObject({
      code: 1,
      text: expect.stringContaining("the tag is v9.9.9"),
    });
    await writeFile(join(team.folder, "CHANGELOG.md"), `# Changelog\n\n## ${version} (unreleased)\n`);
    expect(await team.run("release", [`v${version}`])).toMatchObject({
      code: 1,
      text: expect.stringContaining("CHANGELOG.md must have a line"),
    });
  });
});
