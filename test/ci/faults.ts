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

/** The part of a GitHub workflow that the rules check. */
export interface Workflow {
  readonly name: string;
  readonly on: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: { readonly "cancel-in-progress": boolean };
  readonly jobs: Readonly<Record<string, Job>>;
}

/** What jobs may write, in addition to reading the repository. */
const writes: Readonly<Record<string, string>> = {
  "preview/stacks": "pull-requests",
  "drift/look": "issues",
  "release/publish": "id-token",
};

/** Events for which GitHub provides secrets and a writable token, whoever wrote the code. */
const dangerous = /pull_request_target|workflow_run|issue_comment/;

/** The condition that excludes forks from a job. */
const isOurs = "github.event.pull_request.head.repo.full_name == github.repository";

/** The violations in a workflow or an action of the rules for untrusted code. */
export function faultsOf(text: string): string[] {
  const workflow = parse(text) as Workflow & { readonly runs?: { readonly steps: readonly Step[] } };
  const faults = pinFaults(text);
  const jobs = Object.entries(workflow.jobs ?? {});
  for (const { run } of [...jobs.flatMap(([, { steps }]) => steps), ...(workflow.runs?.steps ?? [])]) {
    if (run?.includes("${{")) faults.push(`a script contains an expression: ${run}`);
  }
  if (workflow.runs) return faults;
  const onPullRequests = JSON.stringify(workflow.on).includes("pull_request");
  if (dangerous.test(JSON.stringify(workflow.on))) faults.push("it runs untrusted code with secrets");
  if (Object.entries(workflow.permissions ?? { all: "write" }).some(([what, how]) => what !== "contents" || how !== "read")) {
    faults.push("its token can do more than read");
  }
  for (const [name, job] of jobs) {
    const fault = (what: string) => faults.push(`${name}: ${what}`);
    const allowed = writes[`${workflow.name}/${name}`];
    for (const [what, how] of Object.entries(job.permissions ?? workflow.permissions ?? {})) {
      if (how !== "read" && what !== allowed) fault(`its token can write ${what}`);
    }
    if (!job["timeout-minutes"]) fault("it has no time limit");
    const concurrency = job.concurrency ?? workflow.concurrency;
    if (!concurrency) fault("several runs may overlap");
    const operates = job.steps.some(({ run }) => /ci\/(deploy|review-stack)/.test(run ?? ""));
    if (operates && concurrency?.["cancel-in-progress"]) fault("an operation of the engine can be interrupted");
    const { steps, ...rest } = job;
    if (/secrets\.|github\.token/.test(JSON.stringify(rest))) fault("every step has a secret");
    const usesSecrets = /secrets\./.test(JSON.stringify(steps));
    const isAtPullRequests = onPullRequests && !/github\.event_name == 'schedule'/.test(job.if ?? "");
    if (usesSecrets && isAtPullRequests && !job.if?.includes(isOurs)) fault("a fork can read its secrets");
    for (const { uses, with: settings } of steps) {
      if (uses?.startsWith("actions/checkout@") && settings?.["persist-credentials"] !== false) fault("the token stays in the checkout");
    }
  }
  return faults;
}

/** Actions that are not pinned to a commit with a version comment. */
function pinFaults(text: string): string[] {
  const used = [...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, action]) => action as string);
  return used
    .filter((action) => !action.startsWith("./") && !/^[\w-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action))
    .map((action) => `not pinned to a commit: ${action}`);
}

/** The project's scripts that a pipeline calls. */
export function scriptsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w./-])(\.?ci\/[\w-]+)(?=[ \]\n])/g)].map(([, script]) => script as string);
}
