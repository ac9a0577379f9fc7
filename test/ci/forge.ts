import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Issue {
  readonly title: string;
  text: string;
  open: boolean;
  readonly label: string;
}

/** The part of GitHub's and GitLab's issues API that `ci issue` uses. */
export interface Forge {
  readonly issues: Issue[];
  /** The number of requests to refuse with 429. */
  busy: number;
  /** The environment of their pipelines. */
  readonly env: Readonly<Record<"github" | "gitlab", Record<string, string>>>;
  close(): void;
}

export async function openForge(token: string): Promise<Forge> {
  const issues: Issue[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://forge");
    const [, forge, id] = /^\/(github\/repos\/team\/chat|gitlab\/projects\/7)\/issues(?:\/(\d+))?$/.exec(pathname) ?? [];
    const isGitHub = forge?.startsWith("github");
    const authorized = isGitHub ? request.headers.authorization === `Bearer ${token}` : request.headers["private-token"] === token;
    let text = "";
    for await (const part of request) text += part;
    const body = text ? JSON.parse(text) : {};
    const show = (issue: Issue) => ({
      title: issue.title,
      [isGitHub ? "number" : "iid"]: issues.indexOf(issue) + 1,
      [isGitHub ? "html_url" : "web_url"]: `https://forge/${issues.indexOf(issue) + 1}`,
    });
    const answer = (status: number, value: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (self.busy-- > 0) return response.writeHead(429, { "retry-after": "0" }).end();
    if (!forge || !authorized) return answer(401, { message: "Bad credentials" });
    if (request.method === "GET") {
      const open = searchParams.get("state") === (isGitHub ? "open" : "opened");
      const [page, size] = [Number(searchParams.get("page")), Number(searchParams.get("per_page"))];
      const found = issues.filter((issue) => issue.open === open && issue.label === searchParams.get("labels"));
      return answer(200, found.slice((page - 1) * size, page * size).map(show));
    }
    if (request.method === "POST") {
      const issue = { title: body.title, text: body.body ?? body.description, open: true, label: [body.labels].flat().join() };
      issues.push(issue);
      return answer(201, show(issue));
    }
    const issue = issues[Number(id) - 1];
    if (!issue || request.method !== (isGitHub ? "PATCH" : "PUT")) return answer(404, { message: "Not Found" });
    issue.text = body.body ?? body.description ?? issue.text;
    if (body.state === "closed" || body.state_event === "close") issue.open = false;
    return answer(200, show(issue));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const self: Forge = {
    issues,
    busy: 0,
    env: {
      github: { GITHUB_ACTIONS: "true", GITHUB_TOKEN: token, GITHUB_REPOSITORY: "team/chat", GITHUB_API_URL: `${url}/github` },
      gitlab: { GITLAB_CI: "true", GITLAB_TOKEN: token, CI_PROJECT_ID: "7", CI_API_V4_URL: `${url}/gitlab` },
    },
    close: () => void server.close(),
  };
  return self;
}
