import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { beforeEach, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/emulator";
import { violationsEverywhere } from "../support/axe";
import { describeInBrowser, pages } from "../support/browser";
import { connect } from "./support/client";
import { createConsoleConversation } from "./support/console-conversation";
import { ALICE, useEmulator } from "./support/emulator";

const twilio = useEmulator();

describeInBrowser("the console in a browser", () => {
  const browser = pages();
  let page: Page;
  beforeEach(async () => {
    page = await browser.open("about:blank");
  });

  const entries = () => page.getByRole("log").locator("li:visible");

  it("shows resources and earlier events, and updates live", async () => {
    const { conversation, phoneNumber } = await createConsoleConversation(twilio);
    await page.goto(twilio.emulator.url);
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByRole("navigation").getByText(phoneNumber).first().waitFor();
    await page.getByRole("link", { name: /My First Conversation/ }).click();
    const messages = page.getByRole("list", { name: "Messages" });
    await messages.getByText("Hello from the phone").waitFor();
    await messages.getByText(`delivered to ${ALICE}`).waitFor();
    await entries()
      .filter({ hasText: `${ALICE} texted ${phoneNumber}` })
      .filter({ hasText: "caused by a text from a handset" })
      .waitFor();

    await conversation.messages.create({ author: "testPineapple", body: "A live message" });
    await messages.getByText("A live message").waitFor();
    await conversation.participants.create({ identity: "newcomer" });
    await page.getByRole("list", { name: "Participants" }).getByText("newcomer").waitFor();
    await conversation.remove();
    await page.getByRole("heading", { name: "This conversation was deleted" }).waitFor();
  });

  it("shows the request that caused a change, and the error or fault rule that caused a failure", async () => {
    const { conversation, phoneNumber } = await createConsoleConversation(twilio);
    await conversation.participants
      .create({ "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber })
      .catch(() => undefined);
    await twilio.control.ok("POST", "faults", { path: "*/Roles", status: 429, times: 1 });
    await twilio.conversations.roles.list().catch(() => undefined);
    await page.goto(twilio.emulator.url);
    const failed = entries().filter({ hasText: "→ 409" });
    await failed.getByText(/already exists in Conversation CH….{4}/).waitFor();
    expect(await failed.getByRole("link", { name: "Twilio error 50416" }).getAttribute("href")).toBe(
      "https://www.twilio.com/docs/errors/50416",
    );
    await entries().filter({ hasText: "→ 429" }).getByText("Too Many Requests (from a fault rule)").waitFor();

    const change = entries().filter({ hasText: "testPineapple was added" });
    await change.getByRole("link", { name: "request", exact: true }).click();
    const target = page.locator("li:target");
    expect(await target.textContent()).toMatch(/POST .*\/Participants → 201/);
    await change.getByRole("link", { name: "conversation", exact: true }).click();
    await page.getByRole("heading", { name: "My First Conversation", exact: true }).waitFor();
  });

  it("shows which webhook was called and how it responded", async () => {
    const receiver = createServer((request, response) => response.writeHead(request.url === "/accepts" ? 200 : 404).end());
    await new Promise<void>((listening) => receiver.listen(0, "127.0.0.1", listening));
    onTestFinished(() => void receiver.close());
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    const { conversation, phoneNumber, sid } = await createConsoleConversation(twilio);
    for (const path of ["accepts", "rejects"]) {
      const filters = ["onMessageAdded"];
      await conversation.webhooks.create({ target: "webhook", "configuration.url": `${url}/${path}`, "configuration.filters": filters });
    }
    await page.goto(twilio.emulator.url);
    await twilio.control.inbound(ALICE, phoneNumber, "Hello webhooks");
    await entries()
      .filter({ hasText: `onMessageAdded → POST ${url}/accepts: delivered (200)` })
      .waitFor();
    const failed = entries().filter({ hasText: `onMessageAdded → POST ${url}/rejects: failed (404)` });
    await failed.getByText(`${url}/rejects did not accept the request`).waitFor();
    expect(await failed.getByRole("link", { name: "conversation", exact: true }).getAttribute("href")).toBe(`#${sid}`);
  });

  it("filters events by words and kind, using only the keyboard", async () => {
    await createConsoleConversation(twilio);
    await page.goto(twilio.emulator.url);
    await entries().first().waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.outerHTML")).toContain('id="filter"');
    await page.keyboard.type(`chat texts ${ALICE}`);
    await expect.poll(() => entries().count()).toBe(1);
    await page.keyboard.press("Escape");
    await expect.poll(() => entries().count()).toBeGreaterThan(5);
    await page.getByLabel("changes").focus();
    await page.keyboard.press("Space");
    await expect.poll(async () => new Set(await entries().locator(".kind").allTextContents())).toEqual(new Set(["request", "client"]));
  });

  it("reconnects when the emulator stops and another one starts on its port", async () => {
    browser.expectComplaints(/net::ERR_/);
    const first = await startEmulator();
    const port = Number(new URL(first.url).port);
    await page.goto(first.url);
    await page.getByText("live", { exact: true }).waitFor();
    await first.close();
    await page.getByText("The emulator does not respond").waitFor();
    const second = await startEmulator({ port });
    await connect(second).conversations.conversations.create({ friendlyName: "Second emulator" });
    await page.getByRole("link", { name: /Second emulator/ }).waitFor();
    await entries().filter({ hasText: "Conversation “Second emulator” was created" }).waitFor();
    await second.close();
  });

  it("shows the newest message and follows the conversation, until the user scrolls away", async () => {
    const { sid, conversation } = await createConsoleConversation(twilio);
    for (let number = 0; number < 40; number += 1) await conversation.messages.create({ author: ALICE, body: `Message ${number}.` });
    const isInView = (text: string) =>
      page.evaluate<boolean>(`(() => {
        const item = [...document.querySelectorAll("#messages .body")].find((body) => body.textContent === "${text}")?.getBoundingClientRect();
        const frame = document.getElementById("history").getBoundingClientRect();
        return item !== undefined && item.top >= frame.top && item.bottom <= frame.bottom;
      })()`);
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 740 });
      await page.goto("about:blank");
      await page.goto(`${twilio.emulator.url}/#${sid}`);
      await expect.poll(() => isInView("Message 39.")).toBe(true);
      await conversation.messages.create({ author: ALICE, body: `New at ${width}` });
      await expect.poll(() => isInView(`New at ${width}`)).toBe(true);
    }
    const history = page.getByRole("region", { name: "Message history" });
    await history.evaluate((box) => {
      (box as unknown as { scrollTop: number }).scrollTop = 0;
    });
    const text = "See https://example.com, or javascript:alert(1)";
    await conversation.messages.create({ author: ALICE, body: text });
    await history.getByText(text).waitFor();
    expect([await isInView("Hello from the phone"), await isInView(text)]).toEqual([true, false]);
    expect(await history.getByRole("link").allTextContents()).toEqual(["https://example.com"]);
  });

  it("fits a narrow screen, and breaks no accessibility rule of axe, at all widths and in both color schemes", async () => {
    const { sid, conversation } = await createConsoleConversation(twilio);
    await conversation.messages.create({ author: "testPineapple", body: "x".repeat(1601) });
    await twilio.control.ok("POST", "faults", { path: "*/Roles", status: 429, times: 1 });
    await twilio.conversations.roles.list().catch(() => undefined);
    await page.goto(`${twilio.emulator.url}/#${sid}`);
    await page.getByRole("list", { name: "Messages" }).getByText("failed to").waitFor();
    const backgrounds = new Set<string>();
    const show = async (width: number) => {
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    };
    expect(await violationsEverywhere(page, show)).toEqual([]);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      backgrounds.add(await page.evaluate<string>("getComputedStyle(document.body).backgroundColor"));
    }
    expect(backgrounds.size).toBe(2);
  });
});
