/** `emulator --proxy` and `emulator run -- COMMAND`. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, onTestFinished } from "vitest";
import { credentialsOf } from "../../src/emulator/credentials";
import { launch, run } from "../tools/program";

const CLI = "dist/cli/main.js";
const SERVICES = "https://conversations.dublin.ie1.twilio.com/v1/Services";
const shell = (script: string, ...options: string[]) => run(CLI, ["emulator", "run", ...options, "--", "sh", "-c", script]);

async function temporaryFolder(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), name));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe("twilio-conversations emulator run", () => {
  it("gives a command an emulator that its clients reach under Twilio's names, and returns its status", async () => {
    const { code, stdout, stderr } = await shell(`curl -sS -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" ${SERVICES}; exit 3`);
    expect({ code, services: JSON.parse(stdout).services }).toMatchObject({ code: 3, services: [{ sid: expect.stringMatching(/^IS/) }] });
    expect(stderr).toMatch(/^note: the emulator runs at http:\/\/127\.0\.0\.1:\d+ until the command ends\n$/);
  });

  it("returns 0 and prints nothing of its own to stdout", async () => {
    expect(await run(CLI, ["--quiet", "emulator", "run", "--", "echo", "--port", "own"])).toEqual({
      code: 0,
      signal: null,
      stdout: "--port own\n",
      stderr: "",
    });
  });

  it("needs -- before a command with options, and takes the emulator's options on both sides of its name", async () => {
    expect(await run(CLI, ["emulator", "run", "pytest", "-k", "x"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("unknown option '-k'"),
    });
    for (const args of [
      ["--seed", "a", "run"],
      ["run", "--seed", "a"],
    ])
      expect(await run(CLI, ["emulator", ...args, "--", "sh", "-c", 'echo "$TWILIO_ACCOUNT_SID"'])).toMatchObject({
        code: 0,
        stdout: `${credentialsOf("a").accountSid}\n`,
      });
  });

  it("returns 128 and the number of the signal that ended the command", async () => {
    expect(await shell("kill -9 $$")).toMatchObject({ code: 137, signal: null });
    expect(await shell("kill -TERM $$")).toMatchObject({ code: 143, signal: null });
  });

  it.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)("forwards %s and waits until the command ends", async (signal) => {
    // Not a shell, which cannot handle a signal that this process was told to ignore.
    const script = `process.on("${signal}", () => { console.log("cleaned up"); process.exit(7); }); setInterval(() => {}, 1000); console.log("ready")`;
    const program = launch(CLI, ["emulator", "run", "--", process.execPath, "-e", script]);
    await program.says(/ready/);
    program.interrupt(signal);
    expect(await program.ended).toMatchObject({ code: 7, signal: null, stdout: "ready\ncleaned up\n" });
  });

  it("reports a command that does not exist or cannot be executed, as a shell does", async () => {
    expect(await run(CLI, ["emulator", "run", "--", "no-such-command"])).toMatchObject({
      code: 127,
      stderr: expect.stringContaining("error: cannot run no-such-command: there is no such command\n"),
    });
    expect(await run(CLI, ["--quiet", "emulator", "run", "--", "./package.json"])).toMatchObject({
      code: 126,
      stderr: expect.stringContaining("error: cannot run ./package.json: "),
    });
    expect(await run(CLI, ["emulator", "run"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("missing required argument 'command'"),
    });
  });

  it("keeps the state, and the authority, in the folder of --state", async () => {
    const folder = join(await temporaryFolder("twilio-run-"), ".twilio");
    const create = `curl -sS -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" -d FriendlyName=Kept ${SERVICES}; cat "$NODE_EXTRA_CA_CERTS"`;
    expect(await shell(create, "--state", folder)).toMatchObject({ code: 0, stdout: expect.stringContaining('"friendly_name":"Kept"') });
    const list = `curl -sS --cacert ${folder}/proxy/ca.pem -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" ${SERVICES}`;
    expect(await shell(list, "--state", folder)).toMatchObject({ code: 0, stdout: expect.stringContaining('"friendly_name":"Kept"') });
    expect(existsSync(join(folder, "lock.json"))).toBe(false);
  });

  it("leaves no temporary files, also where it is interrupted", async () => {
    const folder = await temporaryFolder("twilio-run-");
    const env = { ...process.env, TMPDIR: folder };
    const script = `ls "$TMPDIR"; while :; do sleep 0.05; done`;
    const program = launch(CLI, ["emulator", "run", "--", "sh", "-c", script], env);
    await program.says(/twilio-emulator-/);
    program.interrupt("SIGTERM");
    expect((await program.ended).code).toBe(143);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("adds to the variables that the command has", async () => {
    const present = { NO_PROXY: "db.internal, .example.com *.twilio.com,*", JAVA_TOOL_OPTIONS: "-Xmx1g", NODE_OPTIONS: "--no-warnings" };
    const script = 'echo "$NO_PROXY"; echo "$JAVA_TOOL_OPTIONS"; echo "$NODE_OPTIONS"';
    const { stdout } = await run(CLI, ["emulator", "run", "--", "sh", "-c", script], { ...process.env, ...present });
    const [direct, java, node] = stdout.split("\n");
    expect(direct).toBe("localhost,127.0.0.1,::1,db.internal,.example.com");
    expect(java).toMatch(/^-Xmx1g -Dhttps\.proxyHost=127\.0\.0\.1 -Dhttps\.proxyPort=\d+ /);
    expect(node).toMatch(/^--no-warnings --require /);
  });

  it("lets the command reach this machine's servers, and refuses others with the reason", async () => {
    const own = createServer((_request, response) => response.end("own")).listen(0, "127.0.0.1");
    onTestFinished(() => void own.close());
    await new Promise((done) => own.once("listening", done));
    const { port } = own.address() as AddressInfo;
    expect(await shell(`curl -sS http://localhost:${port} http://127.0.0.1:${port}`)).toMatchObject({ code: 0, stdout: "ownown" });
    // 56: CONNECT was refused.
    expect(await shell("curl -sS https://evil.example")).toMatchObject({ code: 56, stderr: expect.stringContaining("403") });
  });
});

describe("twilio-conversations emulator --proxy", () => {
  it("prints lines for a shell that lead each client to it", async () => {
    const folder = await temporaryFolder("twilio proxy's ");
    const emulator = launch(CLI, ["emulator", "--port", "0", "--proxy", "--state", join(folder, ".twilio")]);
    await emulator.says(/trust the authority in\n.*\n/);
    const { stdout } = emulator.written();
    for (const client of ["Node.js", "twilio-cli", "Python", "Go", "Terraform", "curl", "Java", "Browsers"])
      expect(stdout).toContain(client);
    const lines = stdout.split("\n").filter((line) => line.startsWith("  export "));
    const script = `${lines.join("\n")}\ncurl -sS -u "$TWILIO_ACCOUNT_SID:$TWILIO_AUTH_TOKEN" ${SERVICES}; node -e 'fetch("${SERVICES}").then(({ status }) => console.log(status))'`;
    const { stdout: answers } = await promisify(execFile)("sh", ["-c", script]);
    expect(answers).toMatch(/"friendly_name":"Default Conversations Service".*\n?401\n$/);
    emulator.interrupt();
    expect((await emulator.ended).code).toBe(0);
  });

  it("is part of the JSON", async () => {
    const emulator = launch(CLI, ["emulator", "--port", "0", "--proxy", "--json"]);
    await emulator.says(/\n/);
    const { url, proxy } = JSON.parse(emulator.written().stdout);
    expect(proxy.environment.HTTPS_PROXY).toBe(url);
    expect(existsSync(proxy.certificate)).toBe(true);
    emulator.interrupt();
    await emulator.ended;
    expect(existsSync(proxy.certificate)).toBe(false);
  });

  it("is not on without the option", async () => {
    const emulator = launch(CLI, ["emulator", "--port", "0"]);
    await emulator.says(/outbox/);
    expect(emulator.written().stdout).not.toMatch(/proxy/i);
    emulator.interrupt();
    await emulator.ended;
  });
});
