/** Checks of a page's accessibility. */
import axe from "axe-core";
import type { Page } from "playwright-core";

/** The widths of a phone, a tablet and a desktop. */
const WIDTHS = [360, 768, 1280];

/** Lists the violations that axe finds in the visible part of the page: the rule, and the elements that break it. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate<boolean>("typeof axe === 'object'"))) await page.evaluate(axe.source);
  return page.evaluate<string[]>(`axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) => [id, html.slice(0, 200), any[0]?.message ?? ""].join(": "))))`);
}

/** Lists the violations at all widths in both color schemes. `show` prepares the page for a width. */
export async function violationsEverywhere(page: Page, show?: (width: number) => Promise<void>): Promise<string[]> {
  const found: string[] = [];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 740 });
    await show?.(width);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const violation of await violations(page)) found.push(`${width} ${colorScheme}: ${violation}`);
    }
  }
  return found;
}

/** Lists the visible fields and buttons that have the same name. */
export async function sharedNames(page: Page): Promise<string[]> {
  const names = [...(await page.locator("body").ariaSnapshot()).matchAll(/- (?:button|textbox|combobox) "([^"]*)"/g)].map(
    ([, name]) => name ?? "",
  );
  return names.filter((name, index) => names.indexOf(name) !== index);
}
