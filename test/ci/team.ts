import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { keyUrl } from "../../tools/harness/key-service.mts";
import { engineEnv } from "../support/engine";

const root = join(import.meta.dirname, "..", "..");

/** A finished run of a script. */
export interface ScriptRun {
  readonly code: number | null;
  /** What it wrote to both streams. */
  readonly text: string;
}

/** A team's repository: a small program, this package, and a copy of the scripts. */
export interface Team {
  readonly folder: string;
  /** Runs a script of `ci/`. */
  run(script: string, args?: readonly string[], env?: NodeJS.ProcessEnv): Promise<ScriptRun>;
  /** Creates a stack with a secret in its configuration, which the program exports. */
  setSecret(stack: string, value: string): Promise<void>;
  /** The stacks in its backend, with their number of resources. */
  stacks(): Promise<Readonly<Record<string, number>>>;
  /** Everything that a script wrote, to streams or for later steps. It must contain no secret. */
  written(): Promise<string>;
  close(): Promise<void>;
}

const program = `
const pulumi = require("@pulumi/pulumi");
const { Conversation, ConversationService, Participant } = require("pulumi-twilio-conversations");
const service = new ConversationService("support", { friendlyName: "Support" });
const hello = new Conversation("hello", { service, friendlyName: "Hello", forceDestroy: true });
new Participant("pineapple", { conversation: hello, identity: "testPineapple" });
exports.serviceSid = service.sid;
exports.conversationSid = hello.sid;
exports.prefix = new pulumi.Config().get("namePrefix");
exports.secret = new pulumi.Config().getSecret("secret");
`;

/** Creates one. `env` is the environment of its pipeline, in addition to a backend. With no passphrase of its own, it uses the key service. */
export async function openTeam(env: NodeJS.ProcessEnv = {}): Promise<Team> {
  const folder = await mkdtemp(join(tmpdir(), "twilio-team-"));
  const modules = join(folder, "node_modules");
  await mkdir(join(folder, "home"), { recursive: true });
  await mkdir(modules);
  await cp(join(root, "ci"), join(folder, "ci"), { recursive: true });
  await symlink(root, join(modules, "pulumi-twilio-conversations"));
  await symlink(join(root, "node_modules", "@pulumi"), join(modules, "@pulumi"));
  const files = {
    "Pulumi.yaml": "name: team\nruntime: {name: nodejs, options: {typescript: false}}\n",
    "package.json": '{"name": "team", "main": "index.js"}',
    "Pulumi.pr.yaml": "config:\n  twilio:backend: emulator\n  team:namePrefix: pr\n",
    "index.js": program,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const backend = join(folder, "backend");
  await mkdir(backend);
  const encryption = env.PULUMI_CONFIG_PASSPHRASE === undefined ? { SECRETS_PROVIDER: keyUrl } : {};
  const given = { ...ownEnv(), ...engineEnv(backend), ...encryption, HOME: join(folder, "home"), ...env };
  let streams = "";
  return {
    folder,
    async run(script, args = [], more = {}) {
      const ended = await runScript(join(folder, "ci", script), args, { ...given, ...more });
      streams += ended.text;
      return ended;
    },
    async setSecret(stack, value) {
      await runScript("pulumi", ["stack", "init", stack, "--no-select", "--cwd", folder], given);
      const { code, text } = await runScript(
        "pulumi",
        ["config", "set", "--secret", "secret", value, "--stack", stack, "--cwd", folder],
        given,
      );
      if (code !== 0) throw new Error(text);
    },
    async stacks() {
      const { text } = await runScript("pulumi", ["stack", "ls", "--json", "--cwd", folder], given);
      const found = JSON.parse(text) as { name: string; resourceCount?: number }[];
      return Object.fromEntries(found.map(({ name, resourceCount }) => [name, resourceCount ?? 0]));
    },
    async written() {
      const results = await readdir(join(folder, ".ci-results")).catch(() => []);
      const kept = await Promise.all(results.map((name) => readFile(join(folder, ".ci-results", name), "utf8")));
      return [streams, ...kept].join("\n");
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

/** This process's environment without the variables of pipelines, Pulumi and Twilio. */
export const ownEnv = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TWILIO_|PULUMI_|GITHUB_|GITLAB_|CI(_|$)|BITBUCKET_|NPM_TOKEN$|VITEST)/.test(name)),
  );

/** Runs a program to its end. The program and its children do not outlive the test. */
export function runScript(path: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<ScriptRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    onTestFinished(() => {
      if (child.exitCode === null && child.signalCode === null && child.pid) process.kill(-child.pid, "SIGKILL");
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (part: string) => (text += part));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, text }));
  });
}
