/** The entry point of every API: makes a change that pre-webhooks may reject or amend. */
import type { EmulatorContext } from "../context";
import type { Scope } from "../domain";
import type { Report } from "./deliveries";

/**
 * Runs `work` in a transaction, on behalf of `scope`. If a pre-webhook is configured for one of the resulting events, the
 * transaction is rolled back, the pre-webhooks are called, and `work` runs again with their amendments. Therefore
 * `work` may run twice, must change nothing but the domain, and must use the scope that it receives. Rejects with
 * the error that `work` throws, or with a `TwilioError` if a pre-webhook rejects the change.
 */
export async function perform<R>(
  { domain, webhooks }: Pick<EmulatorContext, "domain" | "webhooks">,
  scope: Scope,
  work: (scope: Scope) => R,
): Promise<R> {
  let preWebhooks: Report[] = [];
  const outcome = domain.transactIf(
    () => work(scope),
    (events) => {
      preWebhooks = webhooks.preWebhooksFor(events);
      return preWebhooks.length === 0;
    },
  );
  if (outcome) return outcome.result;
  const amendments = await webhooks.callPreWebhooks(preWebhooks);
  return domain.transact(() => work({ ...scope, amendments }));
}
