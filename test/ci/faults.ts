import { parse } from "yaml";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly "cancel-in-progress": boolean };
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}

/** A GitHub workflow, as far as the rules look at it. */
export interface Workflow {
  readonly name: string;
  readonly on: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly "cancel-in-progress": boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What a workflow's jobs may write, beyond reading the repository. */
const writes: Readonly<Record<string, string>> = {
  "preview/stacks": "pull-requests",
  "drift/look": "issues",
  "release/publish": "id-token",
};

/** Events at which GitHub hands out secrets and a token that may write, whoever's code it is about. */
const dangerous = /pull_request_target|workflow_run|issue_comment/;

/** How a job keeps forks out. */
const isOurs = "github.event.pull_request.head.repo.full_name == github.repository";

/** What is wrong with a workflow, or with an action's text, by the rules for what strangers' code may reach. */
export function faultsOf(text: string): string[] {
  const workflow = parse(text) as Workflow & { readonly runs?: { readonly steps: readonly Step[] } };
  const faults = pinFaults(text);
  const jobs = Object.entries(workflow.jobs ?? {});
  for (const { run } of [...jobs.flatMap(([, { steps }]) => steps), ...(workflow.runs?.steps ?? [])]) {
    if (run?.includes("${{")) faults.push(`an expression is pasted into a script: ${run}`);
  }
  if (workflow.runs) return faults;
  const onPullRequests = JSON.stringify(workflow.on).includes("pull_request");
  if (dangerous.test(JSON.stringify(workflow.on))) faults.push("it runs strangers' code with secrets");
  if (Object.entries(workflow.permissions ?? { all: "write" }).some(([what, how]) => what !== "contents" || how !== "read")) {
    faults.push("its token may do more than read");
  }
  for (const [name, job] of jobs) {
    const fault = (what: string) => faults.push(`${name}: ${what}`);
    const allowed = writes[`${workflow.name}/${name}`];
    for (const [what, how] of Object.entries(job.permissions ?? workflow.permissions ?? {})) {
      if (how !== "read" && what !== allowed) fault(`its token may write ${what}`);
    }
    if (!job["timeout-minutes"]) fault("it has no time limit");
    const concurrency = job.concurrency ?? workflow.concurrency;
    if (!concurrency) fault("several of it may run at once");
    const operates = job.steps.some(({ run }) => /ci\/(deploy|review-stack)/.test(run ?? ""));
    if (operates && concurrency?.["cancel-in-progress"]) fault("an operation of the engine may be cut off");
    const { steps, ...rest } = job;
    if (/secrets\.|github\.token/.test(JSON.stringify(rest))) fault("a secret is there for every step");
    const usesSecrets = /secrets\./.test(JSON.stringify(steps));
    const isAtPullRequests = onPullRequests && !/github\.event_name == 'schedule'/.test(job.if ?? "");
    if (usesSecrets && isAtPullRequests && !job.if?.includes(isOurs)) fault("a fork reaches its secrets");
    for (const { uses, with: settings } of steps) {
      if (uses?.startsWith("actions/checkout@") && settings?.["persist-credentials"] !== false) fault("the token stays in the checkout");
    }
  }
  return faults;
}

/** Actions that are not pinned by a commit, with their version beside it. */
function pinFaults(text: string): string[] {
  const used = [...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, action]) => action as string);
  return used
    .filter((action) => !action.startsWith("./") && !/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))
    .map((action) => `not pinned by a commit: ${action}`);
}

/** The project's scripts that a pipeline calls, with their arguments. */
export function scriptsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w./-])(\.?ci\/[\w-]+)(?=[ \]\n])/g)].map(([, script]) => script as string);
}
