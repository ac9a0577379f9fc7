import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compose } from "../../../src/cli/commands/ci/comment/compose";
import { readPlan } from "../../../src/cli/commands/ci/comment/plan";
import { maskSecretUrls } from "../../../src/cli/shared/secrets";
import type { Digest } from "../../../src/cli/shared/steps";

const dialect = { limit: 1_000_000, folds: true, draws: true };
const urls = ["https://user:canary@example.com/sms", "https://example.com/hook?token=canary", "HTTPS://example.com/?a=1&api_key=canary#x"];
const open = "https://example.com/hook?page=1";

it("a comment masks each URL with a password or a token, in values, in objects and in messages", () => {
  const digest = JSON.parse(readFileSync(join(import.meta.dirname, "../../fixtures/previews/change.json"), "utf8")) as Digest;
  const step = digest.steps.find(({ urn }) => urn.endsWith("::hello"));
  Object.assign(step?.newState?.inputs ?? {}, {
    friendlyName: `call ${urls[0]} or ${urls[1]}`,
    attributes: { urls, nested: { url: urls[2], open } },
  });
  Object.assign(step ?? {}, { detailedDiff: { friendlyName: { kind: "update" }, attributes: { kind: "update" } } });
  const messages = ["warning", "error"].map((severity) => ({ severity, message: `cannot call ${urls.join(" and ")}` }));
  const violations = [{ level: "mandatory", name: "webhooks", message: `${urls[0]} is plain`, resource: "x" }] as never;
  for (const diagnostics of [[], messages]) {
    const plan = readPlan(JSON.stringify({ ...digest, diagnostics }), "x");
    const comment = compose({ plan, violations }, dialect);
    expect(comment.split("\n").filter((line) => line.includes("canary"))).toEqual([]);
    expect(comment.split("[secret]").length).toBeGreaterThan(4);
    expect(comment).toContain("page=1");
  }
});

it("a URL in a text is masked as a whole, and other URLs stay", () => {
  expect(maskSecretUrls(`a ${urls[0]} b "${urls[1]}" c ${open}, d`)).toBe(`a [secret] b "[secret]" c ${open}, d`);
});
