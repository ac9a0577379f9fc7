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

  /** Creates an executable that prints this text, in the only folder on the PATH. */
  async function program(name: string, output: string): Promise<void> {
    await writeFile(join(folder, name), `#!/bin/sh\necho '${output}'\n`);
    await chmod(join(folder, name), 0o755);
  }

  const pathOnly = () => ({ ...process.env, PATH: [folder, dirname(process.execPath)].join(delimiter) });

  it("prints the folder of the binaries, and concurrent runs agree", async () => {
    const [first, second] = await Promise.all([run(TOOL), run(TOOL)]);
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(second).toEqual(first);
    await expectComplete(folderOf(first));
  });

  it("uses the CLI on PATH if it is new enough, and adds missing executables", async () => {
    await program("pulumi", "v3.999.0");
    await program("pulumi-language-nodejs", "");
    const ended = await run(TOOL, [], { ...pathOnly(), XDG_CACHE_HOME: join(folder, "cache") });
    expect(ended).toMatchObject({ code: 0, stderr: "" });
    await expectComplete(folderOf(ended));
    expect(await realpath(join(folderOf(ended), "pulumi"))).toBe(await realpath(join(folder, "pulumi")));
  });

  it("explains why it does not use the CLI on PATH", async () => {
    await program("pulumi", "v3.100.0");
    const ended = await run(TOOL, [], pathOnly());
    expect(ended.stderr).toContain("has version 3.100.0, but 3.254.0 or newer is required; not used");
    expect(dirname(folderOf(ended))).not.toBe(folder);
    await expectComplete(folderOf(ended));
  });

  it("lists three solutions if the installation fails, and leaves no files behind", async () => {
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
