import { expect, it } from "vitest";
import { table } from "../../src/cli/shared/table";

it("aligns columns by the visible width of cells, without color codes", () => {
  expect(
    table(
      ["A", "LONG"],
      [
        ["\u001b[31mred\u001b[39m", "1"],
        ["longer", "2"],
      ],
    ),
  ).toBe("A       LONG\n\u001b[31mred\u001b[39m     1\nlonger  2\n");
});

it("shows the start of a long cell, on one line", () => {
  const [, line] = table(["A", "B"], [["x".repeat(100), "a\nb"]]).split("\n");
  expect(line).toBe(`${"x".repeat(59)}…  a b`);
});

it("has a header without rows too", () => {
  expect(table(["A", "B"], [])).toBe("A  B\n");
});
