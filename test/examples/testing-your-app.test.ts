import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

const root = join(import.meta.dirname, "../..");

/** Runs an example's own tests, and returns vitest's report. */
async function runTests(folder: string): Promise<{ numPassedTests: number; numFailedTests: number; text: string }> {
  const scratch = await mkdtemp(join(tmpdir(), "twilio-report-"));
  onTestFinished(() => rm(scratch, { recursive: true, force: true }));
  const report = join(scratch, "report.json");
  const args = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--reporter=json", `--outputFile=${report}`];
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  const text = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { cwd: folder, env }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
  return { text, ...JSON.parse(await readFile(report, "utf8").catch(() => "{}")) };
}

/** Copies the example, so that vitest's cache is not in it. */
async function copyExample(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-example-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const filter = (path: string) => !path.includes("node_modules");
  await cp(join(root, "examples/testing-your-app"), folder, { recursive: true, filter: (path) => filter(path.slice(root.length)) });
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

it("examples/testing-your-app: its tests pass", async () => {
  const { text, ...counts } = await runTests(await copyExample());
  expect(counts, text).toMatchObject({ numPassedTests: 3, numFailedTests: 0 });
});

it("examples/testing-your-app: its tests fail for a webhook server that checks no signature and greets twice", async () => {
  const folder = await copyExample();
  const server = await readFile(join(folder, "webhook-server.mts"), "utf8");
  const [greeting = ""] = /await conversation\.messages\.create\(.*\);/.exec(server) ?? [];
  const faulty = server.replace("!twilio.validateRequest", "!String").replace(greeting, `${greeting} ${greeting}`);
  await writeFile(join(folder, "webhook-server.mts"), faulty);
  expect(await runTests(folder)).toMatchObject({ numPassedTests: 0, numFailedTests: 3 });
});
