import { describe, expect, it } from "vitest";
import { type Action, creationTable, decide, type Evidence, type Found, type Situation } from "../../src/core/lifecycle/creation-table";

const evidences: Evidence[] = ["note", "late response", "lost response", "conflict", "refusal"];
const finds: Found[] = ["ours", "adopted", "another's", "unknown", "none"];
const booleans = [true, false];

const situations: Situation[] = evidences.flatMap((evidence) =>
  finds.flatMap((found) =>
    booleans.flatMap((allowsDuplicates) =>
      booleans.flatMap((isWindowOpen) => booleans.map((isLastTry) => ({ evidence, found, allowsDuplicates, isWindowOpen, isLastTry }))),
    ),
  ),
);

const situation = (some: Partial<Situation>): Situation => ({
  evidence: "refusal",
  found: "none",
  allowsDuplicates: false,
  isWindowOpen: false,
  isLastTry: false,
  ...some,
});

describe("the creation table", () => {
  it("has an action for every situation", () => {
    expect(situations).toHaveLength(200);
    for (const each of situations) expect(decide(each), JSON.stringify(each)).toEqual(expect.any(String));
  });

  it("has no row that another row hides, or that changes nothing", () => {
    for (const row of creationTable) {
      const others = creationTable.filter((other) => other !== row);
      const differs = situations.some((each) => {
        try {
          return decide(each, others) !== decide(each);
        } catch {
          return true;
        }
      });
      expect(differs, JSON.stringify(row)).toBe(true);
    }
  });

  it.each<[string, Partial<Situation>, Action]>([
    ["adopts what is proven to be ours, whatever led there", { evidence: "conflict", found: "ours", isLastTry: true }, "adopt"],
    [
      "waits after a note whose create may still arrive as a duplicate",
      { evidence: "note", allowsDuplicates: true, isWindowOpen: true },
      "wait",
    ],
    ["sends after a note whose window is closed", { evidence: "note", allowsDuplicates: true }, "send"],
    ["sends after a note where Twilio refuses a duplicate", { evidence: "note", isWindowOpen: true }, "send"],
    ["sends after a note of somebody else's object", { evidence: "note", found: "another's" }, "send"],
    [
      "waits for a late duplicate instead of sending it again",
      { evidence: "late response", allowsDuplicates: true, isWindowOpen: true },
      "wait",
    ],
    ["never sends a duplicate again, even after the window", { evidence: "late response", allowsDuplicates: true }, "fail, keep note"],
    [
      "never sends a duplicate again after a lost connection",
      { evidence: "lost response", allowsDuplicates: true, isWindowOpen: true },
      "fail, keep note",
    ],
    ["sends a unique object again after a lost response", { evidence: "lost response", isWindowOpen: true }, "send"],
    ["sends a unique object again after a late response", { evidence: "late response", isWindowOpen: true }, "send"],
    ["gives up after the last try and keeps the note", { evidence: "lost response", isLastTry: true }, "fail, keep note"],
    ["waits where Twilio reports a conflict with what it has not created yet", { evidence: "conflict", isWindowOpen: true }, "wait"],
    ["does not wait for somebody else's object", { evidence: "conflict", found: "unknown", isWindowOpen: true }, "choose another"],
    ["chooses another offer, or fails, after a conflict with nothing of ours", { evidence: "conflict" }, "choose another"],
    ["fails where Twilio refuses the request itself", { evidence: "refusal", isWindowOpen: true, allowsDuplicates: true }, "fail"],
  ])("%s", (_fact, some, action) => {
    expect(decide(situation(some))).toBe(action);
  });

  it("sends no second request for what Twilio would create twice, except after a note whose window is closed", () => {
    const sends = situations.filter((each) => each.allowsDuplicates && each.found !== "ours" && decide(each) === "send");
    expect(new Set(sends.map(({ evidence, isWindowOpen }) => `${evidence} ${isWindowOpen}`))).toEqual(new Set(["note false"]));
  });
});
