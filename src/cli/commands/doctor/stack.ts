import { stackAccount } from "../../../core/lifecycle/stack-account";
import { UsageError } from "../../../core/twilio/errors";
import { nameOf } from "../../shared/engine";
import { fail, ok, type Result, skipped, warn } from "./finding";

/** What `pulumi stack export` prints, as far as it is looked at. */
export interface Deployment {
  readonly resources?: readonly { urn: string; type: string; provider?: string; outputs?: Record<string, unknown> }[];
  readonly pending_operations?: readonly { type: string; resource: { urn: string } }[];
}

/** Whether the stack's objects are in the account of the credentials. Those of a TwilioProvider have credentials of their own. */
export function accountOf({ resources = [] }: Deployment, accountSid: string): Result {
  const watch = stackAccount(accountSid);
  const own = resources.filter(({ type, provider }) => type.startsWith("pulumi-nodejs:twilio/") && provider?.includes("::default::"));
  try {
    for (const { urn, outputs } of own) watch.verifyOwner(nameOf(urn).name, outputs?.accountSid);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const [what = "", cure = ""] = error.message.split(" Nothing was changed. ");
    return fail(what, cure);
  }
  return own.length === 0 ? ok("the stack has nothing yet, so any account will do") : ok(`all ${own.length} resources are ${accountSid}'s`);
}

/** What an interrupted run has left behind. */
export function pending(deployment: Deployment | undefined, why: string | undefined): Result {
  if (!deployment) return skipped(why ?? "there is no stack");
  const names = (deployment.pending_operations ?? []).map(({ type, resource }) => `${type} ${nameOf(resource.urn).name}`);
  if (names.length === 0) return ok(`${deployment.resources?.length ?? 0} resources, nothing left under way`);
  return warn(
    `an interrupted run has left: ${names.join(", ")}`,
    "pulumi up, which finds what was made; then pulumi refresh --clear-pending-creates",
  );
}
