import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Emulator } from "../../src/emulator";
import { StateNotWritten } from "../../src/emulator/errors";
import { connect, refusal } from "./support/client";
import { Control } from "./support/control";
import { serveEdge } from "./support/edge";
import { send } from "./support/http";
import { runServer } from "./support/process";

/** A file may grow to 128 KiB: what the journal meets then is what it meets on a full disk, half a line included. */
const LIMIT = "ulimit -S -f 256;";
const attributes = JSON.stringify({ filler: "x".repeat(15_000) });

async function serve(folder: string, before = LIMIT) {
  const server = runServer(folder, { before });
  onTestFinished(() => void server.process.kill("SIGKILL"));
  const emulator = (await server.first) as unknown as Emulator;
  return { server, emulator, ...connect(emulator) };
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "emulator-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Linux can change what a running process may write. */
const onLinux = it.runIf(process.platform === "linux");

describe("a state folder without room", () => {
  onLinux("refuses what it cannot keep, changes nothing, reads on, and goes on when there is room", async () => {
    const folder = await newFolder();
    const { server, emulator, conversations } = await serve(folder);
    const kept: string[] = [];
    const create = () => conversations.conversations.create({ attributes });
    let refused: Awaited<ReturnType<typeof refusal>> | undefined;
    while (refused === undefined && kept.length < 100) {
      try {
        kept.push((await create()).sid);
      } catch {
        refused = await refusal(create());
      }
    }
    expect(refused).toMatchObject({ status: 503, code: 20503, message: expect.stringMatching(/could not keep this.*EFBIG|ENOSPC/) });
    expect(kept.length).toBeGreaterThan(3);
    const authorization = `Basic ${Buffer.from(`${emulator.accountSid}:${emulator.authToken}`).toString("base64")}`;
    const path = `/conversations.twilio.com/v1/Conversations/${kept[0]}`;
    const body = new URLSearchParams({ FriendlyName: "changed", Attributes: attributes }).toString();
    const update = await send(emulator.url, { method: "POST", path, headers: { authorization }, body });
    expect(update.json).toEqual({ code: 20503, message: expect.any(String), more_info: expect.any(String), status: 503 });
    const sids = async (client = conversations) => (await client.conversations.list()).map(({ sid }) => sid).sort();
    expect(await sids()).toEqual([...kept].sort());
    expect((await conversations.conversations(kept[0] ?? "").fetch()).friendlyName).toBeNull();

    execFileSync("prlimit", ["--pid", String(server.process.pid), "--fsize=unlimited"]);
    for (const _ of [1, 2]) kept.push((await create()).sid);
    await conversations.conversations(kept[0] ?? "").update({ friendlyName: "changed" });
    expect(new Set(kept).size).toBe(kept.length);

    // What was torn off has left no trace in the journal: it is read to its end.
    server.process.kill("SIGKILL");
    await server.ended;
    const after = await serve(folder, "");
    expect(await sids(after.conversations)).toEqual([...kept].sort());
    expect((await after.conversations.conversations(kept[0] ?? "").fetch()).friendlyName).toBe("changed");
  });

  onLinux("ends in order, and keeps what it had acknowledged", async () => {
    const folder = await newFolder();
    const { server, conversations } = await serve(folder, "");
    for (const _ of [1, 2, 3]) await conversations.conversations.create({ attributes });
    // Neither a line nor a snapshot has room now.
    execFileSync("prlimit", ["--pid", String(server.process.pid), "--fsize=1000"]);
    expect(await refusal(conversations.conversations.create())).toMatchObject({ status: 503 });
    server.process.kill("SIGTERM");
    expect(await server.ended).toBe(0);
    const after = await serve(folder, "");
    expect(await after.conversations.conversations.list()).toHaveLength(3);
  });

  it("cannot be served without room for a first word: it says so and ends", async () => {
    const server = runServer(await newFolder(), { before: "ulimit -S -f 0;" });
    await expect(server.first).rejects.toThrow("ended with 1");
  });

  it("stays readable while a timer is due that it cannot keep, and carries it out when there is room", async () => {
    let ahead = 0;
    const { url, domain, authorization } = await serveEdge({ clock: { now: () => Date.now() + ahead } });
    const path = "/conversations.twilio.com/v1/Conversations";
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    const made = await send(url, { method: "POST", path, headers, body: "State=active&Timers.Inactive=PT1M" });
    const { sid } = made.json as { sid: string };
    domain.store.journal = {
      append: () => {
        throw new StateNotWritten("no room");
      },
    };
    ahead = 61_000;
    expect(await send(url, { path: `${path}/${sid}`, headers })).toMatchObject({ status: 200, json: { state: "active" } });
    expect(await send(url, { method: "POST", path, headers, body: "" })).toMatchObject({ status: 503, json: { code: 20503 } });
    expect(await new Control(url).call("POST", "clock", { advanceSeconds: 1 })).toMatchObject({ status: 503, body: { code: 20503 } });
    domain.store.journal = undefined;
    expect(await send(url, { path: `${path}/${sid}`, headers })).toMatchObject({ status: 200, json: { state: "inactive" } });
  });
  it("is reset wholly or not at all", async () => {
    const { url, domain, authorization } = await serveEdge();
    const path = "/conversations.twilio.com/v1/Conversations";
    const list = async () => ((await send(url, { path, headers: { authorization } })).json as { conversations: unknown[] }).conversations;
    await send(url, { method: "POST", path, headers: { authorization } });
    for (const room of [0, 1]) {
      let lines = room;
      domain.store.journal = {
        append: () => {
          if (lines-- <= 0) throw new StateNotWritten("no room");
        },
      };
      const { status } = await new Control(url).call("POST", "reset");
      expect([status, (await list()).length]).toEqual(room === 0 ? [503, 1] : [200, 0]);
    }
  });
});
