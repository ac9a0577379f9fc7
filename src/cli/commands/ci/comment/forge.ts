import { ForgeError } from "../forge-api";
import type { Dialect } from "./markdown";

/** A comment on a pull request. */
export interface Comment {
  readonly id: string;
  readonly body: string;
  /** Whether who comments here wrote it; others' are never edited. */
  readonly own: boolean;
}

/** A pull request on a forge, where comments are. */
export interface PullRequest {
  /** One page of its comments, from page 1 on; `undefined` behind the last one. */
  page(number: number): Promise<readonly Comment[] | undefined>;
  create(body: string): Promise<void>;
  update(id: string, body: string): Promise<void>;
}

/** The forge that runs this, and its pull request. */
export interface Forge {
  /** `GitHub`. */
  readonly name: string;
  readonly dialect: Dialect;
  /** The commit that is built. */
  readonly commit?: string;
  /** A file that the forge shows as the run's summary. */
  readonly summary?: string;
  /** Where to comment. Missing where that cannot be, and `why` says why. */
  readonly pullRequest?: PullRequest;
  readonly why?: string;
}

/** What became of a comment. */
export type Outcome = "created" | "updated" | "unchanged";

/** Writes a stack's comment, in place of the one that is there. `marker` is its first line; comments of those ids are somebody else's. */
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
  // Forges store line ends and the end of a text in their own ways.
  if (normal(old.body) === normal(body)) return "unchanged";
  try {
    await pullRequest.update(old.id, body);
    return "updated";
  } catch (error) {
    if (!(error instanceof ForgeError && error.status === 403)) throw error;
    // Whose it is the forge did not tell, and now has: anybody may copy the mark.
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
