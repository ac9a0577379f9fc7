import { describe, expect, it } from "vitest";
import { stackAccount } from "../../src/core/lifecycle/stack-account";

const [ours, theirs] = ["AC1", "AC2"];
const patience = { quietMs: 60, mostMs: 5_000 };
const took = async (task: Promise<unknown>) => {
  const begun = performance.now();
  await task.catch(() => {});
  return performance.now() - begun;
};

describe("the account of a stack", () => {
  it("is confirmed without a wait once one of its objects was seen", async () => {
    const account = stackAccount(ours, { quietMs: 60_000, mostMs: 60_000 });
    account.recordCheck();
    account.verifyOwner("Conversation CH1", ours);
    expect(await took(account.confirmed())).toBeLessThan(5_000);
  });

  it("is confirmed after a quiet period in which no object contradicts it", async () => {
    const account = stackAccount(ours, patience);
    account.recordCheck();
    expect(await took(account.confirmed())).toBeGreaterThan(50);
    await account.confirmed();
  });

  it("is refused if an object declared later belongs to another account: the new object is not created", async () => {
    const account = stackAccount(ours, patience);
    account.recordCheck();
    const made = account.confirmed();
    account.recordCheck();
    expect(() => account.verifyOwner("Conversation CH1", theirs)).toThrow(
      "Conversation CH1 belongs to account AC2, but the credentials are those of account AC1",
    );
    await expect(made).rejects.toThrow("Not created, for the stack is another account's: Conversation CH1");
    await expect(account.confirmed()).rejects.toThrow("Not created");
  });

  it("is confirmed after the maximum wait, even if resources keep arriving", async () => {
    const account = stackAccount(ours, { quietMs: 1_000, mostMs: 50 });
    const chatter = setInterval(() => account.recordCheck(), 5);
    account.recordCheck();
    expect(await took(account.confirmed())).toBeLessThan(900);
    clearInterval(chatter);
  });

  it("is confirmed at once if no wait is configured and the state names no account", async () => {
    const account = stackAccount(ours);
    account.verifyOwner("Conversation CH1", undefined);
    await account.confirmed();
  });
});
