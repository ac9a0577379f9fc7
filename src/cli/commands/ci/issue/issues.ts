import { api, type Send } from "../forge-api";

/** A forge's issues. GitHub and GitLab differ in the names below. */
export interface Issues {
  readonly send: Send;
  readonly path: string;
  /** The value of `state` that lists open issues. */
  readonly open: string;
  /** The property that holds the text. */
  readonly text: "body" | "description";
  /** The HTTP method of a change. */
  readonly update: "PATCH" | "PUT";
  readonly close: object;
  idOf(issue: Found): number;
}

interface Found {
  readonly title: string;
  readonly number?: number;
  readonly iid?: number;
  readonly html_url?: string;
  readonly web_url?: string;
}

/** The result for an issue. */
export interface IssueResult {
  readonly became: "opened" | "updated" | "closed" | "not there";
  readonly url?: string;
}

/** The label of the issues that this command opens; it looks for the title among those. */
const LABEL = "drift";
const PAGE = 100;
/** GitHub accepts 65,536 characters, the fewest. */
const MAX_LENGTH = 60_000;

/** The issues of the forge that runs this pipeline, or why there are none. */
export function issuesOf(env: NodeJS.ProcessEnv): Issues | { readonly why: string } {
  const { GITHUB_TOKEN, GITLAB_TOKEN } = env;
  if (env.GITHUB_ACTIONS === "true") {
    if (!GITHUB_TOKEN) return { why: "there is no GITHUB_TOKEN in the environment" };
    return {
      send: api(env.GITHUB_API_URL ?? "https://api.github.com", { authorization: `Bearer ${GITHUB_TOKEN}` }, GITHUB_TOKEN),
      path: `/repos/${env.GITHUB_REPOSITORY}/issues`,
      open: "open",
      text: "body",
      update: "PATCH",
      close: { state: "closed" },
      idOf: ({ number }) => number as number,
    };
  }
  if (env.GITLAB_CI === "true") {
    if (!GITLAB_TOKEN) return { why: "there is no GITLAB_TOKEN in the environment; a job's own token may not write issues" };
    return {
      send: api(env.CI_API_V4_URL ?? "https://gitlab.com/api/v4", { "private-token": GITLAB_TOKEN }, GITLAB_TOKEN),
      path: `/projects/${env.CI_PROJECT_ID}/issues`,
      open: "opened",
      text: "description",
      update: "PUT",
      close: { state_event: "close" },
      idOf: ({ iid }) => iid as number,
    };
  }
  return { why: "this is not a GitHub or GitLab pipeline" };
}

/** Opens the issue, or replaces the text of the open one. */
export async function openIssue(issues: Issues, title: string, text: string): Promise<IssueResult> {
  const { send, path, update, idOf } = issues;
  const body = { title, [issues.text]: asCode(text) };
  const old = await find(issues, title);
  const issue = old ? await send(update, `${path}/${idOf(old)}`, body) : await send("POST", path, { ...body, labels: [LABEL] });
  return { became: old ? "updated" : "opened", ...urlOf(issue as Found) };
}

/** Closes the issue, if it is open. */
export async function closeIssue(issues: Issues, title: string): Promise<IssueResult> {
  const old = await find(issues, title);
  if (!old) return { became: "not there" };
  const issue = await issues.send(issues.update, `${issues.path}/${issues.idOf(old)}`, issues.close);
  return { became: "closed", ...urlOf(issue as Found) };
}

async function find({ send, path, open }: Issues, title: string): Promise<Found | undefined> {
  for (let page = 1; ; page += 1) {
    const found = (await send("GET", `${path}?state=${open}&labels=${LABEL}&per_page=${PAGE}&page=${page}`)) as Found[];
    const issue = found.find((one) => one.title === title);
    if (issue || found.length < PAGE) return issue;
  }
}

/** A text as a code block, so that nothing in it is Markdown or a mention. The fence is longer than any in the text. */
function asCode(text: string): string {
  const shown = text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}\n… (truncated)` : text;
  const fence = "`".repeat(Math.max(3, 1 + Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length))));
  return `${fence}text\n${shown.trimEnd()}\n${fence}\n`;
}

function urlOf({ html_url, web_url }: Found): { url?: string } {
  const url = html_url ?? web_url;
  return url === undefined ? {} : { url };
}
