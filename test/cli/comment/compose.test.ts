import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compose } from "../../../src/cli/commands/ci/comment/compose";
import { costOf } from "../../../src/cli/commands/ci/comment/cost";
import type { Dialect } from "../../../src/cli/commands/ci/comment/markdown";
import { readPlan } from "../../../src/cli/commands/ci/comment/plan";
import { readPolicies } from "../../../src/cli/commands/ci/comment/policy";
import type { Digest, Step } from "../../../src/cli/shared/steps";
import { unknownSentinel } from "../../../src/core/lifecycle/props";

const github: Dialect = { limit: 65_536, folds: true, draws: true };
const recorded = (name: string) => readFileSync(join(import.meta.dirname, "../../fixtures/previews", name), "utf8");
const planOf = (name: string) => readPlan(recorded(name), name);
const commentOf = (name: string, dialect = github) => compose({ plan: planOf(name) }, dialect);
/** The cells of a table, row by row. */
const rowsOf = (comment: string) =>
  comment.split("\n").flatMap((line) =>
    line.startsWith("| ") && !line.startsWith("| ---")
      ? [
          line
            .slice(2, -2)
            .split(" | ")
            .map((cell) => cell.trim()),
        ]
      : [],
  );

/** A recorded preview in which `change` modifies one resource. */
function varied(change: (step: Step & { newState: { inputs: Record<string, unknown> } }) => void, name = "hello"): string {
  const digest = JSON.parse(recorded("change.json")) as Digest;
  const step = digest.steps.find(({ urn }) => urn.endsWith(`::${name}`));
  change(step as Parameters<typeof change>[0]);
  return JSON.stringify(digest);
}

describe("a comment on a preview of the real engine", () => {
  it("starts with a summary in words, and then marks what cannot be undone", () => {
    const lines = commentOf("change.json").split("\n").filter(Boolean);
    expect(lines.slice(0, 5)).toEqual([
      '[//]: # "twilio-conversations project/dev"',
      "### Preview: `project/dev`",
      "**1 phone number released, 1 participant replaced, 1 participant deleted, 1 phone number left in the account, 1 phone number bought, 2 conversations changed.**",
      "- ⚠️ **Released:** `+13125559662` of PhoneNumber `front-desk` returns to Twilio; it can be bought back for at most ten days.",
      "- ⚠️ **Replaced:** Participant `mobile`, because of `sms`.",
    ]);
  });

  it("a number that the engine retains is not released", () => {
    const digest = JSON.parse(recorded("change.json")) as Digest;
    const step = digest.steps.find(({ op, urn }) => op === "delete" && urn.endsWith("::front-desk"));
    Object.assign(step?.oldState ?? {}, { retainOnDelete: true });
    const comment = compose({ plan: readPlan(JSON.stringify(digest), "change.json") }, github);
    expect(comment).not.toContain("**Released:**");
    expect(comment).toMatch(/\*\*.*2 phone numbers left in the account/);
    expect(rowsOf(comment)).toContainEqual(["👋 leave", "PhoneNumber `front-desk`", "", '`"+13125559662"`']);
  });

  it("has one row for each changed property, with old and new value, and one for each created or deleted resource", () => {
    const rows = rowsOf(commentOf("change.json")).slice(1, 11);
    expect(rows.map((row) => row.slice(0, 3))).toEqual([
      ["🗑️ delete ⚠️", "PhoneNumber `front-desk`", ""],
      ["♻️ replace", "Participant `mobile`", "`sms.proxyAddress`"],
      ["🗑️ delete", "Participant `pineapple`", ""],
      ["👋 leave", "PhoneNumber `back-office`", ""],
      ["➕ create", "PhoneNumber `sales-desk`", ""],
      ["✏️ change", "Conversation `hello`", "`attributes.color`"],
      ["", "", "`attributes.key`"],
      ["", "", "`friendlyName`"],
      ["", "", "`timers.closed`"],
      ["✏️ change", "Conversation `secret`", "`friendlyName`"],
    ]);
    expect(rows[1]?.[3]).toBe('`"+13125559662"` → `"+16125552693"`');
    expect(rows[8]?.[3]).toBe('`"P7D"` → `"P8D"`');
  });

  it("masks changed secrets, and leaves out the engine's own properties", () => {
    const comment = commentOf("change.json");
    expect(comment).toContain("| `attributes.key` | `[secret]` → `[secret]` |");
    for (const hidden of ["hush", "psst", "Sshh", "Louder", "__provider", "__urn", "module.exports"]) expect(comment).not.toContain(hidden);
  });

  it("says that nothing changes, without tables", () => {
    const comment = commentOf("same.json");
    expect(comment).toContain("**Nothing changes.**");
    expect(rowsOf(comment)).toEqual([]);
    expect(comment).not.toContain("⚠️");
  });

  it("reports a failed preview with the reason, without costs and without a graph of half a stack", () => {
    const comment = commentOf("failed.json");
    expect(comment).toContain("**The preview failed.**");
    expect(comment).toMatch(/^- ❌ .*timers\.closed.*"soon" is not an ISO 8601 duration/m);
    expect(comment).not.toMatch(/mermaid|a month/);
  });

  it("shows unknown values in words", () => {
    const comment = commentOf("create.json");
    expect(comment).toContain("| `conversation` | `(known after up)` |");
    expect(comment).not.toContain(unknownSentinel);
  });
});

describe("the monthly cost", () => {
  it("adds up the prices in the preview of the numbers to buy", () => {
    expect(costOf(planOf("create.json"))).toEqual({
      before: { numbers: 0, amounts: {}, unpriced: 0 },
      after: { numbers: 2, amounts: { USD: 2.3 }, unpriced: 0 },
      kept: 0,
    });
    expect(commentOf("create.json")).toContain("**Numbers, a month:** nothing, no number → 2.30 USD (2 numbers).");
  });

  it("assumes the price of a new number for an existing one, and counts numbers that leave the stack without being released", () => {
    expect(costOf(planOf("change.json"))).toEqual({
      before: { numbers: 2, amounts: { USD: 2.3 }, unpriced: 0 },
      after: { numbers: 2, amounts: { USD: 2.3 }, unpriced: 0 },
      kept: 1,
    });
    expect(commentOf("change.json")).toContain("One number leaves the stack and stays in the account, at its price.");
  });

  it("shows unknown prices, and uses the prices from Twilio", () => {
    const plan = planOf("same.json");
    expect(costOf(plan).before).toEqual({ numbers: 2, amounts: {}, unpriced: 2 });
    const asked = new Map([["US local", { amount: 1.15, currency: "USD" }]]);
    expect(costOf(plan, asked).after).toEqual({ numbers: 2, amounts: { USD: 2.3 }, unpriced: 0 });
    expect(compose({ plan, prices: asked }, github)).toContain("2.30 USD (2 numbers)");
    expect(compose({ plan, prices: new Map() }, github)).toContain("2 without a known price (2 numbers)");
  });

  it("warns of missing numbers only if the preview omits unchanged resources", () => {
    const note = "the preview was run without `--show-sames`";
    expect(commentOf("change-without-sames.json")).toContain(note);
    expect(commentOf("change.json")).not.toContain(note);
  });
});

describe("values from elsewhere", () => {
  it("are plain text in the headline too, which contains type names of other packages", () => {
    const digest = JSON.parse(recorded("create.json")) as Digest;
    const token = "shop:index:@org/team [x](//evil.example) <img src=x>";
    const step = { op: "create", urn: `urn:pulumi:dev::project::${token}::it`, newState: {} } as Step;
    const text = JSON.stringify({ ...digest, steps: [...digest.steps, step] });
    const comment = compose({ plan: readPlan(text, "varied") }, github);
    expect(comment).toContain("team");
    expect(comment).not.toMatch(/@org|\]\(|<img/);
  });

  it("are not HTML, Markdown or a mention, and end no cell", () => {
    const comment = commentOf("change.json");
    // As code, fenced with more backticks than it contains, its bar escaped, the mention broken by a zero-width character.
    expect(comment).toContain('`"Hello"` → ``"<img src=x> @\u200ball \\| [x](http://evil.example) `y`"``');
  });

  it.each([
    ["a line break", "a\n\n# b", '`"a\\n\\n# b"`'],
    ["many backticks", "```\n", '````"```\\n"````'],
    ["a backslash before a bar", "a\\|b", '`"a\\\\\u200b\\|b"`'],
    ["a mention of a team", "@org/team", '`"@\u200borg/team"`'],
    ["a change of the writing direction", "a\u202eb", '`"a\\u202eb"`'],
    ["an object", { a: ["<b>"] }, '`{"a":["<b>"]}`'],
    ["a long value", "x".repeat(1000), `\`"${"x".repeat(159)}…\``],
  ])("%s", (_what, value, shown) => {
    const text = varied(({ newState }) => {
      newState.inputs.friendlyName = value;
    });
    const line = compose({ plan: readPlan(text, "varied") }, github)
      .split("\n")
      .find((row) => row.includes("`friendlyName`"));
    expect(line).toBe(`|  |  | \`friendlyName\` | \`"Hello"\` → ${shown} |`);
  });

  it("are harmless in names of resources and in texts of policies and errors too", () => {
    const digest = JSON.parse(recorded("failed.json")) as { diagnostics: unknown[] };
    digest.diagnostics.push({
      severity: "error",
      message: "error: <script> @somebody #1 [a](https://evil.example) | `x` www.evil.example\n",
    });
    const violations = [{ policy: "a|b`", level: "mandatory", resource: "Conversation x@y", message: "see <b> @all\n|" }];
    const comment = compose({ plan: readPlan(JSON.stringify(digest), "f"), violations }, github);
    expect(comment).toContain(
      "- ❌ &lt;script\\> @\u200bsomebody \\#\u200b1 \\[a\\]\\(https:\u200b//evil.example\\) \\| \\`x\\` www\u200b.evil.example\n",
    );
    expect(comment).toContain("| ❌ mandatory | `` a\\|b` `` | `Conversation x@\u200by` | see &lt;b\\> @\u200ball \\| |");
  });

  it("do not end the graph or a label in it", () => {
    const text = recorded("change.json").replaceAll("::sales-desk", '::```\\"]; click <x>');
    const { 1: drawing } = /```mermaid\n([\s\S]*?)\n```\n/.exec(compose({ plan: readPlan(text, "f") }, github)) ?? [];
    expect(drawing).toContain('[["+ +16125552693<br>#96;#96;#96;#34;#93;#59; click #60;x#62;"]]:::create');
    expect(drawing?.trimEnd().split("\n").at(-1)).toMatch(/^ {2}classDef /);
  });
});

describe("policies and drift", () => {
  const { stack, violations } = readPolicies(recorded("policy-events.jsonl"), "events");

  it("reads the violations from the event log, those that stop the deployment first", () => {
    expect(stack).toBe("dev");
    expect(violations).toEqual([
      {
        policy: "keep-numbers",
        level: "mandatory",
        resource: "PhoneNumber sales-desk",
        message: 'Numbers are kept: set onDelete to "retain".',
      },
      {
        policy: "set-timers",
        level: "advisory",
        resource: "Conversation secret",
        message: "Set timers.closed, or it stays open for ever.",
      },
    ]);
    const comment = compose({ plan: planOf("change.json"), violations }, github);
    expect(comment).toContain("- ❌ **1 violation of a mandatory policy stops the deployment.**");
    expect(rowsOf(comment)).toContainEqual([
      "❌ mandatory",
      "`keep-numbers`",
      "`PhoneNumber sales-desk`",
      'Numbers are kept: set onDelete to "retain".',
    ]);
  });

  it("says that there are no violations if policies were checked, and nothing otherwise", () => {
    expect(compose({ plan: planOf("same.json"), violations: [] }, github)).toContain("**Policies:** no violations.");
    expect(commentOf("same.json")).not.toContain("Policies");
  });

  it("shows drift by property, says that there is none, and shows nothing if drift was not checked", () => {
    const hello = {
      urn: "urn:pulumi:dev::project::pulumi-nodejs:twilio/conversations:Conversation::hello",
      type: "Conversation",
      name: "hello",
      id: "IS/CH",
    };
    const none = { stack: "dev", drift: false, drifted: [], undeployed: [], closed: [], unseen: [], leftAlone: [], warnings: [] };
    const drifted = [
      { ...hello, gone: false, properties: [{ property: "friendlyName", declared: "Hello", actual: "<b>", repair: "update" as const }] },
      { ...hello, type: "Participant", name: "pineapple", gone: true, properties: [] },
      { ...hello, type: "Bucket", name: "files", gone: false, properties: [] },
    ];
    const comment = compose({ plan: planOf("same.json"), drift: { ...none, drift: true, drifted } }, github);
    expect(comment).toContain("<summary>Drift: 2 changed, 1 gone; pulumi up --refresh resets it</summary>");
    expect(rowsOf(comment)).toContainEqual(["Conversation `hello`", "`friendlyName`", '`"Hello"`, at Twilio `"<b>"`']);
    expect(rowsOf(comment)).toContainEqual(["Participant `pineapple`", "", "gone at Twilio"]);
    expect(rowsOf(comment)).toContainEqual(["Bucket `files`", "", "changed"]);
    expect(compose({ plan: planOf("same.json"), drift: none }, github)).toContain("**Drift:** none.");
    expect(commentOf("same.json")).not.toContain("Drift");
  });
});

describe("the differences between forges", () => {
  it("Bitbucket gets no folded sections, no graph and no HTML", () => {
    const comment = commentOf("change.json", { limit: 32_768, folds: false, draws: false });
    expect(comment).not.toMatch(/<\/?(details|summary)|mermaid/);
    expect(comment).toContain("**All properties of created, replaced and deleted resources**");
  });

  /** A preview with many changed conversations. */
  function large(count: number): string {
    const digest = JSON.parse(recorded("change.json")) as { steps: Step[] };
    const hello = digest.steps.find(({ urn }) => urn.endsWith("::hello")) as Step;
    for (let index = 0; index < count; index += 1) digest.steps.push({ ...hello, urn: `${hello.urn}-ä${index}` });
    return JSON.stringify(digest);
  }

  it.each([65_536, 32_768])("a comment never exceeds %i bytes: it leaves out rows, says how many, and keeps what matters", (limit) => {
    const comment = compose({ plan: readPlan(large(1000), "large") }, { ...github, limit });
    expect(Buffer.byteLength(comment)).toBeLessThanOrEqual(limit);
    expect(Buffer.byteLength(comment)).toBeGreaterThan(limit * 0.9);
    expect(comment).toContain("**Released:**");
    expect(comment).toContain("1002 conversations changed");
    expect(comment).toMatch(/_\d{4} lines are left out, because a comment here has a maximum length\./);
    expect((comment.match(/<details>/g) ?? []).length).toBe((comment.match(/<\/details>/g) ?? []).length);
  });

  it("draws what changes and its neighbors, up to a legible size", () => {
    const comment = compose({ plan: readPlan(large(100), "large") }, { ...github, limit: 1_000_000 });
    const drawn = (comment.match(/^ +(subgraph )?n\d+[([]/gm) ?? []).length;
    expect(drawn).toBeGreaterThanOrEqual(60);
    expect(drawn).toBeLessThan(70);
    expect(comment).toContain(`\nThe graph omits ${108 - drawn} more.\n`);
  });

  it("draws the hierarchy and the numbers, also when no id is known yet", () => {
    const { 1: drawing = "" } = /```mermaid\n([\s\S]*?)\n```\n/.exec(commentOf("create.json")) ?? [];
    const id = (label: string) => /^ +(?:subgraph )?(n\d+)/.exec(drawing.split("\n").find((line) => line.includes(label)) ?? "")?.[1];
    const service = drawing.slice(drawing.indexOf(`subgraph ${id("support")}`), drawing.indexOf("  end"));
    for (const name of ["hello", "pineapple", "mobile"]) expect(service).toContain(`    ${id(name)}`);
    expect(drawing).toContain(`  ${id("hello")} --> ${id("pineapple")}\n`);
    expect(drawing).toContain(`  ${id("front-desk")} --> ${id("hello")}\n`);
  });
});
