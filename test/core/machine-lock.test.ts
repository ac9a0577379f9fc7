import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { withMachineLock } from "../../src/core/process/machine-lock";

const pause = async (ms: number) => {
  await new Promise((resolve) => setTimeout(resolve, ms / 10));
  return true;
};

/** Runs a task per key and returns the order in which they began and ended. */
function tasks(keys: readonly string[], wait = pause) {
  const events: string[] = [];
  const done = Promise.all(
    keys.map((key, index) =>
      withMachineLock(key, wait, async () => {
        events.push(`begin ${index}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
        events.push(`end ${index}`);
      }),
    ),
  );
  return done.then(() => events);
}

const lockOf = (key: string) => {
  const folder = join(tmpdir(), `pulumi-twilio-conversations-${process.getuid?.() ?? "user"}`);
  mkdirSync(folder, { recursive: true });
  return join(folder, `${createHash("sha256").update(key).digest("hex").slice(0, 32)}.lock`);
};

describe("withMachineLock", () => {
  it("runs one task per key at a time", async () => {
    const key = randomUUID();
    const events = await tasks([key, key, key]);
    for (let index = 0; index < events.length; index += 2) expect(events[index + 1]).toBe(events[index]?.replace("begin", "end"));
  });

  it("runs tasks with different keys concurrently", async () => {
    const events = await tasks([randomUUID(), randomUUID()]);
    expect(events.slice(0, 2)).toEqual(["begin 0", "begin 1"]);
  });

  it("takes over the lock of a dead process", async () => {
    const key = randomUUID();
    const pid = Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));
    for (const left of [{ instance: "token" }, {}]) {
      writeFileSync(lockOf(key), JSON.stringify({ ...left, pid, host: hostname() }));
      expect(await tasks([key])).toEqual(["begin 0", "end 0"]);
      expect(existsSync(lockOf(key))).toBe(false);
    }
  });

  it("takes over an old lock whose process ID belongs to another process by now", async () => {
    const key = randomUUID();
    writeFileSync(lockOf(key), JSON.stringify({ instance: "token", pid: process.ppid, host: hostname() }));
    const then = Date.now() / 1000 - 3600;
    utimesSync(lockOf(key), then, then);
    expect(await tasks([key])).toEqual(["begin 0", "end 0"]);
    expect(existsSync(lockOf(key))).toBe(false);
  });

  it("waits for the lock of a live process as long as `wait` allows", async () => {
    const key = randomUUID();
    writeFileSync(lockOf(key), JSON.stringify({ instance: "token", pid: process.ppid, host: hostname() }));
    let looks = 0;
    const events = await tasks([key], async () => {
      looks += 1;
      return looks < 5;
    });
    expect(looks).toBe(5);
    expect(events).toEqual(["begin 0", "end 0"]);
    // The lock still belongs to the other process.
    expect(existsSync(lockOf(key))).toBe(true);
  });
});
