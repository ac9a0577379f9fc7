/** A real browser, where there is one. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect } from "vitest";

const executablePath = [
  process.env.CHROMIUM,
  ...["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/snap/bin/chromium"],
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path));

const args = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

/** Tests that need a browser. Where there is none they are skipped, which is said on the terminal. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (executablePath !== undefined) return void describe(name, tests);
  console.warn(`SKIPPED, for there is no Chromium here: ${name}. Install it (apt-get install chromium), or name it: CHROMIUM=/path/to/it.`);
  describe.skip(name, tests);
}

/** Pages of one browser, each a person's own: nothing is shared between them. */
export interface Pages {
  /** Opens a page of the server. */
  open(url: string, options?: BrowserContextOptions): Promise<Page>;
  /** What a page complains of from now on that matches is expected. */
  expectComplaints(pattern: RegExp): void;
}

/** Starts a browser before the tests and ends it after them. A test fails of anything that a page's console complains of. */
export function pages(): Pages {
  let browser: Browser;
  let complaints: string[] = [];
  let expected: RegExp[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    const unexpected = complaints.filter((complaint) => !expected.some((pattern) => pattern.test(complaint)));
    complaints = [];
    expected = [];
    expect(unexpected).toEqual([]);
  });
  return {
    expectComplaints: (pattern) => void expected.push(pattern),
    async open(url, options = {}) {
      const page = await (await browser.newContext(options)).newPage();
      page.setDefaultTimeout(20_000);
      page.on("pageerror", (error) => complaints.push(`thrown: ${error.message}`));
      // Violations of the page's policy are errors of the console too.
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      await page.goto(url);
      return page;
    },
  };
}

/** Where screenshots go, for people to look at. */
export const screenshot = (name: string): { path: string } => ({ path: join(import.meta.dirname, "../screenshots", `${name}.png`) });
