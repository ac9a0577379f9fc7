import { describe, expect, it } from "vitest";
import { governor } from "../../src/core/twilio/governor";

/** Starts tasks that end on demand, and counts those that run. */
function startTasks(limiter: ReturnType<typeof governor>, count: number) {
  const ends: (() => void)[] = [];
  const done = Array.from({ length: count }, () => limiter.run(() => new Promise<void>((resolve) => ends.push(resolve))));
  const yieldToTasks = async () => {
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
  };
  return {
    running: async () => {
      await yieldToTasks();
      return ends.length;
    },
    end: async (many: number) => {
      for (const end of ends.splice(0, many)) end();
      await yieldToTasks();
    },
    all: () => Promise.all(done),
  };
}

describe("the governor", () => {
  it("runs tasks up to its limit, and the next one when one ends", async () => {
    const tasks = startTasks(governor(3), 5);
    expect(await tasks.running()).toBe(3);
    await tasks.end(1);
    expect(await tasks.running()).toBe(3);
    await tasks.end(3);
    expect(await tasks.running()).toBe(1);
    await tasks.end(1);
    await tasks.all();
  });

  it("continues after a task fails", async () => {
    const limiter = governor(1);
    await expect(limiter.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(limiter.run(async () => "yes")).resolves.toBe("yes");
  });

  it("lowers its limit by a quarter, once for all requests that were in flight together", async () => {
    const limiter = governor(8);
    const tasks = startTasks(limiter, 20);
    expect(await tasks.running()).toBe(8);
    limiter.recordThrottled(0);
    limiter.recordThrottled(0);
    await tasks.end(8);
    expect(await tasks.running()).toBe(6);
    limiter.recordThrottled(1);
    await tasks.end(6);
    expect(await tasks.running()).toBe(4);
    for (let left = 20 - 8 - 6; left > 0; left -= 4) await tasks.end(4);
    await tasks.all();
  });

  it("lowers its limit again in each round, and ignores late signals from earlier rounds", async () => {
    const limiter = governor(8);
    const rounds: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      await limiter.run(async (round) => {
        rounds.push(round);
        limiter.recordThrottled(round);
      });
    }
    expect(rounds).toEqual([0, 1, 2]);
    limiter.recordThrottled(0);
    limiter.recordThrottled(1);
    // 8, 6, 4, 3, and one more after three accepted requests.
    for (let i = 0; i < 3; i += 1) limiter.recordAccepted();
    const tasks = startTasks(limiter, 8);
    expect(await tasks.running()).toBe(4);
    for (let left = 8; left > 0; left -= 4) await tasks.end(4);
    await tasks.all();
  });

  it("always lets one task run", async () => {
    const limiter = governor(2);
    for (let i = 0; i < 10; i += 1) {
      limiter.recordAccepted();
      limiter.recordThrottled(i);
    }
    await expect(limiter.run(async () => "through")).resolves.toBe("through");
  });

  it("raises its limit step by step, up to the original limit", async () => {
    const limiter = governor(4);
    limiter.recordThrottled(0);
    for (let i = 0; i < 100; i += 1) limiter.recordAccepted();
    const tasks = startTasks(limiter, 10);
    expect(await tasks.running()).toBe(4);
    for (let left = 10; left > 0; left -= 4) await tasks.end(4);
    await tasks.all();
  });
});
