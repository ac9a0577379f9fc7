import { expect, it, onTestFinished } from "vitest";
import { pathWithCommandPlugin } from "../support/command-plugin";
import { type CliRun, engineEnv, startCli } from "../support/engine";
import { newProject } from "../support/project";

const SERVICE = `
import { ConversationService, ConversationsSmokeTest } from "pulumi-twilio-conversations";
const service = new ConversationService("support", { friendlyName: "Support" });
`;
const SMOKE_TEST = `${SERVICE}
new ConversationsSmokeTest("works", { service });
`;

/** Previews a program in a project with these packages, and returns the result and the plugins that the engine's log names. */
async function preview(packages: readonly string[], program: string): Promise<CliRun & { readonly plugins: string[] }> {
  const { folder, write, remove } = await newProject(["pulumi-twilio-conversations", ...packages]);
  onTestFinished(remove);
  await write({
    "Pulumi.yaml": "name: support\nruntime: nodejs\nconfig:\n  twilio:backend:\n    value: emulator\n",
    "index.ts": program,
  });
  // The tests' command plugin is on the PATH: a request for it does not fail, and does not reach a network.
  const env = { ...engineEnv(folder), PATH: pathWithCommandPlugin(), PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
  const cli = (...args: string[]) => startCli(args, { cwd: folder, env }).ended;
  expect((await cli("stack", "init", "dev")).code).toBe(0);
  const result = await cli("preview", "-v=9", "--logtostderr");
  const plugins = [...result.stderr.matchAll(/GetPluginPath\(resource, ([^,]+),/g)].map(([, name]) => name as string);
  return { ...result, plugins: [...new Set(plugins)].sort() };
}

it("a program without a smoke test, and without @pulumi/command, requests no command plugin", async () => {
  const { code, stdout, stderr, plugins } = await preview([], SERVICE);
  expect(code, stdout).toBe(0);
  expect(stdout).toContain("+ 2 to create");
  expect(plugins).toEqual(["pulumi-nodejs"]);
  expect(stderr).not.toMatch(/command-1\.2\.1|pulumi-command|resource-command/);
});

it("a smoke test without @pulumi/command fails the preview and names the command that installs it", async () => {
  const { code, stdout } = await preview([], SMOKE_TEST);
  expect(code).not.toBe(0);
  expect(stdout).toContain(
    'error: ConversationsSmokeTest "works" needs the package @pulumi/command, which is not installed. Run `npm install @pulumi/command@1.2.1`.',
  );
  expect(stdout).not.toContain("    at ");
});

it("a smoke test with @pulumi/command requests the command plugin", async () => {
  const { code, stdout, plugins } = await preview(["@pulumi/command"], SMOKE_TEST);
  expect(code, stdout).toBe(0);
  expect(stdout).toContain("+ 4 to create");
  expect(plugins).toEqual(["command", "pulumi-nodejs"]);
});
