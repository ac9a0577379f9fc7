import { describe, expect, it } from "vitest";
import { stackAccount } from "../../src/core/lifecycle/stack-account";

const [ours, theirs] = ["AC1", "AC2"];
const accountWait = { quietMs: 60, maxMs: 5_000 };
const durationOf = async (task: Promise<unknown>) => {
  const begun = performance.now();
  await task.catch(() => {});
  return performance.now() - begun;
};

describe("the account of a stack", () => {
  it("is confirmed without a wait once one of its objects was seen", async () => {
    const account = stackAccount(ours, { quietMs: 60_000, maxMs: 60_000 });
    account.recordCheck();
    account.verifyOwner("Conversation CH1", ours);
    expect(await durationOf(account.confirmed())).toBeLessThan(5_000);
  });

  it("is confirmed after a quiet period in which no object contradicts it", async () => {
    const account = stackAccount(ours, accountWait);
    account.recordCheck();
    expect(await durationOf(account.confirmed())).toBeGreaterThan(50);
    await account.confirmed();
  });

  it("is refused if an object declared later belongs to another account: the new object is not created", async () => {
    const account = stackAccount(ours, accountWait);
    account.recordCheck();
    const confirmed = account.confirmed();
    account.recordCheck();
    expect(() => account.verifyOwner("Conversation CH1", theirs)).toThrow(
      "Conversation CH1 belongs to account AC2, but the credentials are those of account AC1",
    );
    await expect(confirmed).rejects.toThrow("Cannot create a resource, because the stack belongs to another account: Conversation CH1");
    await expect(account.confirmed()).rejects.toThrow("Cannot create a resource");
  });

  it("is confirmed after the maximum wait, even if resources keep arriving", async () => {
    const account = stackAccount(ours, { quietMs: 1_000, maxMs: 50 });
    const timer = setInterval(() => account.recordCheck(), 5);
    account.recordCheck();
    expect(await durationOf(account.confirmed())).toBeLessThan(900);
    clearInterval(timer);
  });

  it("is confirmed at once if no wait is configured and the state names no account", async () => {
    const account = stackAccount(ours);
    account.verifyOwner("Conversation CH1", undefined);
    await account.confirmed();
  });

  it("has checked everything after a quiet period, also where the account is confirmed already", async () => {
    const account = stackAccount(ours, accountWait);
    account.verifyOwner("Conversation CH1", ours);
    account.recordCheck();
    const timer = setInterval(() => account.recordCheck(), 10);
    setTimeout(() => clearInterval(timer), 60);
    expect(await durationOf(account.allChecked())).toBeGreaterThan(100);
  });
});
