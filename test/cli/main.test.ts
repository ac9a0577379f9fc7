import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type CommandHelp, cliPage, helpOfAllCommands } from "../../tools/docs/cli.mts";
import { emulatorClient } from "../engine/twilio";
import { run } from "../tools/program";
import { openProject, type Project } from "./project";

const CLI = "dist/cli/main.js";

describe("the command line", () => {
  let emulator: Emulator;
  let project: Project;
  let commands: CommandHelp[];
  let serviceSid: string;

  beforeAll(async () => {
    emulator = await startEmulator();
    const { url, accountSid, apiKey, apiSecret } = emulator;
    const config = { "twilio:baseUrl": url, "twilio:accountSid": accountSid, "twilio:apiKey": apiKey, "twilio:apiSecret": apiSecret };
    serviceSid = (await emulatorClient(emulator).client.conversations.v1.services.create({ friendlyName: "Support" })).sid;
    project = await openProject(config, { serviceSid });
    commands = await helpOfAllCommands();
  });
  afterAll(async () => {
    await project.close();
    await emulator.close();
  });

  it("has a page with the output of --help", async () => {
    const { actual, expected } = await cliPage();
    expect(actual, "run `node tools/docs/cli.mts`").toBe(expected);
  });

  it("has examples, each starting with the program's name, and --json in every command", () => {
    const ends = commands.filter(({ help }) => !/^Commands:/m.test(help));
    expect(ends.length).toBeGreaterThan(5);
    for (const { path, help } of ends) {
      expect(help, path.join(" ")).toMatch(new RegExp(`^Examples:\\n( .*\\n)*.*twilio-conversations ${path.join(" ")}\\b`, "m"));
      expect(help, path.join(" ")).toMatch(/^ {2}--json /m);
      expect(help, path.join(" ")).toMatch(/^Global Options:\n(.*\n)* +--quiet (.*\n)* +--debug /m);
    }
  });

  it("has one name and one placeholder for an option of several commands", () => {
    const options = commands.flatMap(({ help }) =>
      [...help.matchAll(/^ {2}(--[\w-]+) <(.*?)>/gm)].map(([, name, value]) => ({ name, value })),
    );
    const valuesOf = (name: string) => [...new Set(options.filter((option) => option.name === name).map(({ value }) => value))];
    for (const name of ["--stack", "--profile"]) expect(valuesOf(name), name).toEqual(["name"]);
    // A SID selects a service or a conversation; `export` accepts the service's friendly name as well.
    expect([...new Set(options.filter(({ value }) => value === "sid").map(({ name }) => name))].sort()).toEqual([
      "--conversation",
      "--service",
    ]);
    expect(options.filter(({ name }) => name?.endsWith("-sid"))).toEqual([]);
    expect(options.filter(({ name }) => name === "--service").length).toBeGreaterThanOrEqual(5);
  });

  it("suggests the right command or option for a typo", async () => {
    for (const [args, meant] of [
      [["grpah"], "graph"],
      [["graph", "--fromat", "svg"], "--format"],
    ] as const) {
      const { code, stdout, stderr } = await run(CLI, [...args]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toContain(`Did you mean ${meant}?`);
    }
  });

  it("shows requests and their results with --debug, before or after the command, and no secret", async () => {
    const token = ["token", "--identity", "somebody@example.com", "--stack", "dev"];
    for (const args of [
      ["--debug", ...token],
      [...token, "--debug"],
    ]) {
      const { code, stdout, stderr } = await project.command(args);
      expect(code).toBe(0);
      const path = `/conversations.twilio.com/v1/Services/${serviceSid}/ParticipantConversations`;
      expect(stderr).toMatch(new RegExp(`^debug: GET ${emulator.url}${path}: HTTP 200, \\d+ ms$`, "m"));
      expect(stderr).toMatch(/^debug: pulumi config --json --show-secrets: exit code 0, \d+ ms$/m);
      const debug = stderr.split("\n").filter((line) => line.startsWith("debug: "));
      for (const secret of [emulator.apiSecret, "a secret of the program", "somebody", stdout.trim()])
        expect(debug.join()).not.toContain(secret);
    }
  });

  it("prints errors and no notes with --quiet", async () => {
    const token = ["token", "--identity", "nobody", "--stack", "dev"];
    expect((await project.command(token)).stderr).toMatch(/^warning: /);
    expect(await project.command([...token, "--quiet"])).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/^eyJ/) });
    expect((await project.command(["token", "--identity", "nobody", "--stack", "none", "--quiet"])).stderr).toMatch(/^error: /);
  });

  it.skipIf(spawnSync("script", ["--version"]).status !== 0)("uses colors on a terminal, and none if NO_COLOR is set", () => {
    const onTerminal = (env: NodeJS.ProcessEnv) => {
      const command = `${process.execPath} ${CLI} doctor`;
      const shown = { HOME: project.folder, PATH: "/usr/bin:/bin", TERM: "xterm-256color", ...env };
      return spawnSync("script", ["-qec", command, "/dev/null"], { env: shown, encoding: "utf8" }).stdout;
    };
    expect(onTerminal({})).toContain("\x1b[");
    expect(onTerminal({ NO_COLOR: "1" })).toMatch(/^ok +node/m);
    expect(onTerminal({ NO_COLOR: "1" })).not.toContain("\x1b[");
  });
});
