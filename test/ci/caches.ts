import { parse } from "yaml";

/** What decides whether a job may restore files that another run stored. */
interface Job {
  readonly name: string;
  /** Whether it can have secrets, or runs for something else than a pull request. */
  readonly isTrusted: boolean;
  /** What it restores that nothing verifies, with the cache's name or key. */
  readonly restores: readonly string[];
}

/** Jobs that could run an executable that a pull request stored, and caches that jobs with secrets could come to share. */
const faultsOf = (jobs: readonly Job[]): string[] =>
  jobs.flatMap(({ name, isTrusted, restores }) =>
    restores.flatMap((what) => {
      if (isTrusted) return [`${name}: a pull request can have stored ${what}`];
      return what.includes(name) ? [] : [`${name}: ${what} must have the job's name in its key`];
    }),
  );

interface GitHubStep {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

/** In a job with secrets, only these actions run: the checkout, and Node.js with npm's cache, whose files npm compares with the lock file. */
function unverified({ uses = "", with: settings = {} }: GitHubStep): string[] {
  if (uses === "" || uses.startsWith("./") || uses.startsWith("actions/checkout@")) return [];
  if (uses.startsWith("actions/setup-node@")) return [undefined, "npm"].includes(settings.cache as string) ? [] : [`${settings.cache}`];
  return [`${uses.split("@")[0]} ${settings.key ?? settings.name ?? ""}`];
}

/** The faults of a GitHub workflow. `actions` are the texts of the actions in the repository by their path. */
export function gitHubCacheFaults(text: string, actions: Readonly<Record<string, string>>): string[] {
  const { on, jobs } = parse(text) as { on: unknown; jobs: Record<string, { steps: readonly GitHubStep[] }> };
  const steps = (all: readonly GitHubStep[]): GitHubStep[] =>
    all.flatMap((step) => {
      const action = step.uses === undefined ? undefined : actions[step.uses];
      return action === undefined ? [step] : steps((parse(action) as { runs: { steps: GitHubStep[] } }).runs.steps);
    });
  return faultsOf(
    Object.entries(jobs).map(([name, job]) => ({
      name,
      isTrusted: on !== "pull_request" || /secrets\.|github\.token|environment|id-token|"[\w-]+":"write"/.test(JSON.stringify(job)),
      restores: steps(job.steps).flatMap(unverified),
    })),
  );
}

interface GitLabJob {
  readonly extends?: string;
  readonly cache?: { readonly key: unknown } | readonly unknown[];
  readonly artifacts?: unknown;
  readonly rules?: readonly { readonly if: string }[];
}

/** The faults of a GitLab pipeline. A later job receives the artifacts of earlier ones. */
export function gitLabCacheFaults(text: string): string[] {
  const { default: defaults, workflow: _w, stages: _s, variables: _v, ...rest } = parse(text, { merge: true }) as Record<string, GitLabJob>;
  const jobs = Object.entries(rest).filter(([name]) => !name.startsWith("."));
  const onlyPullRequests = ({ rules = [] }: GitLabJob) =>
    rules.length > 0 && rules.every((rule) => rule.if.includes('$CI_PIPELINE_SOURCE == "merge_request_event"'));
  return faultsOf(
    jobs.map(([name, job]) => {
      const own: GitLabJob = { ...defaults, ...(job.extends === undefined ? {} : rest[job.extends]), ...job };
      const hasSecrets = "environment" in own || "id_tokens" in own;
      return {
        name,
        isTrusted: hasSecrets || !onlyPullRequests(own),
        restores: [own.cache, own.artifacts].flatMap((kept) => (kept === undefined ? [] : [JSON.stringify(kept)])),
      };
    }),
  );
}

interface BitbucketStep {
  readonly name: string;
  readonly deployment?: string;
  readonly caches?: readonly string[];
  readonly artifacts?: unknown;
}

/** The faults of a Bitbucket pipeline. All branches share one cache, and a later step receives the artifacts of earlier ones. */
export function bitbucketCacheFaults(text: string): string[] {
  const { pipelines } = parse(text) as { pipelines: Record<string, unknown> };
  const stepsIn = (node: unknown): BitbucketStep[] => {
    if (typeof node !== "object" || node === null) return [];
    return "step" in node ? [node.step as BitbucketStep] : Object.values(node).flatMap(stepsIn);
  };
  return faultsOf(
    Object.entries(pipelines).flatMap(([event, group]) =>
      stepsIn(group).map(({ name, deployment, caches = [], artifacts }) => ({
        name,
        isTrusted: event !== "pull-requests" || deployment !== undefined,
        restores: [...caches, ...(artifacts === undefined ? [] : [JSON.stringify(artifacts)])],
      })),
    ),
  );
}
