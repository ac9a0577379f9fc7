import { deletePolicy } from "../../core/lifecycle/parents";
import { UsageError } from "../../core/twilio/errors";
import { definitionOf } from "../definitions";
import { errorsIn, nameOf, nounOf, type ResourceState, readDigest, type Step } from "../engine";
import { changedPaths, valueAt } from "../properties";

/** What a change does, in Pulumi's words. `same` is there only where the preview shows what stays. */
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
  /** What of it changes; for what is created or deleted, every declared property. */
  readonly properties: readonly PropertyChange[];
  /** Why it is replaced, by top-level names. */
  readonly because: readonly string[];
  readonly before?: ResourceState;
  readonly after?: ResourceState;
}

/** A preview of one stack. */
export interface Plan {
  readonly project: string;
  readonly stack: string;
  readonly changes: readonly Change[];
  /** How many resources stay and are not told of; `pulumi preview --show-sames` tells of them. */
  readonly untold: number;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** By URN: what the provider says of a resource. */
  readonly said: ReadonlyMap<string, readonly string[]>;
}

const actions: readonly string[] = ["create", "update", "replace", "delete", "import", "same"];

/** Reads what `pulumi preview --json` printed. `source` names it in errors. */
export function readPlan(text: string, source: string, stackGiven?: string): Plan {
  const digest = readDigest(text);
  if (!digest) throw new UsageError(`${source} is not what \`pulumi preview --json\` prints.`);
  const [, named, project = ""] =
    /^urn:pulumi:([^:]+)::([^:]+)::/.exec(digest.steps[0]?.urn ?? digest.diagnostics.find(({ urn }) => urn)?.urn ?? "") ?? [];
  const stack = stackGiven ?? named;
  if (stack === undefined) throw new UsageError(`${source} does not tell its stack; say it: --preview ${source}=<stack>.`);
  // A preview with --refresh tells of a resource twice: what the refresh found, then what is done.
  const steps = new Map(digest.steps.filter(({ op, urn }) => actions.includes(op) && isManaged(urn)).map((step) => [step.urn, step]));
  const changes = [...steps.values()].filter(({ oldState, newState }) => !(newState ?? oldState)?.external).map(changeOf);
  const said = new Map<string, string[]>();
  for (const { urn, message } of digest.diagnostics) if (urn) said.set(urn, [...(said.get(urn) ?? []), message.trim()]);
  return {
    project,
    stack,
    // The engine's order is another one each time.
    changes: changes.sort((a, b) => (a.urn < b.urn ? -1 : 1)),
    untold: Math.max(0, (digest.changeSummary?.same ?? 0) - digest.steps.filter(({ op }) => op === "same").length),
    errors: errorsIn(digest),
    warnings: digest.diagnostics
      .filter(({ severity }) => severity === "warning")
      .map(({ message }) => message.replace(/^warning: /, "").trim()),
    said,
  };
}

/** The stack itself and providers are the engine's. */
const isManaged = (urn: string): boolean => !/^pulumi:(pulumi:Stack|providers:)/.test(nameOf(urn).type);

function changeOf({ op, urn, oldState: before, newState: after, detailedDiff, replaceReasons = [] }: Step): Change {
  const { type: token, name } = nameOf(urn);
  const inputs = [before?.inputs ?? {}, after?.inputs ?? {}] as const;
  const [olds, news] = op === "create" || op === "import" ? [{}, inputs[1]] : op === "delete" ? [inputs[0], {}] : inputs;
  const paths = op === "same" ? [] : detailedDiff ? Object.keys(detailedDiff) : changedPaths(olds, news);
  return {
    urn,
    action: op as Action,
    token,
    type: nounOf(token),
    name,
    properties: paths
      .filter((path) => path !== "" && !path.startsWith("__"))
      .map((property) => ({ property, before: valueAt(olds, property), after: valueAt(news, property) })),
    because: (replaceReasons ?? []).filter((reason) => !reason.startsWith("__")),
    ...(before ? { before } : {}),
    ...(after ? { after } : {}),
  };
}

/** Whether a resource is one of this package's numbers. */
export const isNumber = ({ token }: Pick<Change, "token">): boolean => definitionOf(token)?.type === "twilio/numbers:PhoneNumber";

/** The number that a resource has, or had. */
export function numberOf({ before, after }: Change, when: "before" | "after"): string {
  const state = when === "before" ? before : after;
  const known = state?.outputs?.phoneNumber ?? state?.inputs?.phoneNumber;
  return typeof known === "string" && known.startsWith("+") ? known : "a number";
}

/** Whether the object of a resource that goes is given back to Twilio, or deleted there. */
export function isLost({ action, before, token }: Change): boolean {
  if (action !== "delete" && action !== "replace") return false;
  if (before?.retainOnDelete) return false;
  return deletePolicy(definitionOf(token) ?? {}, before?.outputs ?? {}) !== "retain";
}

/** How early a change is told: numbers that are given back, what is replaced, what is deleted, then the rest. */
export function weight(change: Change): number {
  if (isNumber(change) && isLost(change)) return 0;
  return 1 + ["replace", "delete", "create", "import", "update", "same"].indexOf(change.action);
}
