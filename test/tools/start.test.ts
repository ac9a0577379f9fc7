import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Destroyed, Started } from "../../tools/start/results.mts";
import { pathWithCommandPlugin } from "../support/command-plugin";
import { type Ended, launch, run } from "./program";

const TOOL = "tools/start/main.mts";

/** The processes that use this folder, found by their arguments and environment. Returns an empty list on systems without /proc. */
async function processesOn(folder: string): Promise<string[]> {
  const ids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const texts = ids.map(async (id) => {
    const files = ["cmdline", "environ"].map((name) => readFile(`/proc/${id}/${name}`, "utf8").catch(() => ""));
    return (await Promise.all(files)).join("\0");
  });
  return (await Promise.all(texts)).filter((text) => text.includes(folder));
}

const resultOf = <T>({ code, stdout, stderr }: Ended): T => {
  expect(code, stderr).toBe(0);
  expect(stdout.trimEnd().split("\n")).toHaveLength(1);
  return JSON.parse(stdout) as T;
};

// Each run takes seconds on an idle machine, but other test files run at the same time.
describe("npm start", { timeout: 180_000 }, () => {
  let folder: string;
  const start = (...args: string[]) => run(TOOL, ["--state", folder, ...args]);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "start-"));
  });
  afterAll(async () => {
    expect(await processesOn(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  });

  let first: Started;

  it("deploys and verifies the quickstart, and prints one JSON object", async () => {
    first = resultOf<Started>(await start("--once", "--json"));
    expect(first).toMatchObject({
      phoneNumberSid: expect.stringMatching(/^PN[0-9a-f]{32}$/),
      serviceSid: expect.stringMatching(/^IS[0-9a-f]{32}$/),
      conversationSid: expect.stringMatching(/^CH[0-9a-f]{32}$/),
      smsParticipantSid: expect.stringMatching(/^MB[0-9a-f]{32}$/),
      chatParticipantSid: expect.stringMatching(/^MB[0-9a-f]{32}$/),
      unchanged: false,
      backend: { kind: "emulator", stateDir: folder, stack: "dev" },
      verification: { when: "after it", checks: ["message", "token", "conversations", "webhooks"].map((name) => ({ name, ok: true })) },
      durations: { engine: expect.any(Number), up: expect.any(Number), proof: expect.any(Number) },
    });
    const { phoneNumber, mobileNumber, chatIdentity, transcript } = first;
    expect(phoneNumber).toMatch(/^\+1\d{10}$/);
    expect(transcript).toMatchObject([
      { from: mobileNumber, to: chatIdentity, body: "Hello from the phone" },
      { from: chatIdentity, to: mobileNumber, body: expect.stringContaining("Hello from the chat") },
    ]);
  });

  it("reports on the next run that nothing changed", async () => {
    const { code, stdout } = await start("--once");
    expect(code).toBe(0);
    expect(stdout).toContain("The quickstart is up to date:");
    for (const sid of [first.phoneNumberSid, first.serviceSid, first.conversationSid]) expect(stdout).toContain(sid);
  });

  it("verifies the chat in the deployment if the engine finds the command plugin", async () => {
    const withPlugin = { ...process.env, PATH: pathWithCommandPlugin() };
    const again = resultOf<Started>(await run(TOOL, ["--state", folder, "--once", "--json"], withPlugin));
    expect(again).toMatchObject({ verification: { when: "in the deployment" }, changes: { create: 2 } });
    // The messages of the first run are there.
    expect(again.transcript).toEqual(first.transcript);
    const destroyed = await run(TOOL, ["--state", folder, "--destroy", "--json"], withPlugin);
    expect(resultOf<Destroyed>(destroyed).changes.delete).toBe(8);
  });

  it("runs two concurrent starts one after the other", async () => {
    const [one, other] = await Promise.all([start("--once", "--json"), start("--once", "--json")]);
    expect(resultOf<Started>(one).phoneNumberSid).toBe(first.phoneNumberSid);
    expect(resultOf<Started>(other).phoneNumberSid).toBe(first.phoneNumberSid);
    expect(one.stderr + other.stderr).toMatch(/Waiting for process \d+, which is working on the same stack/);
  });

  it("serves the chat until it is interrupted", async () => {
    const program = launch(TOOL, ["--state", folder]);
    await program.says(/Serving until Ctrl-C/);
    const [, url] = program.written().stdout.match(/emulator (http:\S+),/) ?? [];
    expect((await fetch(`${url}/_emulator/health`)).status).toBe(200);
    const [, chat] = program.written().stderr.match(/Chat and virtual phone: (http:\S+)/) ?? [];
    expect(await (await fetch(`${chat}about`)).json()).toMatchObject({ isEmulator: true, identities: [first.chatIdentity] });
    expect(await (await fetch(`${chat}handsets`)).json()).toMatchObject([{ address: first.mobileNumber }]);
    program.interrupt();
    expect((await program.ended).code).toBe(0);
    await expect(fetch(`${url}/_emulator/health`)).rejects.toThrow();
  });

  it("destroys the quickstart and keeps the number", async () => {
    const destroyed = resultOf<Destroyed>(await start("--destroy", "--json"));
    expect(destroyed.kept).toEqual([{ sid: first.phoneNumberSid, phoneNumber: first.phoneNumber }]);
    expect(destroyed.changes.delete).toBeGreaterThan(0);
  });

  it("leaves no process when it is interrupted during the deployment, and continues with the same number", async () => {
    const program = launch(TOOL, ["--state", folder, "--once"]);
    await program.says(/creating/);
    program.interrupt();
    const { code, stderr } = await program.ended;
    expect(stderr).toContain("Interrupted. No process is left running.");
    expect(code).toBe(130);
    expect(await processesOn(folder)).toEqual([]);

    const { phoneNumberSid } = resultOf<Started>(await start("--once", "--json"));
    expect(phoneNumberSid).toBe(first.phoneNumberSid);
  });

  it("continues after a run and its engine were killed", async () => {
    resultOf<Destroyed>(await start("--destroy", "--json"));
    const program = launch(TOOL, ["--state", folder, "--once"]);
    await program.says(/creating/);
    program.interrupt("SIGKILL");
    await program.ended;

    const { phoneNumberSid } = resultOf<Started>(await start("--once", "--json"));
    expect(phoneNumberSid).toBe(first.phoneNumberSid);
  });
});
