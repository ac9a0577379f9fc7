/** What a reset and a restored snapshot do besides changing the state. */
import type { Domain } from "../domain";
import type { Webhooks } from "../webhooks/webhooks";
import type { CallCounter } from "./calls";
import type { Faults } from "./faults";

/** What a reset and a restored snapshot change. */
export interface Present {
  domain: Domain;
  calls: CallCounter;
  faults: Faults;
  webhooks: Webhooks;
  /** What the emulator was started with. */
  data?: { restore(): void };
}

/** Restores the state of the first start, with the same credentials and the objects of the data file. */
export function resetAll(context: Present): { status: "ok" } {
  context.domain.reset();
  endPresent(context);
  context.data?.restore();
  return { status: "ok" };
}

/** Ends what belongs to a state that has gone: webhooks in flight and their log, counts of calls, and faults. */
export function endPresent({ calls, faults, webhooks }: Omit<Present, "domain" | "data">): void {
  webhooks.deliveries.clear();
  calls.clear();
  faults.clear();
}
