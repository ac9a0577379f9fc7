import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";

const folder = join(import.meta.dirname, "..", "..", ".github", "ISSUE_TEMPLATE");
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const forms = readdirSync(folder).filter((name) => name !== "config.yml");

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly {
    readonly type: string;
    readonly id?: string;
    readonly attributes: { readonly label?: string; readonly value?: string };
  }[];
}

it.each(forms)("%s is a form that GitHub accepts: a name, a description, and questions with labels and ids of their own", (file) => {
  const { name, description, body } = parse(read(file)) as Form;
  expect([name, description]).toEqual([expect.any(String), expect.any(String)]);
  const questions = body.filter(({ type }) => type !== "markdown");
  expect(questions.length).toBeGreaterThan(1);
  for (const { type, id, attributes } of questions) {
    expect(["textarea", "input", "dropdown", "checkboxes"]).toContain(type);
    expect([id, attributes.label]).toEqual([expect.stringMatching(/^[a-z-]+$/), expect.any(String)]);
  }
  expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
});

it("reports of security problems are led to the private way, and there is no form without questions", () => {
  expect(parse(read("config.yml"))).toEqual({ blank_issues_enabled: false });
  expect(read("bug.yml")).toContain("Report a security problem privately instead, as SECURITY.md says.");
});
