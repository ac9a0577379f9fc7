import { describe, expect, it } from "vitest";
import { catalogEntries } from "../../../src/catalog";
import { compose } from "../../../src/cli/commands/ci/comment/compose";
import { headline } from "../../../src/cli/commands/ci/comment/headline";
import type { Dialect } from "../../../src/cli/commands/ci/comment/markdown";
import { readPlan } from "../../../src/cli/commands/ci/comment/plan";
import { describe as inWords } from "../../../src/cli/commands/drift/report";
import { entryOfClass } from "../../../src/cli/shared/catalog";
import { resourceName } from "../../../src/core/lifecycle/check";

const github: Dialect = { limit: 65_536, folds: true, draws: true };

/** A preview of one change of a resource. */
function planOf(kind: string, op: string, inputs: object = {}, outputs: object = {}) {
  const type = `pulumi-nodejs:${entryOfClass(kind)?.definition.type}`;
  const urn = `urn:pulumi:dev::project::${type}::it`;
  const state = { urn, type, custom: true, inputs, outputs: { ...inputs, ...outputs } };
  const states = op === "create" ? { newState: state } : op === "delete" ? { oldState: state } : { oldState: state, newState: state };
  return readPlan(JSON.stringify({ steps: [{ op, urn, ...states }], changeSummary: { [op]: 1 } }), "a preview");
}
const commentOf = (...change: Parameters<typeof planOf>) => compose({ plan: planOf(...change) }, github);
const reportOf = (type: string) =>
  inWords({
    ...{ stack: "dev", drift: true, undeployed: [], closed: [], unseen: [], leftAlone: [], warnings: [] },
    drifted: [{ urn: "u", type, name: "it", id: "i", gone: true, properties: [] }],
  });

/** What happens to one object: when the program declares it, no longer declares it, and no longer declares what it retains. */
const special: Readonly<Record<string, readonly [string, string, string]>> = {
  PhoneNumber: ["1 phone number bought.", "1 phone number left in the account.", "1 phone number left in the account."],
  MessagingServiceSender: [
    "1 messaging service sender added.",
    "1 messaging service sender removed from its service.",
    "1 messaging service sender left in its service.",
  ],
  ConversationMessage: [
    "1 conversation message sent.",
    "1 conversation message deleted.",
    "1 conversation message left in the conversation.",
  ],
  Subaccount: ["1 subaccount created.", "1 subaccount suspended or left as it is.", "1 subaccount suspended or left as it is."],
};

describe.each(catalogEntries.map(({ definition }) => [resourceName(definition), definition] as const))("%s", (kind, definition) => {
  const noun = kind
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase()
    .replace("api", "API")
    .replace("twiml", "TwiML");

  it("has a headline that says what happens to it", () => {
    const usual = definition.singleton
      ? [`1 ${noun} set.`, `1 ${noun} restored.`, `1 ${noun} left as they are.`]
      : [`1 ${noun} created.`, `1 ${noun} deleted.`, `1 ${noun} deleted.`];
    const [created, deleted, retained] = special[kind] ?? usual;
    expect(headline(planOf(kind, "create"))).toBe(created);
    expect(headline(planOf(kind, "delete"))).toBe(deleted);
    if (special[kind] || definition.singleton) expect(headline(planOf(kind, "delete", { onDelete: "retain" }))).toBe(retained);
  });

  it("has a report of drift that says what an update does where it is gone", () => {
    const remedy = definition.singleton ? "it is set again" : `a new one is ${special[kind]?.[0].match(/\w+(?=\.$)/)?.[0] ?? "created"}`;
    expect(reportOf(kind)).toContain(`the program: ${remedy}`);
  });

  it("is marked as restored only where it is settings", () => {
    expect(commentOf(kind, "delete").includes("↩️ restore")).toBe(definition.singleton === true);
  });
});

it("an object is known by its title, also where that is in a group, and a secret stays one", () => {
  expect(commentOf("Participant", "create", { sms: { address: "+15558675310" } })).toContain(
    '| ➕ create | Participant `it` |  | `"+15558675310"` |',
  );
  expect(commentOf("ConversationWebhook", "create", { webhook: { url: "https://example.com/hook" } })).toContain(
    '`"https://example.com/hook"`',
  );
  expect(commentOf("Participant", "create", { sms: "[secret]" })).toContain("| ➕ create | Participant `it` |  | `[secret]` |");
});

it("what a deletion loses is said, and whether it is refused", () => {
  expect(commentOf("ApiKey", "delete")).toContain("**Deleted:** ApiKey `it`, with all access tokens signed with it.");
  expect(commentOf("Conversation", "delete")).toContain("**Deleted:** Conversation `it`; refused while it contains messages.");
  expect(commentOf("Subaccount", "delete")).not.toContain("Deleted:");
  const closed = commentOf("Subaccount", "delete", { onDelete: "close", forceDestroy: true });
  expect(closed).toContain("**1 subaccount closed.**");
  expect(closed).toContain("**Deleted:** Subaccount `it`, with all numbers and data in it (`forceDestroy`).");
});

it("several of a kind are named in the plural", () => {
  const plan = planOf("ConversationWithParticipants", "create");
  const change = plan.changes[0] as (typeof plan.changes)[number];
  expect(headline({ ...plan, changes: [change, { ...change, urn: `${change.urn}2` }] })).toBe("2 conversations with participants created.");
});
