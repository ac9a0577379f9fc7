import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

/** All files below a folder, without installed and generated ones. */
function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name === "node_modules") return [];
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

const docs = filesIn("docs").filter((path) => path.endsWith(".md"));
const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "AGENTS.md", "llms.txt", ...docs, "examples/fleet/README.md"];

/** The text without code blocks and code spans, whose brackets are not links. */
const withoutCode = (markdown: string) => markdown.replace(/^ *```[\s\S]*?^ *```/gm, "").replace(/`[^`\n]*`/g, "code");

/** The relative links of a page: images included, other sites not. */
const linksIn = (markdown: string) =>
  [...withoutCode(markdown).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));

/** The anchors of a page's headings, as GitHub builds them. */
function anchorsIn(markdown: string): string[] {
  const headings = [...markdown.replace(/^ *```[\s\S]*?^ *```/gm, "").matchAll(/^#{1,6} +(.+)$/gm)];
  return headings.map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replace(/\s/g, "-"),
  );
}

/** What is wrong with a link; `undefined` if it resolves. */
function problemWith(page: string, target: string): string | undefined {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (!existsSync(join(root, file))) return `${page}: ${target}: there is no file ${file}`;
  if (anchor === undefined || !statSync(join(root, file)).isFile()) return undefined;
  return anchorsIn(read(file)).includes(anchor) ? undefined : `${page}: ${target}: ${file} has no heading #${anchor}`;
}

describe("the documents", () => {
  it("README.md has at most 120 lines", () => {
    expect(read("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(120);
  });

  it.each(pages)("%s: each relative link resolves to a file and a heading", (page) => {
    expect(linksIn(read(page)).flatMap((target) => problemWith(page, target) ?? [])).toEqual([]);
  });

  it.each([
    ["docs/README.md", "docs"],
    ["docs/decisions/README.md", "docs/decisions"],
    ["docs/reference/README.md", "docs/reference"],
  ])("%s lists every page of its folder", (index, folder) => {
    const listed = linksIn(read(index)).map((target) => join(folder, target));
    const expected = docs.filter((page) => dirname(page) === folder && page !== index);
    expect(expected.filter((page) => !listed.includes(page))).toEqual([]);
  });

  // docs/cli.md is generated from the commands' help.
  it.each([
    ...pages.filter((page) => page !== "docs/cli.md" && page !== "CONTRIBUTING.md"),
    ...["policy", "examples", "templates", ".github", "ci"].flatMap(filesIn),
    ...[".ci/run", ".gitlab-ci.yml", "bitbucket-pipelines.yml", "package.json", "Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.pr.yaml"],
  ])('%s says "emulator", not "local Twilio"', (path) => {
    expect(read(path)).not.toMatch(/local\s+twilio/i);
  });
});

describe("the check of links", () => {
  it.each([
    ["../src/nothing.ts", "there is no file"],
    ["reliability.md#nothing", "has no heading"],
    ["#nothing", "has no heading"],
  ])("finds %s", (target, problem) => expect(problemWith("docs/stacks.md", target)).toContain(problem));

  it("ignores code, other sites and titles of headings in code", () => {
    expect(linksIn("[a](b.md) ![c](d.png) [e](https://example.com) `[f](g)`\n```\n[h](i)\n```\n")).toEqual(["b.md", "d.png"]);
    expect(anchorsIn("# `a`: b, c's\n```sh\n# no\n```\n## What happens when…")).toEqual(["a-b-cs", "what-happens-when"]);
  });
});
