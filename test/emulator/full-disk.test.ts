import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Emulator } from "../../src/emulator";
import { StateNotWritten } from "../../src/emulator/errors";
import { authorizationOf, connect, errorOf } from "./support/client";
import { Control } from "./support/control";
import { serveEdge } from "./support/edge";
import { send } from "./support/http";
import { runServer } from "./support/process";

/** Limits files to 128 KiB. At the limit, a journal write fails as on a full disk, possibly after half a line. */
const LIMIT = "ulimit -S -f 256;";
const attributes = JSON.stringify({ filler: "x".repeat(15_000) });

async function serve(folder: string, before = LIMIT) {
  const server = runServer(folder, { before });
  onTestFinished(() => void server.process.kill("SIGKILL"));
  const emulator = (await server.firstLine) as unknown as Emulator;
  return { server, emulator, ...connect(emulator) };
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "emulator-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Only Linux can change the file size limit of a running process. */
const onLinux = it.runIf(process.platform === "linux");

describe("a state folder on a full disk", () => {
  onLinux("makes writes fail without effect, still serves reads, and accepts writes again when there is space", async () => {
    const folder = await newFolder();
    const { server, emulator, conversations } = await serve(folder);
    const created: string[] = [];
    const create = () => conversations.conversations.create({ attributes });
    let failure: Awaited<ReturnType<typeof errorOf>> | undefined;
    while (failure === undefined && created.length < 100) {
      try {
        created.push((await create()).sid);
      } catch {
        failure = await errorOf(create());
      }
    }
    expect(failure).toMatchObject({ status: 503, code: 20503, message: expect.stringMatching(/could not store the change.*EFBIG|ENOSPC/) });
    expect(created.length).toBeGreaterThan(3);
    const authorization = authorizationOf(emulator);
    const path = `/conversations.twilio.com/v1/Conversations/${created[0]}`;
    const body = new URLSearchParams({ FriendlyName: "changed", Attributes: attributes }).toString();
    const update = await send(emulator.url, { method: "POST", path, headers: { authorization }, body });
    expect(update.json).toEqual({ code: 20503, message: expect.any(String), more_info: expect.any(String), status: 503 });
    const sids = async (client = conversations) => (await client.conversations.list()).map(({ sid }) => sid).sort();
    expect(await sids()).toEqual([...created].sort());
    expect((await conversations.conversations(created[0] ?? "").fetch()).friendlyName).toBeNull();

    execFileSync("prlimit", ["--pid", String(server.process.pid), "--fsize=unlimited"]);
    for (const _ of [1, 2]) created.push((await create()).sid);
    await conversations.conversations(created[0] ?? "").update({ friendlyName: "changed" });
    expect(new Set(created).size).toBe(created.length);

    // The truncated entry was removed from the journal, so a restart reads all entries.
    server.process.kill("SIGKILL");
    await server.exitCode;
    const after = await serve(folder, "");
    expect(await sids(after.conversations)).toEqual([...created].sort());
    expect((await after.conversations.conversations(created[0] ?? "").fetch()).friendlyName).toBe("changed");
  });

  onLinux("does not prevent a regular exit, and keeps all acknowledged writes", async () => {
    const folder = await newFolder();
    const { server, conversations } = await serve(folder, "");
    for (const _ of [1, 2, 3]) await conversations.conversations.create({ attributes });
    // Now neither a journal entry nor a snapshot can be written.
    execFileSync("prlimit", ["--pid", String(server.process.pid), "--fsize=1000"]);
    expect(await errorOf(conversations.conversations.create())).toMatchObject({ status: 503 });
    server.process.kill("SIGTERM");
    expect(await server.exitCode).toBe(0);
    const after = await serve(folder, "");
    expect(await after.conversations.conversations.list()).toHaveLength(3);
  });

  it("makes the emulator exit with 1 if nothing can be written at all", async () => {
    const server = runServer(await newFolder(), { before: "ulimit -S -f 0;" });
    await expect(server.firstLine).rejects.toThrow("exited with 1");
  });

  it("still serves reads while a due timer cannot be saved, and executes it when there is space", async () => {
    let ahead = 0;
    const { url, domain, authorization } = await serveEdge({ clock: { now: () => Date.now() + ahead } });
    const path = "/conversations.twilio.com/v1/Conversations";
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    const response = await send(url, { method: "POST", path, headers, body: "State=active&Timers.Inactive=PT1M" });
    const { sid } = response.json as { sid: string };
    domain.store.journal = {
      append: () => {
        throw new StateNotWritten("no space");
      },
      rewrite: () => {},
    };
    ahead = 61_000;
    expect(await send(url, { path: `${path}/${sid}`, headers })).toMatchObject({ status: 200, json: { state: "active" } });
    expect(await send(url, { method: "POST", path, headers, body: "" })).toMatchObject({ status: 503, json: { code: 20503 } });
    expect(await new Control(url).call("POST", "clock", { advanceSeconds: 1 })).toMatchObject({ status: 503, body: { code: 20503 } });
    domain.store.journal = undefined;
    expect(await send(url, { path: `${path}/${sid}`, headers })).toMatchObject({ status: 200, json: { state: "inactive" } });
  });

  it("is reset completely or not at all", async () => {
    const { url, domain, authorization } = await serveEdge();
    const path = "/conversations.twilio.com/v1/Conversations";
    const list = async () => ((await send(url, { path, headers: { authorization } })).json as { conversations: unknown[] }).conversations;
    await send(url, { method: "POST", path, headers: { authorization } });
    for (const writableLines of [0, 1]) {
      let lines = writableLines;
      domain.store.journal = {
        append: () => {
          if (lines-- <= 0) throw new StateNotWritten("no space");
        },
        rewrite: () => {},
      };
      const { status } = await new Control(url).call("POST", "reset");
      expect([status, (await list()).length]).toEqual(writableLines === 0 ? [503, 1] : [200, 0]);
    }
  });
});
