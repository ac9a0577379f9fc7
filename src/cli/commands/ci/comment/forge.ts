import { ForgeError } from "../forge-api";
import type { Dialect } from "./markdown";

/** A comment on a pull request. */
export interface Comment {
  readonly id: string;
  readonly body: string;
  /** Whether this command's user wrote it. Comments of others are never edited. */
  readonly own: boolean;
}

/** A pull request on a forge. */
export interface PullRequest {
  /** One page of its comments, starting with page 1; `undefined` after the last one. */
  page(number: number): Promise<readonly Comment[] | undefined>;
  create(body: string): Promise<void>;
  update(id: string, body: string): Promise<void>;
}

/** The forge that runs this pipeline, and its pull request. */
export interface Forge {
  /** `GitHub`. */
  readonly name: string;
  readonly dialect: Dialect;
  /** The commit of this run. */
  readonly commit?: string;
  /** A file that the forge shows as the run's summary. */
  readonly summary?: string;
  /** Where to comment. Missing where that is impossible; `why` gives the reason. */
  readonly pullRequest?: PullRequest;
  readonly why?: string;
}

/** What happened to a comment. */
export type Outcome = "created" | "updated" | "unchanged";

/** Creates a stack's comment, or updates the existing one. `marker` is its first line; `others` are the ids of other people's comments. */
export async function upsert(
  pullRequest: PullRequest,
  marker: string,
  body: string,
  others: ReadonlySet<string> = new Set(),
): Promise<Outcome> {
  const old = await find(pullRequest, marker, others);
  if (!old) {
    await pullRequest.create(body);
    return "created";
  }
  // Forges change line ends and trailing white space.
  if (normal(old.body) === normal(body)) return "unchanged";
  try {
    await pullRequest.update(old.id, body);
    return "updated";
  } catch (error) {
    if (!(error instanceof ForgeError && error.status === 403)) throw error;
    // Somebody else wrote it: anybody may copy the marker.
    return upsert(pullRequest, marker, body, new Set([...others, old.id]));
  }
}

async function find(pullRequest: PullRequest, marker: string, others: ReadonlySet<string>): Promise<Comment | undefined> {
  for (let number = 1; ; number += 1) {
    const comments = await pullRequest.page(number);
    if (comments === undefined) return undefined;
    const found = comments.find(({ id, own, body }) => own && !others.has(id) && normal(body).split("\n")[0] === marker);
    if (found) return found;
  }
}

const normal = (body: string): string => body.replaceAll("\r\n", "\n").trim();
