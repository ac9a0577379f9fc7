import { join } from "node:path";
import { expect, it } from "vitest";
import { compose } from "../../../src/cli/commands/ci/comment/compose";
import { gather } from "../../../src/cli/commands/ci/comment/gather";

const files = { preview: [join(import.meta.dirname, "../../fixtures/previews/change.json")], policy: [], drift: [] };
const dialect = { limit: 65_536, folds: true, draws: true };
/** The lines above the first table. */
const linesAtTheTop = (comment: string) => comment.slice(0, comment.indexOf("\n| ")).split("\n");

it("says at the top that policies were not checked, why, and the fix", async () => {
  const [facts] = await gather({ ...files, uncheckedPolicies: "the host <b>cannot</b>; fix: install a newer one" });
  expect(linesAtTheTop(compose(facts as typeof facts & {}, dialect))).toContain(
    "- ⚠️ **Policies were not checked**, because the host &lt;b\\>cannot&lt;/b\\>; fix: install a newer one",
  );
});

it("says nothing about policies if there are none", async () => {
  const [facts] = await gather(files);
  expect(compose(facts as typeof facts & {}, dialect)).not.toMatch(/polic/i);
});
