/** The GitHub Action that starts the emulator: against GitHub's own schema, and its steps as a runner executes them. */
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { rolldown } from "rolldown";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { parse } from "yaml";
import { faultsOf } from "./faults";
import type * as parser from "./github-parser";

const root = join(import.meta.dirname, "../..");
const folder = join(root, ".github/actions/emulator");
const text = await readFile(join(folder, "action.yml"), "utf8");
const action = parse(text) as {
  inputs: Record<string, { default: string }>;
  outputs: Record<string, { value: string }>;
  runs: { steps: { id: string; shell: string; run: string; env: Record<string, string> }[] };
};

/** GitHub's parser. It imports JSON as only bundlers do. */
async function loadParser(): Promise<typeof parser> {
  const bundle = await rolldown({ input: join(import.meta.dirname, "github-parser.ts"), platform: "node" });
  const scratch = await mkdtemp(join(tmpdir(), "twilio-parser-"));
  try {
    await bundle.write({ file: join(scratch, "parser.mjs"), format: "es", codeSplitting: false });
    return await import(join(scratch, "parser.mjs"));
  } finally {
    await rm(scratch, { recursive: true });
  }
}

const { NoOperationTraceWriter: NoTrace, parseAction } = await loadParser();
const problemsOf = (content: string) =>
  parseAction({ name: "action.yml", content }, new NoTrace())
    .context.errors.getErrors()
    .map(({ message }) => message);

describe("action.yml", () => {
  it("follows GitHub's schema and this repository's rules", () => {
    expect(problemsOf(text)).toEqual([]);
    expect(faultsOf(text)).toEqual([]);
  });

  it.each([
    ["an unknown key", text.replace("runs:", "run:")],
    ["a step without a shell", text.replace("      shell: bash\n", "")],
    ["an expression of an unknown context", text.replace("inputs.seed", "input.seed")],
  ])("%s would not", (_what, wrong) => {
    expect(wrong).not.toBe(text);
    expect(problemsOf(wrong)).not.toEqual([]);
  });
});

describe("a job", () => {
  let temp: string;
  beforeEach(async () => {
    temp = await mkdtemp(join(tmpdir(), "twilio-runner-"));
    onTestFinished(() => rm(temp, { recursive: true, force: true }));
  });

  /** Runs a script as a step with `shell: bash`. */
  const bash = (script: string, env: Record<string, string>, cwd = root) =>
    new Promise<{ code: number; text: string }>((resolve) => {
      const options = { cwd, env: { PATH: process.env.PATH, HOME: temp, ...env } };
      execFile("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", script], options, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, text: stdout + stderr }),
      );
    });

  /** Ends a process, and waits until it has released its files. */
  async function end(pid: number): Promise<void> {
    process.kill(pid);
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 10_000 });
  }

  /** The values in a file in which steps store them. */
  const stored = async (file: string) => {
    const content = await readFile(file, "utf8").catch(() => "");
    return Object.fromEntries([...content.matchAll(/^(.+?)<<(.+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name, value]));
  };

  /** Runs the action's steps, and returns what later steps get. */
  async function runAction(inputs: Record<string, string> = {}, { cwd = root, path = "" } = {}) {
    const [GITHUB_ENV, GITHUB_OUTPUT] = [join(temp, "env"), join(temp, "output")];
    const withInputs = (expression: string) =>
      expression.replace(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) => inputs[name] ?? action.inputs[name]?.default ?? "?");
    let log = "";
    for (const { run, env, shell } of action.runs.steps) {
      expect(shell).toBe("bash");
      const own = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, withInputs(value)]));
      const runner = { GITHUB_ACTION_PATH: folder, GITHUB_ENV, GITHUB_OUTPUT, RUNNER_TEMP: temp };
      const step = await bash(
        run,
        { ...own, ...runner, PATH: path ? `${path}${delimiter}${process.env.PATH}` : `${process.env.PATH}` },
        cwd,
      );
      log += step.text;
      const [, pid] = /, process (\d+)\)/.exec(step.text) ?? [];
      if (pid) onTestFinished(() => end(Number(pid)));
      if (step.code !== 0) return { code: step.code, log, env: await stored(GITHUB_ENV), outputs: {} as Record<string, string> };
    }
    const values = await stored(GITHUB_OUTPUT);
    const outputs = Object.entries(action.outputs).map(([name, { value }]) => {
      const [, id] = /^\$\{\{ steps\.start\.outputs\.([\w-]+) \}\}$/.exec(value) ?? [];
      return [name, values[id ?? ""] ?? "?"];
    });
    return { code: 0, log, env: await stored(GITHUB_ENV), outputs: Object.fromEntries(outputs) as Record<string, string> };
  }

  const LIST = 'curl -sf -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN"';

  it("gets a running emulator and its variables; the secrets are masked before anything else is printed", async () => {
    await writeFile(join(temp, "data.yaml"), "services: { desk: { friendlyName: Help desk } }\n");
    const { code, log, env, outputs } = await runAction({ seed: "action", state: join(temp, "state"), data: join(temp, "data.yaml") });
    expect({ code, log }).toMatchObject({ code: 0 });
    expect(Object.keys(env).sort()).toEqual(
      ["TWILIO_ACCOUNT_SID", "TWILIO_API_KEY", "TWILIO_API_SECRET", "TWILIO_AUTH_TOKEN", "TWILIO_BASE_URL"].sort(),
    );
    const lines = log.trimEnd().split("\n");
    expect(lines.slice(0, 2)).toEqual([`::add-mask::${env.TWILIO_AUTH_TOKEN}`, `::add-mask::${env.TWILIO_API_SECRET}`]);
    expect(lines.slice(2).join("\n")).not.toMatch(new RegExp(`${env.TWILIO_AUTH_TOKEN}|${env.TWILIO_API_SECRET}`));
    expect(outputs).toMatchObject({ url: env.TWILIO_BASE_URL, "account-sid": env.TWILIO_ACCOUNT_SID });
    expect(await readFile(outputs.log as string, "utf8")).toBe("");
    const listed = await bash(`${LIST} "$TWILIO_BASE_URL/conversations.twilio.com/v1/Services"`, env as Record<string, string>);
    expect(JSON.parse(listed.text).services.map((service: { friendly_name: string }) => service.friendly_name)).toContain("Help desk");
    expect((await stat(join(temp, "state"))).isDirectory()).toBe(true);
  });

  it("can use the proxy in the steps that ask for it, and only in those", async () => {
    const { code, env } = await runAction({ proxy: "true" });
    expect(code).toBe(0);
    // The runner refuses NODE_OPTIONS, and its own actions would use a proxy that refuses GitHub.
    expect(Object.keys(env).filter((name) => /PROXY|NODE|SSL|CA_/i.test(name))).toEqual(["TWILIO_PROXY_ENV"]);
    const list = `${LIST} https://conversations.twilio.com/v1/Services`;
    const { code: status, text: answer } = await bash(`. "$TWILIO_PROXY_ENV" && ${list}`, env as Record<string, string>);
    expect({ status, answer }).toMatchObject({ status: 0 });
    expect(JSON.parse(answer)).toMatchObject({ meta: { key: "services" } });
  });

  it("fails with the emulator's error", async () => {
    await writeFile(join(temp, "file"), "");
    const refused = await runAction({ state: join(temp, "file") });
    expect(refused).toMatchObject({
      code: 1,
      env: {},
      log: expect.stringMatching(/^::error title=Twilio emulator::The emulator did not start: .*error: /),
    });
    expect(await runAction({ proxy: "yes" })).toMatchObject({ code: 1, log: expect.stringContaining("must be true or false; received") });
  });

  it("without the package gets it from npm, with no package that the emulator does not need", async () => {
    const tools = join(temp, "tools");
    await mkdir(tools);
    // Instead of the registry.
    const npm = `#!/bin/sh\necho "npm $*"\nmkdir -p "$3/node_modules"\nln -s '${root}' "$3/node_modules/pulumi-twilio-conversations"\n`;
    await writeFile(join(tools, "npm"), npm);
    await chmod(join(tools, "npm"), 0o755);
    const { code, log, env } = await runAction({ package: "pulumi-twilio-conversations@1" }, { cwd: temp, path: tools });
    expect({ code, log }).toMatchObject({ code: 0 });
    expect(log).toMatch(/^npm install --prefix \S+ .*--omit=peer .*--ignore-scripts .* pulumi-twilio-conversations@1$/m);
    expect(await fetch(`${env.TWILIO_BASE_URL}/_emulator/health`)).toMatchObject({ status: 200 });
  });
});
