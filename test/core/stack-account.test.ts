import { describe, expect, it } from "vitest";
import { stackAccount } from "../../src/core/stack-account";

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
    account.asked();
    account.see("Conversation CH1", ours);
    expect(await took(account.certain())).toBeLessThan(5_000);
  });

  it("is taken for ours when nothing more is declared and nothing objects", async () => {
    const account = stackAccount(ours, patience);
    account.asked();
    expect(await took(account.certain())).toBeGreaterThan(50);
    await account.certain();
  });

  it("is not ours when an object objects that is declared after a new one: the new one is not made", async () => {
    const account = stackAccount(ours, patience);
    account.asked();
    const made = account.certain();
    account.asked();
    expect(() => account.see("Conversation CH1", theirs)).toThrow(
      "Conversation CH1 belongs to account AC2, but the credentials are those of account AC1",
    );
    await expect(made).rejects.toThrow("Not created, for the stack is another account's: Conversation CH1");
    await expect(account.certain()).rejects.toThrow("Not created");
  });

  it("is not waited for longer than the patience lasts", async () => {
    const account = stackAccount(ours, { quietMs: 1_000, mostMs: 50 });
    const chatter = setInterval(() => account.asked(), 5);
    account.asked();
    expect(await took(account.certain())).toBeLessThan(900);
    clearInterval(chatter);
  });

  it("is no question without patience, nor where the state tells none", async () => {
    const account = stackAccount(ours);
    account.see("Conversation CH1", undefined);
    await account.certain();
  });
});
