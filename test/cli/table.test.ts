import { expect, it } from "vitest";
import { table } from "../../src/cli/shared/table";

it("aligns columns by what is seen of the cells, not by their colours", () => {
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

it("shows of a long cell the beginning, and no line's end", () => {
  const [, line] = table(["A", "B"], [["x".repeat(100), "a\nb"]]).split("\n");
  expect(line).toBe(`${"x".repeat(59)}…  a b`);
});

it("has a head also where there is nothing", () => {
  expect(table(["A", "B"], [])).toBe("A  B\n");
});
