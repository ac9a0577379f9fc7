import { readFileSync } from "node:fs";
import { api, ForgeError, type Send } from "../forge-api";
import type { Forge, PullRequest } from "./forge";

interface Event {
  readonly pull_request?: { readonly number: number; readonly head?: Place; readonly base?: Place };
}

interface Place {
  readonly sha?: string;
  readonly repo?: { readonly full_name?: string } | null;
}

interface Found {
  readonly id: number;
  readonly body: string | null;
  readonly user: { readonly login: string; readonly type: string } | null;
}

const PAGE = 100;

/** GitHub Actions, if this runs there. */
export function github(env: NodeJS.ProcessEnv): Forge | undefined {
  if (env.GITHUB_ACTIONS !== "true") return undefined;
  const event = readEvent(env.GITHUB_EVENT_PATH);
  const number = event.pull_request?.number ?? /^refs\/pull\/(\d+)\//.exec(env.GITHUB_REF ?? "")?.[1];
  const { head, base } = event.pull_request ?? {};
  const isFork = head !== undefined && head.repo?.full_name !== base?.repo?.full_name;
  const commit = head?.sha ?? env.GITHUB_SHA;
  const why =
    number === undefined
      ? "this run is not for a pull request"
      : isFork && env.GITHUB_EVENT_NAME === "pull_request"
        ? "the pull request comes from a fork, and GitHub does not let its runs comment"
        : !env.GITHUB_TOKEN
          ? "there is no GITHUB_TOKEN in the environment"
          : undefined;
  return {
    name: "GitHub",
    dialect: { limit: 65_536, folds: true, draws: true },
    ...(commit === undefined ? {} : { commit }),
    ...(env.GITHUB_STEP_SUMMARY ? { summary: env.GITHUB_STEP_SUMMARY } : {}),
    ...(why === undefined ? { pullRequest: pullRequest(env, String(number)) } : { why }),
  };
}

function pullRequest(env: NodeJS.ProcessEnv, number: string): PullRequest {
  const token = env.GITHUB_TOKEN as string;
  const send = api(env.GITHUB_API_URL ?? "https://api.github.com", { authorization: `Bearer ${token}` }, token);
  const path = `/repos/${env.GITHUB_REPOSITORY}/issues`;
  let me: Promise<(user: Found["user"]) => boolean> | undefined;
  return {
    async page(page) {
      me ??= whoAmI(send);
      const [isMe, found] = await Promise.all([
        me,
        send("GET", `${path}/${number}/comments?per_page=${PAGE}&page=${page}`) as Promise<Found[]>,
      ]);
      if (page > 1 && found.length === 0) return undefined;
      return found.length === 0 ? undefined : found.map(({ id, body, user }) => ({ id: String(id), body: body ?? "", own: isMe(user) }));
    },
    create: async (body) => void (await send("POST", `${path}/${number}/comments`, { body })),
    update: async (id, body) => void (await send("PATCH", `${path}/comments/${id}`, { body })),
  };
}

/** A run's token does not belong to a user and may not read `/user`; it comments as a bot. */
async function whoAmI(send: Send): Promise<(user: Found["user"]) => boolean> {
  try {
    const { login } = (await send("GET", "/user")) as { login: string };
    return (user) => user?.login === login;
  } catch (error) {
    if (error instanceof ForgeError && error.status === 403) return (user) => user?.type === "Bot";
    throw error;
  }
}

function readEvent(path: string | undefined): Event {
  try {
    return path ? (JSON.parse(readFileSync(path, "utf8")) as Event) : {};
  } catch {
    return {};
  }
}
