import { Belongings, type Leftover } from "./belongings";
import { Budget } from "./budget";
import { type Excerpt, excerpt } from "./excerpt";
import type { Fact } from "./fact";
import { Fixtures, type Price } from "./fixtures";
import { Lab } from "./lab";
import type { Send } from "./rest";
import { type Need, NotRun, Refuted } from "./terms";
import { Traffic } from "./traffic";

/** What the caller consents to. */
export interface Consent {
  /** Objects that cost nothing may be created and deleted. */
  readonly writes: boolean;
  /** Numbers may be bought for at most this amount, in the account's currency. */
  readonly costLimit?: number;
}

/** What a run needs. */
export interface Plan {
  readonly facts: readonly Fact[];
  readonly send: Send;
  readonly consent: Consent;
  readonly priceOf: (country: string, type: string) => Promise<Price | undefined>;
  /** Ends the run after the request in flight; what the run created is deleted all the same. */
  readonly interrupted: AbortSignal;
  /** Called after each fact. */
  readonly onTested: () => void;
}

/** What is known about a fact after a run. */
export interface Result {
  readonly fact: Fact;
  readonly answer: "confirmed" | "refuted" | "not run";
  /** Of a refuted fact. */
  readonly expected?: string;
  readonly received?: string;
  /** Why a fact was not run. */
  readonly reason?: string;
  readonly ms: number;
  readonly exchanges: readonly Excerpt[];
}

/** The result of a run. */
export interface Outcome {
  readonly results: readonly Result[];
  /** What the run created and could not delete. */
  readonly left: readonly Leftover[];
  /** What other runs left. */
  readonly leftByOthers: readonly Leftover[];
  readonly cost: Budget["cost"];
}

/** Tests each fact, and deletes what that created, whatever happens. */
export async function testFacts(plan: Plan): Promise<Outcome> {
  const { facts, send, consent, priceOf, interrupted, onTested } = plan;
  const belongings = new Belongings(send);
  const budget = new Budget(consent.costLimit ?? 0);
  const traffic = new Traffic(send, belongings, interrupted);
  const lab = new Lab(traffic, new Fixtures({ traffic, belongings, budget, priceOf }));
  const results: Result[] = [];
  let left: Leftover[] = [];
  try {
    for (const fact of facts) {
      results.push(await test(fact, { lab, traffic, consent, isInterrupted: interrupted.aborted }));
      onTested();
    }
  } finally {
    left = await belongings.deleteAll();
  }
  const leftByOthers = interrupted.aborted ? [] : await belongings.sweepOthers(consent.writes);
  return { results, left, leftByOthers, cost: budget.cost };
}

interface Means {
  readonly lab: Lab;
  readonly traffic: Traffic;
  readonly consent: Consent;
  readonly isInterrupted: boolean;
}

async function test(fact: Fact, { lab, traffic, consent, isInterrupted }: Means): Promise<Result> {
  const began = performance.now();
  traffic.begin(fact.needs);
  const end = (found: Pick<Result, "answer" | "expected" | "received" | "reason">): Result => ({
    fact,
    ...found,
    ms: Math.round(performance.now() - began),
    exchanges: traffic.recorded.map(excerpt),
  });
  const missing = isInterrupted ? "the run was interrupted" : missingConsent(fact.needs, consent);
  if (missing !== undefined) return end({ answer: "not run", reason: missing });
  try {
    await fact.check(lab);
    return end({ answer: "confirmed" });
  } catch (error) {
    if (error instanceof Refuted) return end({ answer: "refuted", expected: error.expected, received: error.received });
    if (error instanceof NotRun) return end({ answer: "not run", reason: error.message });
    // One faulty check must not keep the others from running.
    return end({ answer: "not run", reason: `its check failed: ${(error as Error).message}` });
  }
}

function missingConsent(needs: Need, { writes, costLimit }: Consent): string | undefined {
  if (needs === "write" && !writes) return "it creates objects: --allow-writes";
  if (needs === "purchase" && costLimit === undefined) return "it buys a number: --allow-purchases with --cost-limit";
  return undefined;
}
