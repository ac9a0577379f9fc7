import { readdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { attachEmulator, type Emulator, startEmulator } from "../../src/emulator";
import { connect } from "./support/client";
import { Control } from "./support/control";
import { ALICE, buyNumber } from "./support/emulator";
import { runScript } from "./support/process";

let folder: string;
const running: Emulator[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "emulator-"));
});
afterEach(async () => {
  for (const emulator of running.splice(0)) await emulator.close();
  await rm(folder, { recursive: true });
});

async function start(options: Parameters<typeof startEmulator>[0] = {}): Promise<Emulator> {
  const emulator = await startEmulator({ stateDir: folder, ...options });
  running.push(emulator);
  return emulator;
}

const path = (name: string) => join(folder, name);

describe("the state folder", () => {
  it("keeps all data and credentials across restarts", async () => {
    const first = await start({ seed: "mine" });
    const before = connect(first);
    const { phoneNumber } = await buyNumber(before);
    const { sid } = await before.conversations.conversations.create({
      uniqueName: "persistent",
      state: "active",
      "timers.inactive": "PT5M",
    });
    const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
    await before.conversations.conversations(sid).participants.create(binding);
    await before.conversations.conversations(sid).messages.create({ body: "hello" });
    await new Control(first.url).advance(60);
    const { timers } = await before.conversations.conversations(sid).fetch();
    await first.close();

    // The folder's seed takes precedence over the option.
    const second = await start({ seed: "other" });
    const { url: _url, ...credentials } = first;
    expect(second).toMatchObject(JSON.parse(JSON.stringify(credentials)));
    const after = connect(second);
    const conversation = await after.conversations.conversations("persistent").fetch();
    expect(conversation).toMatchObject({ sid, timers });
    expect((await after.conversations.conversations(sid).messages.list())[0]).toMatchObject({
      body: "hello",
      delivery: { delivered: "all" },
    });
    expect((await after.conversations.conversations.create()).sid).not.toBe(sid);
    expect((await after.conversations.conversations.create()).dateCreated.getTime()).toBeGreaterThan(Date.now() + 50_000);
    expect(await new Control(second.url).inbound(ALICE, phoneNumber, "still bound")).toMatchObject({ conversationSid: sid });
  });

  it("is readable only by its owner because it contains secrets", async () => {
    const emulator = await start();
    await connect(emulator).conversations.conversations.create();
    for (const name of readdirSync(folder)) expect(statSync(path(name)).mode & 0o077, name).toBe(0);
    expect(readFileSync(path("lock.json"), "utf8")).not.toContain(emulator.authToken);
    await emulator.close();
    expect(readdirSync(folder).sort()).toEqual([expect.stringMatching(/^credentials/), expect.stringMatching(/^journal-/), "state.json"]);
  });

  it("grows by the size of a change, not of the whole state", async () => {
    const emulator = await start();
    const { conversations } = connect(emulator);
    const journal = () => readdirSync(folder).find((name) => name.startsWith("journal-")) ?? "";
    const grow = async () => {
      const before = statSync(path(journal())).size;
      await conversations.conversations.create();
      return statSync(path(journal())).size - before;
    };
    const early = await grow();
    await Promise.all(Array.from({ length: 300 }, () => conversations.conversations.create()));
    expect(Math.abs((await grow()) - early)).toBeLessThan(50);
  });

  it("keeps all acknowledged changes when the process is killed, and ignores a truncated journal entry", async () => {
    const child = runScript(`const e = await startEmulator({ stateDir: ${JSON.stringify(folder)} }); print(e);`);
    const remote = (await child.firstLine) as unknown as Emulator;
    const { conversations } = connect(remote);
    const acknowledged: string[] = [];
    let killed = false;
    const writer = async () => {
      while (!killed) {
        const created = await conversations.conversations.create().catch(() => undefined);
        if (created) acknowledged.push(created.sid);
        if (acknowledged.length === 150) {
          child.process.kill("SIGKILL");
          killed = true;
        }
      }
    };
    await Promise.all([writer(), writer(), writer(), writer()]);
    expect(await child.exitCode).toBeNull();
    const journal = readdirSync(folder).find((name) => name.startsWith("journal-")) ?? "";
    writeFileSync(path(journal), '[["conversations","CH', { flag: "a" });

    // `start` takes over the lock of the dead process.
    const after = connect(await start());
    const sids = new Set((await after.conversations.conversations.list({ pageSize: 100 })).map(({ sid }) => sid));
    expect(acknowledged.filter((sid) => !sids.has(sid))).toEqual([]);
    await after.conversations.conversations.create();
  });

  it("continues the journal of a killed process: a start writes no new snapshot, and removes a truncated entry", async () => {
    const create = ({ url, accountSid, authToken }: Emulator) =>
      connect({ url, accountSid, authToken } as Emulator).conversations.conversations.create();
    const killed = runScript(`const e = await startEmulator({ stateDir: ${JSON.stringify(folder)} }); print(e);`);
    const first = (await killed.firstLine) as unknown as Emulator;
    const sids = [(await create(first)).sid];
    killed.process.kill("SIGKILL");
    await killed.exitCode;
    const snapshot = readFileSync(path("state.json"), "utf8");
    const [journal = ""] = readdirSync(folder).filter((name) => name.startsWith("journal-"));
    for (const entry of ["", '[["conversations","CH']) {
      writeFileSync(path(journal), entry, { flag: "a" });
      const again = runScript(`const e = await startEmulator({ stateDir: ${JSON.stringify(folder)} }); print(e);`);
      sids.push((await create((await again.firstLine) as unknown as Emulator)).sid);
      again.process.kill("SIGKILL");
      await again.exitCode;
      expect(readFileSync(path("state.json"), "utf8")).toBe(snapshot);
      expect(
        readFileSync(path(journal), "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ).not.toEqual([]);
    }
    const found = await connect(await start()).conversations.conversations.list();
    expect(found.map(({ sid }) => sid).sort()).toEqual(sids.sort());
  });

  it("does not follow a link in place of the journal", async () => {
    await (await start()).close();
    const [journal = ""] = readdirSync(folder).filter((name) => name.startsWith("journal-"));
    renameSync(path(journal), path("elsewhere"));
    symlinkSync(path("elsewhere"), path(journal));
    await expect(start()).rejects.toThrow(/journal-\d+\.ndjson must be a file, and not a link/);
    expect(readFileSync(path("elsewhere"), "utf8")).toBe("");
  });

  it("resumes pending work after a restart", async () => {
    const child = runScript(`const e = await startEmulator({ stateDir: ${JSON.stringify(folder)} }); print(e);`);
    const remote = (await child.firstLine) as unknown as Emulator;
    const { conversations } = connect(remote);
    const created = await conversations.conversationWithParticipants.create({ participant: ['{"identity":"alice"}'] });
    child.process.kill("SIGKILL");
    await child.exitCode;
    const after = connect(await start()).conversations.conversations(created.sid);
    await expect.poll(async () => (await after.fetch()).state).toBe("active");
    expect(await after.participants.list()).toHaveLength(1);
  });
});

describe("a state folder in use", () => {
  it("cannot be served twice; the error contains the URL and process of the first emulator", async () => {
    const first = await start();
    await expect(startEmulator({ stateDir: folder })).rejects.toThrow(
      `The state folder ${folder} is already served by the emulator at ${first.url} (process ${process.pid}).`,
    );
    await first.close();
    await start();
  });

  it("is unlocked if the port is in use", async () => {
    const other = await startEmulator();
    running.push(other);
    await expect(startEmulator({ stateDir: folder, port: Number(new URL(other.url).port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
    await start();
  });

  it("can be attached to; closing that handle does not stop the emulator", async () => {
    const first = await start();
    const attached = await attachEmulator(folder);
    expect(attached).toMatchObject({
      url: first.url,
      accountSid: first.accountSid,
      authToken: first.authToken,
      apiKey: first.apiKey,
      apiSecret: first.apiSecret,
    });
    await connect(attached).conversations.conversations.create();
    await attached.close();
    expect(await connect(first).conversations.conversations.list()).toHaveLength(1);
    await attached.reset();
    expect(await connect(first).conversations.conversations.list()).toHaveLength(0);
  });

  it("is taken over from a dead process, even if its process ID or port is in use again", async () => {
    const dead = runScript("print({ pid: process.pid });");
    const { pid } = await dead.firstLine;
    await dead.exitCode;
    const other = await startEmulator();
    running.push(other);
    const base = { instance: "gone", host: (await import("node:os")).hostname() };
    for (const lock of [
      { ...base, pid, url: null },
      { ...base, pid, url: "http://127.0.0.1:9" },
      { ...base, pid: process.pid, url: "http://127.0.0.1:9" },
      { ...base, pid: process.pid, url: other.url },
    ]) {
      writeFileSync(path("lock.json"), JSON.stringify(lock));
      const emulator = await attachEmulator(folder);
      expect([emulator.url, other.url, "http://127.0.0.1:9"].indexOf(emulator.url), JSON.stringify(lock)).toBe(0);
      await emulator.close();
    }
  });
});

describe("attachEmulator", () => {
  it("starts one emulator if several processes attach at once", async () => {
    const script = `
      const e = await attachEmulator(${JSON.stringify(folder)});
      const authorization = "Basic " + Buffer.from(e.accountSid + ":" + e.authToken).toString("base64");
      const response = await fetch(e.url + "/conversations.twilio.com/v1/Conversations", { method: "POST", headers: { authorization } });
      const health = await (await fetch(e.url + "/_emulator/health")).json();
      print({ url: e.url, pid: process.pid, server: health.pid, status: response.status });
      await new Promise((resolve) => setTimeout(resolve, 60_000));`;
    const children = Array.from({ length: 4 }, () => runScript(script));
    const results = await Promise.all(children.map(({ firstLine }) => firstLine));
    for (const child of children) child.process.kill("SIGKILL");
    await Promise.all(children.map(({ exitCode }) => exitCode));
    expect(new Set(results.map(({ url }) => url)).size).toBe(1);
    expect(new Set(results.map(({ server }) => server)).size).toBe(1);
    expect(results.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    expect(await connect(await start()).conversations.conversations.list()).toHaveLength(4);
  });

  it("lets its process exit and leaves the folder unlocked and complete", async () => {
    const child = runScript(`
      const e = await attachEmulator(${JSON.stringify(folder)});
      const authorization = "Basic " + Buffer.from(e.accountSid + ":" + e.authToken).toString("base64");
      await (await fetch(e.url + "/conversations.twilio.com/v1/Conversations", { method: "POST", headers: { authorization } })).json();
      print(e);`);
    await child.firstLine;
    expect(await child.exitCode).toBe(0);
    expect(readdirSync(folder)).not.toContain("lock.json");
    const after = await attachEmulator(folder);
    running.push(after);
    expect(await connect(after).conversations.conversations.list()).toHaveLength(1);
  });
});
