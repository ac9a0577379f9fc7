import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { makeExecutable } from "../../tools/build/main.mts";

it("makes the commands of the package executable, which the compiler does not", async () => {
  const folder = await mkdtemp(join(tmpdir(), "twilio-build-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "package.json"), JSON.stringify({ bin: { one: "dist/one.js" } }));
  await mkdir(join(folder, "dist"));
  await writeFile(join(folder, "dist/one.js"), "", { mode: 0o644 });
  await makeExecutable(folder);
  expect((await stat(join(folder, "dist/one.js"))).mode & 0o777).toBe(0o755);
});

it("leaves a command that runs from node_modules/.bin of this repository", async () => {
  const command = join(import.meta.dirname, "../../node_modules/.bin/twilio-conversations");
  const { stdout } = await promisify(execFile)(command, ["--version"]);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
