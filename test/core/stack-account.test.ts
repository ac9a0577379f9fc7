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
  it("is certain once one of its objects was seen: nothing is waited for", async () => {
    const account = stackAccount(ours, { quietMs: 60_000, mostMs: 60_000 });
    account.recordCheck();
    account.verifyOwner("Conversation CH1", ours);
    expect(await took(account.confirmed())).toBeLessThan(5_000);
  });

  it("is taken for ours when nothing more is declared and nothing objects", async () => {
    const account = stackAccount(ours, patience);
    account.recordCheck();
    expect(await took(account.confirmed())).toBeGreaterThan(50);
    await account.confirmed();
  });

  it("is not ours when an object objects that is declared after a new one: the new one is not made", async () => {
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

  it("is not waited for longer than the patience lasts", async () => {
    const account = stackAccount(ours, { quietMs: 1_000, mostMs: 50 });
    const chatter = setInterval(() => account.recordCheck(), 5);
    account.recordCheck();
    expect(await took(account.confirmed())).toBeLessThan(900);
    clearInterval(chatter);
  });

  it("is no question without patience, nor where the state tells none", async () => {
    const account = stackAccount(ours);
    account.verifyOwner("Conversation CH1", undefined);
    await account.confirmed();
  });
});
