import { readdir, stat } from "node:fs/promises";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { sharedNames, violations, violationsEverywhere } from "../support/axe";
import { describeInBrowser, pages, screenshot } from "../support/browser";
import { messageItem, messageList, openChat, phone, sendMessage, sendText, untilConnected } from "./page";
import { type ChatFixture, HANDSET, openChatFixture, PINEAPPLE } from "./support";

vi.setConfig({ testTimeout: 90_000 });

describeInBrowser("the appearance of the chat page", () => {
  let fixture: ChatFixture;
  const { open } = pages();
  beforeAll(async () => {
    fixture = await openChatFixture();
  });
  afterAll(() => fixture?.close());

  it("breaks no accessibility rule of axe, at all widths and in both color schemes", async () => {
    const served = await fixture.serve();
    const page = await open(served.url);
    await page.getByRole("button", { name: PINEAPPLE }).waitFor();
    expect(await violationsEverywhere(page)).toEqual([]);
    await page.getByRole("button", { name: PINEAPPLE }).click();
    await untilConnected(page);
    const show = (pane: string) => page.getByRole("navigation", { name: "Sections" }).getByRole("button", { name: pane }).click();
    await sendText(page, "From the phone: https://example.com");
    await sendMessage(page, "x".repeat(1601));
    await messageItem(page, "xxx").getByText("Not delivered to").waitFor();
    await sendMessage(page, "y".repeat(33_000));
    await messageItem(page, "yyy").getByText("Not sent").waitFor();
    await served.conversation.participants.create({ identity: "testMango" });
    await messageList(page).getByText("testMango joined").waitFor();
    await messageItem(page, "xxx").getByRole("button", { name: "Edit" }).click();
    expect(await sharedNames(page)).toEqual([]);
    expect(await violationsEverywhere(page)).toEqual([]);
    await page.setViewportSize({ width: 360, height: 740 });
    for (const pane of ["Conversations", "Phones"]) {
      await show(pane);
      expect(await violations(page)).toEqual([]);
    }
    await page.evaluate("document.body.style.color = '#888'");
    expect(await violations(page)).not.toEqual([]);
  });

  it("fits a narrow screen, and shows the newest messages on it", async () => {
    const served = await fixture.serve();
    for (let number = 0; number < 20; number += 1)
      await served.conversation.messages.create({ author: PINEAPPLE, body: `Text ${number}.` });
    const page = await open(`${served.url}?identity=${PINEAPPLE}`, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });
    await untilConnected(page);
    const isInView = async (text: string, box: string) =>
      page.evaluate<boolean>(`(() => {
        const item = [...document.querySelectorAll("${box} .body")].find((body) => body.textContent === "${text}").getBoundingClientRect();
        const frame = document.querySelector("${box}").getBoundingClientRect();
        return item.height > 0 && item.top >= frame.top && item.bottom <= frame.bottom;
      })()`);
    await messageItem(page, "Text 19.").waitFor();
    await vi.waitFor(async () => expect(await isInView("Text 19.", "#messages")).toBe(true));
    await page.screenshot(screenshot("narrow"));
    const show = (pane: string) => page.getByRole("navigation", { name: "Sections" }).getByRole("button", { name: pane }).click();
    await show("Phones");
    await phone(page).getByText("Text 19.").waitFor();
    await vi.waitFor(async () => expect(await isInView("Text 19.", ".texts")).toBe(true));
    await page.screenshot(screenshot("narrow-phones"));

    // A message that arrives while another pane is shown is not read, and in view when the user returns.
    await sendText(page, "Meanwhile");
    await vi.waitFor(async () => expect(await page.title()).toBe("(1) Chat"));
    await show("Chat");
    await vi.waitFor(async () => expect(await isInView("Meanwhile", "#messages")).toBe(true));
    await vi.waitFor(async () => expect(await page.title()).toBe("Chat"));
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  });

  it("shows texts in their own direction, and addresses of web pages as links", async () => {
    const served = await fixture.serve();
    const text = `שלום. See https://example.com/a_(b). Or (HTTP://EXAMPLE.COM/?q=1&r=2), javascript:alert(1) ftp://example.com <b>https://</b>`;
    await served.conversation.messages.create({ author: HANDSET, body: text });
    const page = await openChat(open, served);
    const body = messageList(page).locator(".body");
    await body.waitFor();
    expect(await body.textContent()).toBe(text);
    const direction = (selector: string) => page.evaluate<string>(`getComputedStyle(document.querySelector("${selector}")).direction`);
    expect(await direction("#log .body")).toBe("rtl");
    const links = await body
      .getByRole("link")
      .evaluateAll((all) => all.map((link) => [link.getAttribute("href"), link.getAttribute("rel")]));
    expect(links).toEqual([
      ["https://example.com/a_(b)", "noopener noreferrer"],
      ["HTTP://EXAMPLE.COM/?q=1&r=2", "noopener noreferrer"],
    ]);
    expect(await body.locator("b").count()).toBe(0);
    const field = page.getByRole("textbox", { name: "Message", exact: true });
    await field.fill("שלום");
    expect(await direction("#text")).toBe("rtl");
  });

  it("is less than 700 kB, and connects in less than a second", async () => {
    const folder = join(import.meta.dirname, "../../dist/chat/page");
    const names = (await readdir(folder)).filter((name) => /\.(html|js|css|svg)$/.test(name));
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(700_000);

    const page = await openChat(open, await fixture.serve());
    // Other processes may use this machine at the same time.
    const share = Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());
    await vi.waitFor(
      async () => {
        await page.reload();
        await untilConnected(page);
        expect(await page.evaluate<number>("performance.now()")).toBeLessThan(1000 * share);
      },
      { timeout: 30_000 },
    );
  });
});
