import { resourceName } from "../../../../core/lifecycle/check";
import { deletePolicy } from "../../../../core/lifecycle/parents";
import { UsageError } from "../../../../core/twilio/errors";
import { phoneNumber } from "../../../../numbers/phone-number";
import { entryOf } from "../../../shared/catalog";
import { errorsIn, readDigest, warningsIn } from "../../../shared/digest";
import { isManaged, nameOf } from "../../../shared/engine";
import { changedPaths, valueAt } from "../../../shared/properties";
import type { ResourceState, Step } from "../../../shared/steps";

/** What a change does, in Pulumi's words. Only a preview that shows unchanged resources has `same`. */
export type Action = "create" | "update" | "replace" | "delete" | "import" | "same";

/** A property before and after. */
export interface PropertyChange {
  /** `attributes.color`. */
  readonly property: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** A resource of the stack, and what the next `pulumi up` does to it. */
export interface Change {
  readonly urn: string;
  readonly action: Action;
  /** The type token, `pulumi-nodejs:twilio/numbers:PhoneNumber`. */
  readonly token: string;
  /** `PhoneNumber`. */
  readonly type: string;
  readonly name: string;
  /** What changes; for a created or deleted resource, every declared property. */
  readonly properties: readonly PropertyChange[];
  /** The top-level properties that require a replacement. */
  readonly because: readonly string[];
  readonly before?: ResourceState;
  readonly after?: ResourceState;
}

/** A preview of one stack. */
export interface Plan {
  readonly project: string;
  /** The stack's name in the comment. */
  readonly stack: string;
  /** The stack's name in the URNs, where the preview has any. */
  readonly deployedStack?: string;
  readonly changes: readonly Change[];
  /** How many unchanged resources the preview omits; `pulumi preview --show-sames` includes them. */
  readonly omitted: number;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** By URN: the provider's messages about a resource. */
  readonly messages: ReadonlyMap<string, readonly string[]>;
}

const actions: readonly string[] = ["create", "update", "replace", "delete", "import", "same"];

/** Reads the output of `pulumi preview --json`. `source` names it in errors. */
export function readPlan(text: string, source: string, stackGiven?: string): Plan {
  const digest = readDigest(text);
  if (!digest) throw new UsageError(`${source} is not what \`pulumi preview --json\` prints.`);
  const [, deployedStack, project = ""] =
    /^urn:pulumi:([^:]+)::([^:]+)::/.exec(digest.steps[0]?.urn ?? digest.diagnostics.find(({ urn }) => urn)?.urn ?? "") ?? [];
  const stack = stackGiven ?? deployedStack;
  if (stack === undefined) throw new UsageError(`${source} does not name its stack; name it with --preview ${source}=<stack>.`);
  // A preview with --refresh has two steps for a resource: what the refresh found, then the change.
  const steps = new Map(digest.steps.filter(({ op, urn }) => actions.includes(op) && isManaged(urn)).map((step) => [step.urn, step]));
  const changes = [...steps.values()].filter(({ oldState, newState }) => !(newState ?? oldState)?.external).map(changeOf);
  const messages = new Map<string, string[]>();
  for (const { urn, message } of digest.diagnostics) if (urn) messages.set(urn, [...(messages.get(urn) ?? []), message.trim()]);
  return {
    project,
    stack,
    ...(deployedStack === undefined ? {} : { deployedStack }),
    // The engine's order differs from run to run.
    changes: changes.sort((a, b) => (a.urn < b.urn ? -1 : 1)),
    omitted: digest.omitted,
    errors: errorsIn(digest),
    warnings: warningsIn(digest),
    messages,
  };
}

function changeOf({ op, urn, oldState: before, newState: after, detailedDiff, replaceReasons = [] }: Step): Change {
  const { type: token, name } = nameOf(urn);
  const inputs = [before?.inputs ?? {}, after?.inputs ?? {}] as const;
  const [olds, news] = op === "create" || op === "import" ? [{}, inputs[1]] : op === "delete" ? [inputs[0], {}] : inputs;
  const paths = op === "same" ? [] : detailedDiff ? Object.keys(detailedDiff) : changedPaths(olds, news);
  return {
    urn,
    action: op as Action,
    token,
    type: resourceName({ type: token }),
    name,
    properties: paths
      .filter((path) => path !== "" && !path.startsWith("__"))
      .map((property) => ({ property, before: valueAt(olds, property), after: valueAt(news, property) })),
    because: (replaceReasons ?? []).filter((reason) => !reason.startsWith("__")),
    ...(before ? { before } : {}),
    ...(after ? { after } : {}),
  };
}

/** Whether a resource is a number of this package. */
export const isNumber = ({ token }: Pick<Change, "token">): boolean => entryOf(token)?.definition === phoneNumber;

/** The number that a resource has, or had. */
export function numberOf({ before, after }: Change, when: "before" | "after"): string {
  const state = when === "before" ? before : after;
  const known = state?.outputs?.phoneNumber ?? state?.inputs?.phoneNumber;
  return typeof known === "string" && known.startsWith("+") ? known : "a number";
}

/** The values of `onDelete` with which the object stays at Twilio. */
const keeping: readonly unknown[] = ["retain", "suspend"];

/** Whether a change deletes the object at Twilio, or releases it. */
export function isLost({ action, before, token }: Change): boolean {
  if (action !== "delete" && action !== "replace") return false;
  if (before?.retainOnDelete) return false;
  const entry = entryOf(token);
  return !entry || !keeping.includes(deletePolicy(entry.definition, before?.outputs ?? {}));
}

/** The order of changes in a comment: released numbers, replacements, deletions, then the rest. */
export function weight(change: Change): number {
  if (isNumber(change) && isLost(change)) return 0;
  return 1 + ["replace", "delete", "create", "import", "update", "same"].indexOf(change.action);
}
