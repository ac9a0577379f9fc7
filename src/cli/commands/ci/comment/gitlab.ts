import { api } from "../forge-api";
import type { Forge, PullRequest } from "./forge";

interface Note {
  readonly id: number;
  readonly body: string;
  readonly author: { readonly id: number };
}

const PAGE = 100;

/** GitLab CI, if this runs there. */
export function gitlab(env: NodeJS.ProcessEnv): Forge | undefined {
  if (env.GITLAB_CI !== "true") return undefined;
  const { CI_MERGE_REQUEST_IID: iid, CI_MERGE_REQUEST_PROJECT_ID: target, CI_MERGE_REQUEST_SOURCE_PROJECT_ID: source } = env;
  const why = !iid
    ? "this pipeline is not for a merge request"
    : !env.GITLAB_TOKEN
      ? `${source !== target ? "the merge request comes from a fork, and " : ""}there is no GITLAB_TOKEN in the environment; a job's own token may not comment`
      : undefined;
  return {
    name: "GitLab",
    dialect: { limit: 1_000_000, folds: true, draws: true },
    ...(env.CI_COMMIT_SHA === undefined ? {} : { commit: env.CI_COMMIT_SHA }),
    ...(why === undefined ? { pullRequest: mergeRequest(env, iid as string) } : { why }),
  };
}

function mergeRequest(env: NodeJS.ProcessEnv, iid: string): PullRequest {
  const token = env.GITLAB_TOKEN as string;
  const send = api(env.CI_API_V4_URL ?? "https://gitlab.com/api/v4", { "private-token": token }, token);
  const path = `/projects/${env.CI_MERGE_REQUEST_PROJECT_ID ?? env.CI_PROJECT_ID}/merge_requests/${iid}/notes`;
  let me: Promise<{ id: number }> | undefined;
  return {
    async page(page) {
      me ??= send("GET", "/user") as Promise<{ id: number }>;
      const [self, found] = await Promise.all([me, send("GET", `${path}?per_page=${PAGE}&page=${page}`) as Promise<Note[]>]);
      return found.length === 0 ? undefined : found.map(({ id, body, author }) => ({ id: String(id), body, own: author.id === self.id }));
    },
    create: async (body) => void (await send("POST", path, { body })),
    update: async (id, body) => void (await send("PUT", `${path}/${id}`, { body })),
  };
}
