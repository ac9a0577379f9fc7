import { describe, expect, it } from "vitest";
import { governor } from "../../src/core/twilio/governor";

/** Starts tasks that end on demand, and counts those that run. */
function bench(gate: ReturnType<typeof governor>, count: number) {
  const ends: (() => void)[] = [];
  const done = Array.from({ length: count }, () => gate.run(() => new Promise<void>((resolve) => ends.push(resolve))));
  const settle = async () => {
    for (let i = 0; i < 20; i += 1) await Promise.resolve();
  };
  return {
    running: async () => {
      await settle();
      return ends.length;
    },
    end: async (many: number) => {
      for (const end of ends.splice(0, many)) end();
      await settle();
    },
    all: () => Promise.all(done),
  };
}

describe("the governor", () => {
  it("runs tasks up to its limit, and the next one when one ends", async () => {
    const tasks = bench(governor(3), 5);
    expect(await tasks.running()).toBe(3);
    await tasks.end(1);
    expect(await tasks.running()).toBe(3);
    await tasks.end(3);
    expect(await tasks.running()).toBe(1);
    await tasks.end(1);
    await tasks.all();
  });

  it("continues after a task fails", async () => {
    const gate = governor(1);
    await expect(gate.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(gate.run(async () => "yes")).resolves.toBe("yes");
  });

  it("halves its limit once for all requests that were in flight together", async () => {
    const gate = governor(8);
    const tasks = bench(gate, 20);
    expect(await tasks.running()).toBe(8);
    gate.slower(0);
    gate.slower(0);
    await tasks.end(8);
    expect(await tasks.running()).toBe(4);
    gate.slower(1);
    await tasks.end(4);
    expect(await tasks.running()).toBe(2);
    for (let left = 20 - 8 - 4; left > 0; left -= 2) await tasks.end(2);
    await tasks.all();
  });

  it("halves its limit again in each round, and ignores late signals from earlier rounds", async () => {
    const gate = governor(8);
    const rounds: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      await gate.run(async (round) => {
        rounds.push(round);
        gate.slower(round);
      });
    }
    expect(rounds).toEqual([0, 1, 2]);
    gate.slower(0);
    gate.slower(1);
    for (let i = 0; i < 1; i += 1) gate.faster();
    const tasks = bench(gate, 4);
    expect(await tasks.running()).toBe(2);
    for (let left = 4; left > 0; left -= 2) await tasks.end(2);
    await tasks.all();
  });

  it("always lets one task run", async () => {
    const gate = governor(2);
    for (let i = 0; i < 10; i += 1) {
      gate.faster();
      gate.slower(i);
    }
    await expect(gate.run(async () => "through")).resolves.toBe("through");
  });

  it("raises its limit step by step, up to the original limit", async () => {
    const gate = governor(4);
    gate.slower(0);
    for (let i = 0; i < 100; i += 1) gate.faster();
    const tasks = bench(gate, 10);
    expect(await tasks.running()).toBe(4);
    for (let left = 10; left > 0; left -= 4) await tasks.end(4);
    await tasks.all();
  });
});
