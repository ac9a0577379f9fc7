import { resourceName } from "../../../core/lifecycle/check";
import { entryOf } from "../../shared/catalog";
import { nameOf } from "../../shared/engine";
import { fail, ok, type Result, skipped, warn } from "./finding";

/** The part of the output of `pulumi stack export` that is checked. */
export interface Deployment {
  readonly resources?: readonly DeployedObject[];
  /** Unset while the state has no secret. */
  readonly secrets_providers?: object;
  readonly pending_operations?: readonly { type: string; resource: { urn: string } }[];
}

interface DeployedObject {
  readonly urn: string;
  readonly type: string;
  readonly provider?: string;
  readonly parent?: string;
  readonly dependencies?: readonly string[] | null;
  readonly outputs?: Record<string, unknown>;
}

/** A state that the engine refuses, although it can be read: a resource refers to another one that does not precede it. */
export function broken({ resources = [] }: Deployment): Result | undefined {
  const seen = new Set<string>();
  for (const { urn, parent, dependencies } of resources) {
    const missing = [parent, ...(dependencies ?? [])].find((other) => other !== undefined && other !== "" && !seen.has(other));
    if (missing !== undefined) {
      return fail(
        `the state is damaged: ${nameOf(urn).name} refers to ${nameOf(missing).name}, which does not precede it`,
        "pulumi state repair; if that does not help, pulumi stack import of an earlier pulumi stack export",
      );
    }
    seen.add(urn);
  }
  return undefined;
}

/** Whether the stack's objects are in the account of the credentials. Objects of a TwilioProvider have their own credentials. */
export function accountOf({ resources = [] }: Deployment, accountSid: string): Result {
  const own = resources.filter(({ type, provider }) => type.startsWith("pulumi-nodejs:twilio/") && provider?.includes("::default::"));
  const other = own.find(({ outputs }) => typeof outputs?.accountSid === "string" && outputs.accountSid !== accountSid);
  if (other) {
    return fail(
      `${nameOf(other.urn).name} belongs to account ${other.outputs?.accountSid}, but the credentials are for account ${accountSid}`,
      "use the stack's account, or another stack for the other account",
    );
  }
  return own.length === 0
    ? ok("the stack has no resources yet, so any account is fine")
    : ok(`all ${own.length} resources are in ${accountSid}`);
}

/** Whether the credentials manage all that the stack has. `isMain`: they may read the account, which a standard API key may not. */
export function credentialsFor(deployment: Deployment | undefined, username: string, source: string, isMain: boolean): Result {
  const what = `${username} of ${source}`;
  if (!username.startsWith("SK") || isMain) return ok(what);
  const beyond = (deployment?.resources ?? []).flatMap(({ urn, type, provider }) => {
    const managedWith = provider?.includes("::default::") ? entryOf(type)?.facts.managedWith : undefined;
    return managedWith === undefined ? [] : [{ name: `${resourceName({ type })} ${nameOf(urn).name}`, managedWith }];
  });
  if (beyond.length === 0) return ok(what);
  return warn(
    `${what}; a standard API key does not manage ${beyond.map(({ name }) => name).join(", ")}`,
    `run pulumi with ${[...new Set(beyond.map(({ managedWith }) => managedWith))].join("; or ")}`,
  );
}

/** What an interrupted run left behind. */
export function pending(deployment: Deployment | undefined, why: string | undefined): Result {
  if (!deployment) return skipped(why ?? "there is no stack");
  const names = (deployment.pending_operations ?? []).map(({ type, resource }) => `${type} ${nameOf(resource.urn).name}`);
  if (names.length === 0) return ok(`${deployment.resources?.length ?? 0} resources, no pending operations`);
  const isDeleting = deployment.pending_operations?.some(({ type }) => type === "deleting");
  return warn(
    `an interrupted run left pending operations: ${names.join(", ")}`,
    isDeleting
      ? "run pulumi refresh --clear-pending-creates, which finds out what was deleted; then pulumi up"
      : "run pulumi up, which finds the created objects; then pulumi refresh --clear-pending-creates",
  );
}

/** Why the stack cannot be read. A kill or a full disk can cut off files of Pulumi's file backend; no Pulumi command repairs them. */
export function unreadable(error: string): Result {
  if (/failed to load checkpoint: EOF/.test(error)) {
    return fail(
      `${error} (a file with attributes is empty)`,
      "in the folder of the file backend, remove the empty files: find .pulumi -name '*.attrs' -size 0 -delete",
    );
  }
  if (/unexpected end of JSON input/.test(error)) {
    return fail(
      `${error} (the file of a stack is cut off)`,
      "in the folder of the file backend, replace .pulumi/stacks/PROJECT/STACK.json by STACK.json.bak, or, if that is cut off too, by the newest " +
        ".pulumi/history/PROJECT/STACK/*.checkpoint.json; then run pulumi refresh and pulumi up",
    );
  }
  if (/corrupt store/.test(error)) {
    return fail(
      `${error.replace(/\s+/g, " ")} (the file backend's own file is damaged)`,
      "in the folder of the file backend, .pulumi/meta.yaml must contain the line: version: 1",
    );
  }
  if (/unable to open (state directory|bucket)/.test(error)) {
    return fail(error, "log in to the backend that has the stack, with pulumi login or PULUMI_BACKEND_URL");
  }
  if (/PULUMI_ACCESS_TOKEN/.test(error)) {
    return fail(error, "pulumi login, or set PULUMI_ACCESS_TOKEN; for a file backend, PULUMI_BACKEND_URL");
  }
  return fail(error, "fix that; `pulumi stack ls` lists the stacks");
}
