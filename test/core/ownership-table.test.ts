import { expect, it } from "vitest";
import { type Ownership, type OwnershipEvidence, ownershipOf, ownershipTable } from "../../src/core/lifecycle/ownership";

const booleans = [true, false];
const all: OwnershipEvidence[] = booleans.flatMap((isHeldByAnother) =>
  booleans.flatMap((isOfUnfinishedCreate) => booleans.map((carriesMark) => ({ isHeldByAnother, isOfUnfinishedCreate, carriesMark }))),
);

// Written independently of the table.
function expected({ isHeldByAnother, isOfUnfinishedCreate, carriesMark }: OwnershipEvidence): Ownership {
  if (isHeldByAnother) return "another's";
  if (isOfUnfinishedCreate) return "ours";
  return carriesMark ? "adopted" : "unknown";
}

it.each(all)("decides whose an object is: %j", (evidence) => {
  expect(ownershipOf(evidence)).toBe(expected(evidence));
});

it("owns nothing without an unfinished create", () => {
  expect(ownershipTable.filter(({ whose }) => whose === "ours").every((row) => row.isOfUnfinishedCreate)).toBe(true);
});
