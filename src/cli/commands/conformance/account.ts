import { UsageError } from "../../../core/twilio/errors";
import { maskAccounts } from "./excerpt";
import { describe, type Send } from "./rest";

/** Words in an account's name that say what it is for. */
const FOR_TESTS = /\b(tests?|testing|sandbox|conformance)\b/i;

/**
 * Why the account may be used. Refuses one that is not recognizable as an account for tests, unless the caller has confirmed its SID: a run sends
 * hundreds of requests, which count against the account's limits.
 */
export async function confirmTestAccount(send: Send, accountSid: string, confirmed: string | undefined): Promise<string> {
  if (confirmed !== undefined) {
    if (confirmed === accountSid) return "its SID was confirmed";
    throw new UsageError(`--confirm-account must be the SID of the account of these credentials, ${accountSid}; received ${confirmed}.`);
  }
  const answer = await send({ method: "GET", path: "api:.json" });
  const { type, friendly_name: name } = answer.body;
  if (answer.status === 200 && type === "Trial") return "it is a trial account";
  if (answer.status === 200 && FOR_TESTS.test(String(name))) return "its name says that it is for tests";
  const why =
    answer.status === 200
      ? `its type is ${type}, and its name has none of the words test, testing, sandbox and conformance`
      : `its type and name cannot be read (${maskAccounts(describe(answer))})`;
  throw new UsageError(
    `the account ${accountSid} does not look like a test account: ${why}. Use a test account, or confirm this one: --confirm-account ${accountSid}`,
  );
}
