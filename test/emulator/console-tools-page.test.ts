import type { Page } from "playwright-core";
import { beforeEach, expect, it } from "vitest";
import { sharedNames, violationsEverywhere } from "../support/axe";
import { describeInBrowser, pages, screenshot } from "../support/browser";
import { createConsoleConversation } from "./support/console-conversation";
import { ALICE, BOB, buyNumber, useEmulator } from "./support/emulator";
import { useReceiver } from "./support/receiver";

const twilio = useEmulator();
const receiver = useReceiver();

/** A text that would be a script, if it were markup. */
const HOSTILE = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;

describeInBrowser("the console explains why nothing arrived", () => {
  const browser = pages();
  let page: Page;
  beforeEach(async () => {
    page = await browser.open("about:blank");
    page.on("dialog", (dialog) => void dialog.accept());
  });

  const entries = () => page.getByRole("log").locator("li:visible");
  const notice = () => page.locator("#notice");

  /** Presses Tab until the focused element's outer HTML matches. */
  async function tabTo(pattern: RegExp): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press("Tab");
      if (pattern.test(await page.evaluate<string>("document.activeElement.outerHTML"))) return;
    }
    throw new Error(`Tab does not reach ${pattern}`);
  }

  it("shows the reason and what to do in the timeline of the phone, without a mouse", async () => {
    await createConsoleConversation(twilio);
    const lost = await buyNumber(twilio, 628);
    await twilio.control.inbound(BOB, lost.phoneNumber, HOSTILE);
    await page.goto(twilio.emulator.url);
    await page.getByRole("link", { name: BOB }).waitFor();
    await tabTo(/href="#phone=%2B15558675311"/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: `Timeline of ${BOB}` }).waitFor();
    await expect.poll(() => entries().count()).toBe(2);
    const route = entries().filter({ hasText: `because ${lost.phoneNumber} has no address configuration` });
    await route.getByText("AutoCreation.Enabled=true").waitFor();
    await page.getByRole("list", { name: "Messages" }).getByText(HOSTILE).waitFor();
    expect(await page.locator("img, #messages script").count()).toBe(0);
    await page.getByLabel("only errors").focus();
    await page.keyboard.press("Space");
    await expect.poll(() => entries().count()).toBe(1);
    await page.getByLabel("only what is selected").focus();
    await page.keyboard.press("Space");
    await page.getByRole("heading", { name: "Events", exact: true }).waitFor();
  });

  it("limits the feed to the timeline of the selected conversation, and shows all again", async () => {
    const { sid, phoneNumber } = await createConsoleConversation(twilio);
    const { sid: other } = await twilio.conversations.conversations.create({ friendlyName: "Another one" });
    await page.goto(`${twilio.emulator.url}/#${sid}`);
    await page.getByRole("heading", { name: "Timeline of My First Conversation" }).waitFor();
    await entries().filter({ hasText: "Sent to no chat client" }).first().waitFor();
    await expect.poll(() => entries().filter({ hasText: "Another one" }).count()).toBe(0);
    await twilio.control.inbound(ALICE, phoneNumber, "live");
    await entries().filter({ hasText: "“live”" }).first().waitFor();
    await page.getByRole("link", { name: /Another one/ }).click();
    await page.getByRole("heading", { name: "Timeline of Another one" }).waitFor();
    await expect.poll(() => entries().filter({ hasText: "“live”" }).count()).toBe(0);
    expect(await entries().filter({ hasText: "was created" }).count()).toBe(1);
    await page.goto(`${twilio.emulator.url}/#${other}`);
    await page.getByLabel("only what is selected").uncheck();
    await entries().filter({ hasText: "“live”" }).first().waitFor();
  });

  it("sends a webhook again and copies commands, with the keyboard", async () => {
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    const { phoneNumber, sid } = await buyNumber(twilio);
    await twilio.api.incomingPhoneNumbers(sid).update({ smsUrl: `${receiver.url}/sms` });
    receiver.respond = () => ({ status: 500, body: HOSTILE });
    await twilio.control.inbound(ALICE, phoneNumber, HOSTILE);
    await page.goto(twilio.emulator.url);
    const failed = entries().filter({ hasText: "failed (500)" });
    await failed.getByText(`Response: ${HOSTILE}`).waitFor();
    receiver.respond = () => undefined;
    await page.locator("#entries > li[tabindex='0']").focus();
    await page.keyboard.press("End");
    await page.keyboard.press("Home");
    while (!(await page.evaluate<string>("document.activeElement.textContent")).includes("failed (500)"))
      await page.keyboard.press("ArrowDown");
    await tabTo(/^<button[^>]*>Send again/);
    await page.keyboard.press("Enter");
    await page.getByText("incomingMessage was sent again: delivered").waitFor();
    const [first, second] = await receiver.waitFor(2);
    expect(second?.parameters).toEqual(first?.parameters);
    expect(second?.isSigned(twilio.emulator.authToken)).toBe(true);
    await entries().filter({ hasText: "delivered (200)" }).waitFor();
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await notice().getByText("The command was copied").waitFor();
    const command = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(command).toContain(`curl -X POST '${receiver.url}/sms'`);
    expect(command).not.toContain(twilio.emulator.authToken);
    expect(await failed.locator(".command").textContent()).toBe(command);
    expect(await page.locator("img, #entries script").count()).toBe(0);
  });

  it("keeps the focus while the page refreshes", async () => {
    const { sid, conversation } = await createConsoleConversation(twilio);
    await page.goto(twilio.emulator.url);
    const link = page.locator(`nav a[href="#${sid}"]`);
    await link.focus();
    await conversation.messages.create({ body: "changes the row" });
    await page.getByRole("navigation").getByText("3 messages").waitFor();
    expect(await page.evaluate<string>("document.activeElement.hash")).toBe(`#${sid}`);
  });

  it("saves, restores and deletes a snapshot, with the keyboard", async () => {
    const { sid } = await createConsoleConversation(twilio);
    await page.goto(twilio.emulator.url);
    await page.getByLabel("Name").focus();
    await page.keyboard.type("before");
    await page.keyboard.press("Enter");
    await notice().getByText("The snapshot before was saved").waitFor();
    await twilio.conversations.conversations(sid).remove();
    await page.getByRole("button", { name: "Restore before" }).focus();
    await page.keyboard.press("Enter");
    await notice().getByText("The snapshot before was restored").waitFor();
    expect((await twilio.conversations.conversations(sid).fetch()).friendlyName).toBe("My First Conversation");
    await page.getByRole("button", { name: "Delete before" }).focus();
    await page.keyboard.press("Space");
    await page.getByText("No snapshots.").waitFor();
    expect(await twilio.control.ok("GET", "snapshots")).toEqual({ snapshots: [] });
    browser.expectComplaints(/400/);
    await page.getByLabel("Name").fill("no/name");
    await page.keyboard.press("Enter");
    await notice().getByText("the name of a snapshot must have").waitFor();
  });

  it("adds and removes faults, with the keyboard", async () => {
    await page.goto(twilio.emulator.url);
    await page.getByLabel("Fault", { exact: true }).selectOption("Too many requests, once (429)");
    await page.getByLabel("Path").focus();
    await page.keyboard.type("*/Roles");
    await page.keyboard.press("Enter");
    await page.getByText("status 429, retryAfter 1, times 1, path */Roles: acted on 0 of 0 matching requests").waitFor();
    expect(await twilio.conversations.roles.list().catch((error: { status: number }) => error.status)).toBe(429);
    await page.getByText("acted on 1 of 1 matching requests").waitFor();
    await page.getByRole("button", { name: /Remove rule/ }).focus();
    await page.keyboard.press("Enter");
    await page.getByText("No fault rules.").waitFor();
    expect(await twilio.control.ok("GET", "faults")).toEqual({ faults: [] });
  });

  it("breaks no accessibility rule of axe and fits all widths with its panels, timeline and commands", async () => {
    const { phoneNumber } = await createConsoleConversation(twilio);
    const lost = await buyNumber(twilio, 628);
    await twilio.control.inbound(ALICE, lost.phoneNumber, "Is anybody there?");
    receiver.respond = () => ({ status: 500, body: "no agent is free" });
    await twilio.api.incomingPhoneNumbers(lost.sid).update({ smsUrl: `${receiver.url}/sms` });
    await twilio.control.inbound(ALICE, lost.phoneNumber, "Hello?");
    await twilio.control.inbound(ALICE, phoneNumber, "Hello again");
    await twilio.control.ok("POST", "snapshots", { name: "before" });
    await twilio.control.ok("POST", "faults", { path: "*/Roles", status: 429, times: 1 });
    await page.goto(`${twilio.emulator.url}/#phone=${encodeURIComponent(ALICE)}`);
    await entries().filter({ hasText: "failed (500)" }).getByRole("button", { name: "Copy as curl" }).click();
    await page.locator(".command").waitFor();
    const show = async (width: number) => {
      expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
    };
    expect(await violationsEverywhere(page, show)).toEqual([]);
    expect((await sharedNames(page)).filter((name) => name !== "Copy as curl" && name !== "Send again")).toEqual([]);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot(screenshot(`console-timeline-${colorScheme}`));
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await page.screenshot({ ...screenshot("console-timeline-narrow"), fullPage: true });
  });
});
