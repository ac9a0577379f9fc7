import { expect, it } from "vitest";
import { endOfOperation, operation, runningOperations } from "../../src/core/process/operation";

it("an operation runs until it succeeds or fails", async () => {
  const before = runningOperations();
  const during = () => runningOperations() - before;
  expect(await operation(async () => [during(), await operation(async () => during()), during()])).toEqual([1, 2, 1]);
  expect(during()).toBe(0);
  await expect(operation(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(during()).toBe(0);
});

it("the end of an operation is that of the shorter limit, and none outside of one", async () => {
  const left = async (limitMs: number, maxMs?: number) => operation(async () => endOfOperation(limitMs) - Date.now(), maxMs);
  expect(Math.round((await left(60_000)) / 1000)).toBe(60);
  expect(Math.round((await left(60_000, 10_000)) / 1000)).toBe(10);
  expect(Math.round((await left(5_000, 10_000)) / 1000)).toBe(5);
  expect(endOfOperation(60_000)).toBe(Number.POSITIVE_INFINITY);
});
