import { api, ForgeError, type Send } from "../forge-api";
import type { Forge, PullRequest } from "./forge";

interface Page {
  readonly values: readonly {
    readonly id: number;
    readonly deleted?: boolean;
    readonly content: { readonly raw: string };
    readonly user?: { readonly uuid: string } | null;
  }[];
}

const PAGE = 100;

/** Bitbucket Pipelines, if this runs there. */
export function bitbucket(env: NodeJS.ProcessEnv): Forge | undefined {
  if (env.BITBUCKET_BUILD_NUMBER === undefined) return undefined;
  const why = !env.BITBUCKET_PR_ID
    ? "this pipeline is not for a pull request"
    : !env.BITBUCKET_TOKEN
      ? "there is no BITBUCKET_TOKEN in the environment"
      : undefined;
  return {
    name: "Bitbucket",
    dialect: { limit: 32_768, folds: false, draws: false },
    ...(env.BITBUCKET_COMMIT === undefined ? {} : { commit: env.BITBUCKET_COMMIT }),
    ...(why === undefined ? { pullRequest: pullRequest(env) } : { why }),
  };
}

function pullRequest(env: NodeJS.ProcessEnv): PullRequest {
  const token = env.BITBUCKET_TOKEN as string;
  const send = api(env.BITBUCKET_API_URL ?? "https://api.bitbucket.org/2.0", { authorization: `Bearer ${token}` }, token);
  const path = `/repositories/${env.BITBUCKET_REPO_FULL_NAME}/pullrequests/${env.BITBUCKET_PR_ID}/comments`;
  let me: Promise<(uuid: string | undefined) => boolean> | undefined;
  return {
    async page(page) {
      me ??= whoAmI(send);
      const [isMe, { values }] = await Promise.all([me, send("GET", `${path}?pagelen=${PAGE}&page=${page}`) as Promise<Page>]);
      if (values.length === 0) return undefined;
      return values.map(({ id, deleted, content, user }) => ({ id: String(id), body: content.raw, own: !deleted && isMe(user?.uuid) }));
    },
    create: async (body) => void (await send("POST", path, { content: { raw: body } })),
    update: async (id, body) => void (await send("PUT", `${path}/${id}`, { content: { raw: body } })),
  };
}

/** A repository token may not be allowed to read `/user`; Bitbucket then refuses edits of other people's comments. */
async function whoAmI(send: Send): Promise<(uuid: string | undefined) => boolean> {
  try {
    const { uuid } = (await send("GET", "/user")) as { uuid: string };
    return (author) => author === uuid;
  } catch (error) {
    if (error instanceof ForgeError && error.status === 403) return () => true;
    throw error;
  }
}
