import { access, chmod, constants, mkdtemp, readdir, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Ended, run } from "./program";

const TOOL = "tools/engine/main.mts";
const EXECUTABLES = ["pulumi", "pulumi-language-nodejs", "pulumi-resource-pulumi-nodejs"];

const folderOf = ({ stdout }: Ended) => stdout.trimEnd().split("\n").at(-1) as string;
const expectComplete = (folder: string) => Promise.all(EXECUTABLES.map((name) => access(join(folder, name), constants.X_OK)));

describe("npm run engine", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "engine-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Puts a program that prints this on a PATH of its own. */
  async function program(name: string, output: string): Promise<void> {
    await writeFile(join(folder, name), `#!/bin/sh\necho '${output}'\n`);
    await chmod(join(folder, name), 0o755);
  }

  const pathOnly = () => ({ ...process.env, PATH: [folder, dirname(process.execPath)].join(delimiter) });

  it("ends with the folder of its binaries, and makes nothing twice", async () => {
    const [first, second] = await Promise.all([run(TOOL), run(TOOL)]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(second).toEqual(first);
    await expectComplete(folderOf(first));
  });

  it("uses what is on PATH when it is new enough, and completes it", async () => {
    await program("pulumi", "v3.999.0");
    await program("pulumi-language-nodejs", "");
    const ended = await run(TOOL, [], { ...pathOnly(), XDG_CACHE_HOME: join(folder, "cache") });
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    await expectComplete(folderOf(ended));
    expect(await realpath(join(folderOf(ended), "pulumi"))).toBe(await realpath(join(folder, "pulumi")));
  });

  it("says why it does not use what is on PATH", async () => {
    await program("pulumi", "v3.100.0");
    const ended = await run(TOOL, [], pathOnly());
    expect(ended.stderr).toContain("is 3.100.0; 3.254.0 or newer is needed: not used");
    expect(dirname(folderOf(ended))).not.toBe(folder);
    await expectComplete(folderOf(ended));
  });

  it("names three ways out where nothing can be made, and leaves nothing behind", async () => {
    const nowhere = "http://127.0.0.1:9";
    const cache = join(folder, "cache");
    const ended = await run(TOOL, [], { ...pathOnly(), XDG_CACHE_HOME: cache, HTTPS_PROXY: nowhere, https_proxy: nowhere });
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    for (const link of ["https://www.pulumi.com/docs/install/", "https://get.pulumi.com", "https://go.dev/doc/install"]) {
      expect(ended.stderr).toContain(link);
    }
    expect(await readdir(join(cache, "pulumi-twilio-conversations/engine"))).toEqual([]);
  });
});
