import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { firstLines, forEachKey } from "../../../src/core/sets/pool";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const keys = (count: number) => Array.from({ length: count }, (_, index) => `item-${index}`);
const after = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

it("says every ten seconds how far it is, and nothing where it is done before", async () => {
  const lines: string[] = [];
  const progress = { write: (_severity: string, line: string) => void lines.push(line), verb: "deleted" };
  const long = forEachKey(
    keys(6),
    async (key) => {
      await after(Number(key.slice(5)) * 7_000);
      if (key === "item-1") throw new Error("no");
    },
    progress,
  );
  await vi.advanceTimersByTimeAsync(36_000);
  await long;
  expect(lines).toEqual([1, 2, 4].map((done) => `${done} of 6 items are deleted; 1 failed.`));
  const short = forEachKey(keys(2), () => after(9_000), progress);
  await vi.advanceTimersByTimeAsync(30_000);
  await short;
  expect(lines).toHaveLength(3);
});

it("goes on after a failure, and stops after twenty in a row", async () => {
  const some = await forEachKey(keys(300), async (key) => {
    if (Number(key.slice(5)) % 2) throw new Error(key);
  });
  expect([some.done.size, some.failed.size, some.untried]).toEqual([150, 150, []]);
  const none = await forEachKey(keys(300), async (key) => {
    throw new Error(key);
  });
  expect(none.done.size).toBe(0);
  expect(none.failed.size + none.untried.length).toBe(300);
  expect(none.untried.length).toBeGreaterThan(150);
});

it("runs at most a hundred tasks at once", async () => {
  let [running, most] = [0, 0];
  const all = forEachKey(keys(250), async () => {
    running += 1;
    most = Math.max(most, running);
    await after(10);
    running -= 1;
  });
  await vi.advanceTimersByTimeAsync(100);
  expect((await all).done.size).toBe(250);
  expect(most).toBe(100);
});

it("shows the first twenty lines and how many more there are", () => {
  expect(firstLines(keys(20))).toBe(
    keys(20)
      .map((key) => `\n  ${key}`)
      .join(""),
  );
  expect(firstLines(keys(23))).toMatch(/item-19\n {2}and 3 more$/);
});
