import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { catalog } from "../../src/catalog";
import { resourceName } from "../../src/core/lifecycle/check";
import { coverageOf } from "../../tools/coverage/coverage.mts";
import { exceptions, lookUps } from "../../tools/coverage/entries.mts";
import { coveragePage, problems } from "../../tools/coverage/main.mts";
import { type Part, parts } from "../../tools/coverage/published.mts";
import { type Args, call, lookUpTests } from "../support/look-ups";

const root = join(import.meta.dirname, "..", "..");
const page = readFileSync(join(root, "docs", "coverage.md"), "utf8");
const rows = [...page.matchAll(/^\| `(\/\S+)` \| ([A-Z ]+) \| (.+) \|$/gm)].map(([, path, methods, by]) => ({
  path,
  methods,
  by: by ?? "",
}));

it("every path has a resource, a look-up or an exception with a reason, and no exception or look-up is stale", () => {
  expect(problems, "correct tools/coverage/entries.mts").toEqual([]);
});

it("docs/coverage.md is what the tool writes", () => {
  const { actual, expected } = coveragePage();
  expect(actual, "run `npm run docs`").toBe(expected);
});

it("docs/coverage.md has every path and method of Conversations v1, and every resource of the catalog", () => {
  const folder = dirname(createRequire(import.meta.url).resolve("@twilio/cli-core/package.json"));
  const spec = readFileSync(join(folder, "src/services/twilio-api/twilio_conversations_v1.json"), "utf8");
  const { paths } = JSON.parse(spec) as { paths: Record<string, Record<string, unknown>> };
  for (const [path, operations] of Object.entries(paths)) {
    const row = rows.find((one) => one.path === path);
    expect(row?.methods?.toLowerCase().split(" ").sort(), path).toEqual(
      Object.keys(operations)
        .filter((key) => ["get", "post", "delete"].includes(key))
        .sort(),
    );
    expect(row?.by, path).toMatch(/^(\[`|look-up `|not covered: .{10})/);
  }
  const shown = new Set(rows.flatMap(({ by }) => [...by.matchAll(/\[`(\w+)`\]/g)].map(([, name]) => name)));
  expect([...shown].sort()).toEqual(catalog.map(resourceName).sort());
});

const [conversations] = parts as [Part];

it.each<[what: string, entries: Parameters<typeof coverageOf>[1], problem: string]>([
  [
    "a path without an entry",
    { lookUps, exceptions: {} },
    "conversations /v1/Services/{ChatServiceSid}/Bindings has no resource, look-up or exception",
  ],
  [
    "an exception for a path that has a resource",
    { lookUps, exceptions: { ...exceptions, "conversations /v1/Roles": "nobody needs it" } },
    "the exception for conversations /v1/Roles is stale",
  ],
  [
    "an exception for a path that is not published",
    { lookUps, exceptions: { ...exceptions, "conversations /v1/Nothing": "nobody needs it" } },
    "the exception for conversations /v1/Nothing is stale",
  ],
  [
    "a look-up of a path that has a resource",
    { lookUps: { ...lookUps, "conversations /v1/Users": ["getUsers"] }, exceptions },
    "the look-up of conversations /v1/Users is stale",
  ],
])("%s is a problem", (_what, entries, problem) => {
  expect(coverageOf(conversations, entries).problems).toContain(problem);
});

const tests = lookUpTests();

const args: Record<string, (path: string) => Args> = {
  getParticipantConversations: () => ({ service: tests.fixture.service, identity: "ada" }),
  getAvailablePhoneNumbers: (path) =>
    path.includes("/Mobile")
      ? { country: "GB", type: "mobile" }
      : { country: "US", type: path.includes("/TollFree") ? "toll-free" : "local" },
  getPhoneNumberPrices: () => ({ country: "US" }),
};

it.each(Object.entries(lookUps).flatMap(([key, names]) => names.map((name) => [key, name] as const)))(
  "%s is read by %s",
  async (key, name) => {
    const [product, path = ""] = key.split(" ");
    await call(name, args[name]?.(path) ?? {});
    const template = new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`);
    const read = tests.twilio.requests().filter((one) => one.product === product && template.test(one.path));
    expect(read.map(({ method }) => method)).toContain("get");
  },
);
