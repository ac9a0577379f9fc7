import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compose } from "../../../src/cli/commands/ci/comment/compose";
import type { Dialect } from "../../../src/cli/commands/ci/comment/markdown";
import { readPlan } from "../../../src/cli/commands/ci/comment/plan";
import type { DriftReport } from "../../../src/cli/shared/drift-report";

const github: Dialect = { limit: 65_536, folds: true, draws: true };
const plan = readPlan(readFileSync(join(import.meta.dirname, "../../fixtures/previews/same.json"), "utf8"), "same.json");

it("claims nothing about drift that the check does not know", () => {
  const hello = { urn: "u", type: "Conversation", name: "hello", id: "IS/CH", properties: [] };
  const none = { stack: "dev", drift: true, drifted: [], undeployed: [], closed: [], unseen: [], leftAlone: [], warnings: [] };
  const commentOn = (drift: Partial<DriftReport>) => compose({ plan: plan, drift: { ...none, ...drift } }, github);
  expect(commentOn({ undeployed: [{ ...hello, gone: true }] })).toContain(
    "**Drift:** none in what the state contains; the preview shows what it lacks.",
  );
  expect(commentOn({ drift: false, closed: [hello] })).toContain(
    "**Drift:** none. Closed at Twilio, so nobody can write to it: Conversation `hello`.",
  );
  const adopted = commentOn({ drifted: [{ ...hello, gone: true, adopted: true }] });
  expect(adopted).toContain("<summary>Drift: 1 gone</summary>");
  expect(adopted).toContain("| Conversation `hello` |  | gone at Twilio; created if `adopt` is removed |");
  const closed = { ...hello, gone: false, properties: [{ property: "friendlyName", repair: "refuse" as const }] };
  expect(commentOn({ drifted: [closed] })).toContain("<summary>Drift: 1 changed</summary>");
});
