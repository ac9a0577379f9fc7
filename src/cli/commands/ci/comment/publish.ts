import { appendFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { ForgeError } from "../forge-api";
import { bitbucket } from "./bitbucket";
import { compose, type Facts, markerOf } from "./compose";
import { type Forge, type Outcome, type PullRequest, upsert } from "./forge";
import { github } from "./github";
import { gitlab } from "./gitlab";
import type { Dialect } from "./markdown";

/** What happened to one stack's comment. */
export interface Published {
  readonly stack: string;
  /** Where it is; missing outside a forge's pipeline. */
  readonly forge?: string;
  readonly became: Outcome | "summarized" | "printed";
  /** Why it could not be a comment on the forge. */
  readonly why?: string;
  readonly body: string;
}

const anywhere: Dialect = { limit: 65_536, folds: true, draws: true };

/** Publishes the comments where that is possible, or else prints them. */
export async function publish(facts: readonly Facts[], { env, dryRun }: { env: NodeJS.ProcessEnv; dryRun: boolean }): Promise<Published[]> {
  const forge = github(env) ?? gitlab(env) ?? bitbucket(env);
  const published: Published[] = [];
  // One after the other, so that a rate limit delays the run only once.
  for (const one of facts) {
    const commit = forge?.commit === undefined ? {} : { commit: forge.commit };
    const body = compose({ ...one, ...commit }, forge?.dialect ?? anywhere);
    const { stack } = one.plan;
    if (dryRun) published.push({ stack, became: "printed", body });
    else if (!forge) published.push({ stack, became: "printed", why: "this is not a GitHub, GitLab or Bitbucket pipeline", body });
    else published.push({ stack, forge: forge.name, ...(await write(forge, markerOf(one.plan), body)), body });
  }
  return published;
}

async function write({ name, pullRequest, why, summary }: Forge, marker: string, body: string): Promise<Pick<Published, "became" | "why">> {
  let reason = why;
  if (pullRequest) {
    try {
      return { became: await upsertWithRetries(pullRequest, marker, body) };
    } catch (error) {
      if (!(error instanceof ForgeError && error.status === 403)) throw error;
      reason = `${name} does not let this token comment (on GitHub, the job needs \`permissions: pull-requests: write\`)`;
    }
  }
  if (summary === undefined) return { became: "printed", ...(reason === undefined ? {} : { why: reason }) };
  await appendFile(summary, `${body}\n`);
  return { became: "summarized", ...(reason === undefined ? {} : { why: reason }) };
}

/** After a failed create, the comment may exist all the same: look for it before creating it again. */
async function upsertWithRetries(pullRequest: PullRequest, marker: string, body: string): Promise<Outcome> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const outcome = await upsert(pullRequest, marker, body);
      return outcome === "unchanged" && attempt > 1 ? "created" : outcome;
    } catch (error) {
      const isRetriable = error instanceof ForgeError && (error.status === 0 || error.status >= 500) && error.message.startsWith("POST");
      if (!isRetriable || attempt === 3) throw error;
      await pause(1000 * attempt);
    }
  }
}
