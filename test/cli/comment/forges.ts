import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A comment in a fake forge. */
export interface StoredComment {
  readonly id: number;
  readonly author: string;
  body: string;
}

/** The comments API of a forge, according to the forge's documentation. It accepts one token. */
export interface FakeForge {
  readonly url: string;
  readonly comments: StoredComment[];
  /** Method and path of each request. */
  readonly requests: string[];
  /** Adds a comment by a user. */
  add(author: string, body: string): void;
  /** From now on, the token may edit the comments of others. */
  permitAll(): void;
  /** Answers the next matching requests with this status; carries them out or not. */
  fail(line: RegExp, status: number, options?: { times?: number; carriedOut?: boolean; headers?: Record<string, string> }): void;
  close(): Promise<void>;
}

type Kind = "GitHub" | "GitLab" | "Bitbucket";

/** The user of the token. */
export const ME = "github-actions[bot]";
export const TOKEN = "a-token-that-nobody-may-see";

interface Failure {
  readonly line: RegExp;
  readonly status: number;
  times: number;
  readonly carriedOut: boolean;
  readonly headers: Record<string, string>;
}

export async function startForge(kind: Kind): Promise<FakeForge> {
  const comments: StoredComment[] = [];
  const requests: string[] = [];
  const failures: Failure[] = [];
  let last = 0;
  let mayEditAll = false;
  const add = (author: string, body: string) => {
    last += 1;
    comments.push({ id: last, author, body });
    return comments.at(-1) as StoredComment;
  };
  const shown: Shown = { GitHub: onGitHub, GitLab: onGitLab, Bitbucket: onBitbucket }[kind];
  const collection = {
    GitHub: "/repos/acme/shop/issues/7/comments",
    GitLab: "/projects/42/merge_requests/7/notes",
    Bitbucket: "/repositories/acme/shop/pullrequests/7/comments",
  }[kind];
  const item = kind === "GitHub" ? "/repos/acme/shop/issues/comments" : collection;
  const change = kind === "GitHub" ? "PATCH" : "PUT";

  function answer(method: string, url: URL, sent: { body?: string; content?: { raw: string } }): [number, unknown] {
    const text = sent.body ?? sent.content?.raw ?? "";
    if (url.pathname === "/user") return kind === "GitHub" ? [403, { message: "Resource not accessible by integration" }] : [200, shown.me];
    if (method === "GET" && url.pathname === collection) {
      const size = Number(url.searchParams.get("per_page") ?? url.searchParams.get("pagelen") ?? 20);
      const page = comments.slice((Number(url.searchParams.get("page") ?? 1) - 1) * size).slice(0, size);
      return [200, shown.list(page.map(shown.one))];
    }
    if (method === "POST" && url.pathname === collection) return [201, shown.one(add(ME, text))];
    const one = comments.find(({ id }) => url.pathname === `${item}/${id}`);
    if (method !== change || !one) return [404, { message: "Not Found" }];
    if (one.author !== ME && !mayEditAll) return [403, { message: "Forbidden" }];
    one.body = text;
    return [200, shown.one(one)];
  }

  const server: Server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://forge");
    const line = `${request.method} ${url.pathname}${url.search}`;
    requests.push(line);
    const sent = await read(request);
    const reply = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    const given = kind === "GitLab" ? request.headers["private-token"] : request.headers.authorization?.replace(/^Bearer /, "");
    if (given !== TOKEN) return reply(401, { message: `Bad credentials: ${given}` });
    const failure = failures.find((one) => one.times > 0 && one.line.test(line));
    if (failure) {
      failure.times -= 1;
      if (failure.carriedOut) answer(request.method ?? "", url, sent);
      return reply(failure.status, { message: `no luck with ${given}` }, failure.headers);
    }
    const [status, body] = answer(request.method ?? "", url, sent);
    return reply(status, body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments,
    requests,
    add,
    permitAll() {
      mayEditAll = true;
    },
    fail: (line, status, { times = 1, carriedOut = false, headers = { "retry-after": "0" } } = {}) =>
      void failures.push({ line, status, times, carriedOut, headers }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function read(request: IncomingMessage): Promise<{ body?: string; content?: { raw: string } }> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text === "" ? {} : JSON.parse(text);
}

/** How a forge returns the token's user, a comment, and a page of comments. */
interface Shown {
  readonly me: unknown;
  one(comment: StoredComment): unknown;
  list(page: unknown[]): unknown;
}

const onGitHub: Shown = {
  me: undefined,
  one: ({ id, author, body }: StoredComment) => ({ id, body, user: { login: author, type: author.endsWith("[bot]") ? "Bot" : "User" } }),
  list: (page) => page,
};
const onGitLab: Shown = {
  me: { id: 1, username: ME },
  one: ({ id, author, body }: StoredComment) => ({ id, body, author: { id: author === ME ? 1 : 2, username: author } }),
  list: (page) => page,
};
const onBitbucket: Shown = {
  me: { uuid: `{${ME}}` },
  one: ({ id, author, body }: StoredComment) => ({ id, deleted: false, content: { raw: body }, user: { uuid: `{${author}}` } }),
  list: (page) => ({ values: page }),
};
