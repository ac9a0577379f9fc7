/** The way in for every edge: a change that pre-webhooks may refuse or amend, before it happens. */
import type { Controls } from "../control/controls";
import type { Scope } from "../domain";
import type { Report } from "./deliveries";

/**
 * Carries out the work in a transaction, on behalf of `at`. Where pre-webhooks want to hear of what it leads to, it
 * is undone, they are asked, and it runs again with what they amended: so it may run twice, and must change nothing
 * but the domain. It has to use the scope that it is given, not `at`. Rejects as the work throws, and with a
 * `TwilioError` when a pre-webhook refuses.
 */
export async function perform<R>(
  { domain, webhooks }: Pick<Controls, "domain" | "webhooks">,
  at: Scope,
  work: (at: Scope) => R,
): Promise<R> {
  let questions: Report[] = [];
  const outcome = domain.rehearse(
    () => work(at),
    (events) => {
      questions = webhooks.questionsAbout(events);
      return questions.length === 0;
    },
  );
  if (outcome) return outcome.result;
  const amendments = await webhooks.ask(questions);
  return domain.transact(() => work({ ...at, amendments }));
}
