/** Tests in a real browser, if one is installed. */
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

/** Declares tests that need a browser. Skips them with a warning if there is no browser. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (executablePath !== undefined) return void describe(name, tests);
  console.warn(`SKIPPED because Chromium was not found: ${name}. Install it (apt-get install chromium) or set CHROMIUM to its path.`);
  describe.skip(name, tests);
}

/** Pages of one browser, each with its own session. */
export interface Pages {
  /** Opens a page in a new session. */
  open(url: string, options?: BrowserContextOptions): Promise<Page>;
  /** Ignores console errors and warnings that match. */
  expectComplaints(pattern: RegExp): void;
}

/** Starts a browser before the tests and closes it after them. A test fails if the console of a page shows an error or a warning. */
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
      // Violations of the content security policy are console errors, too.
      page.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      await page.goto(url);
      return page;
    },
  };
}

/** The file for a screenshot. */
export const screenshot = (name: string): { path: string } => ({ path: join(import.meta.dirname, "../screenshots", `${name}.png`) });
