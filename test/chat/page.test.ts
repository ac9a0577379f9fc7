import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { chatToken } from "../../src";
import { describeInBrowser, pages, screenshot } from "../support/browser";
import { lowContrast } from "./contrast";
import { HANDSET, openStage, PINEAPPLE, type Served, type Stage } from "./support";

vi.setConfig({ testTimeout: 90_000 });

/** What a browser says of a server that has gone. */
const AWAY = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|WebSocket|503/;

const history = (page: Page) => page.getByRole("log", { name: "Messages" });
const message = (page: Page, text: string) => history(page).getByRole("listitem").filter({ hasText: text });
const phone = (page: Page, address = HANDSET) => page.getByRole("article", { name: address });
const connected = (page: Page) => page.getByText("You are connected.").waitFor();
const openFirst = (page: Page) => page.getByRole("button", { name: "My First Conversation" }).click();

async function write(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(text);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

async function text(page: Page, body: string): Promise<void> {
  await phone(page).getByRole("textbox").fill(body);
  await phone(page).getByRole("button", { name: "Text" }).click();
}

describeInBrowser("the chat page in a real browser", () => {
  let stage: Stage;
  const { open, expectComplaints } = pages();
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  /** A page with somebody signed in and the conversation open. */
  async function talk({ url }: Served, identity = PINEAPPLE): Promise<Page> {
    const page = await open(`${url}?identity=${identity}`);
    await connected(page);
    await openFirst(page);
    return page;
  }

  it("shows what a person texts from the virtual phone, and the answer arrives there", async () => {
    const served = await stage.serve();
    const page = await open(served.url, { viewport: { width: 1100, height: 620 } });
    await page.getByRole("button", { name: PINEAPPLE }).click();
    await connected(page);
    await openFirst(page);

    await text(page, "Hello! Is anybody there?");
    await message(page, "Hello! Is anybody there?").getByText(HANDSET).waitFor();
    await write(page, "Yes. How can we help?");
    await phone(page).getByText("Yes. How can we help?").waitFor();
    await message(page, "Yes. How can we help?").getByText("Delivered").waitFor();
    await text(page, "My order has not arrived yet");
    await message(page, "My order has not arrived yet").waitFor();
    await page.screenshot(screenshot("talk"));

    const messages = await served.conversation.messages.list();
    expect(messages.map(({ author, body }) => [author, body])).toEqual([
      [HANDSET, "Hello! Is anybody there?"],
      [PINEAPPLE, "Yes. How can we help?"],
      [HANDSET, "My order has not arrived yet"],
    ]);
  });

  it("shows a second person who joins, talks and leaves", async () => {
    const served = await stage.serve();
    const page = await talk(served);
    const { sid } = await served.conversation.participants.create({ identity: "testMango" });
    await history(page).getByText("testMango joined").waitFor();
    await page.getByText(`you, ${HANDSET}, testMango`).waitFor();

    const other = await talk(served, "testMango");
    await write(other, "Hello, I am new here");
    await message(page, "Hello, I am new here").getByText("testMango").waitFor();
    // By the phone, and by the chat that is open.
    await message(other, "Hello, I am new here").getByText("Delivered, read by testPineapple").waitFor();

    await served.conversation.participants(sid).remove();
    await history(page).getByText("testMango left").waitFor();
    await other.getByText("testMango takes part in no conversation of this service").waitFor();
    await other.getByText("Choose a conversation").waitFor();
  });

  it("shows the conversation that was chosen last, whichever arrives last", async () => {
    const served = await stage.serve();
    const { conversations } = stage.twilio.client.conversations.v1.services(served.serviceSid);
    const quick = await conversations.create({ friendlyName: "Quick" });
    await conversations(quick.sid).participants.create({ identity: PINEAPPLE });
    await conversations(quick.sid).messages.create({ author: "somebody", body: "at once" });
    await served.conversation.messages.create({ author: "somebody", body: "at last" });
    const page = await open(served.url);
    const held: (() => void)[] = [];
    let arrived = () => {};
    const slow = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    await page.routeWebSocket(/wsconnect/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage((frame) => {
        if (!String(frame).includes("at last")) return socket.send(frame);
        held.push(() => socket.send(frame));
        arrived();
      });
    });
    await page.goto(`${served.url}?identity=${PINEAPPLE}`);
    await connected(page);
    await openFirst(page);
    await slow;
    await page.getByRole("button", { name: "Quick" }).click();
    await message(page, "at once").waitFor();
    for (const release of held) release();
    await write(page, "Here?");
    await message(page, "Here?").getByText("Sent").waitFor();
    expect(await history(page).getByRole("listitem").locator(".body").allTextContents()).toEqual(["at once", "Here?"]);
  });

  it("shows who is typing, until they stop", async () => {
    const served = await stage.serve();
    await served.conversation.participants.create({ identity: "testMango" });
    const [page, other] = [await talk(served), await talk(served, "testMango")];
    await other.getByRole("textbox", { name: "Message" }).pressSequentially("Hel");
    await page.getByText("testMango is typing …").waitFor();
    await other.getByRole("button", { name: "Send", exact: true }).click();
    await message(page, "Hel").waitFor();
    await page.getByText("testMango is typing …").waitFor({ state: "hidden" });
  });

  it("marks what is unread, until it is read", async () => {
    const served = await stage.serve();
    const page = await open(`${served.url}?identity=${PINEAPPLE}`);
    await connected(page);
    await text(page, "One");
    await text(page, "Two");
    const row = page.getByRole("button", { name: "My First Conversation" });
    await row.getByText("2 unread").waitFor();
    expect(await page.title()).toBe("(2) Chat");
    await row.click();
    await row.getByText("unread").waitFor({ state: "hidden" });
    await vi.waitFor(async () => {
      const participants = await served.conversation.participants.list();
      expect(participants.find(({ identity }) => identity === PINEAPPLE)?.lastReadMessageIndex).toBe(1);
    });
  });

  it("keeps history over a reload, and whose page it is", async () => {
    const page = await talk(await stage.serve());
    await write(page, "Still here?");
    await message(page, "Still here?").getByText("Delivered").waitFor();
    await page.reload();
    await message(page, "Still here?").getByText("Delivered").waitFor();
    await connected(page);
  });

  it("fetches older messages as one scrolls up, and keeps the place", async () => {
    const served = await stage.serve();
    for (let number = 0; number < 75; number += 1)
      await served.conversation.messages.create({ author: HANDSET, body: `Message ${number}.` });
    const page = await talk(served);
    await message(page, "Message 74.").waitFor();
    expect(await history(page).getByRole("listitem").count()).toBe(30);
    const first = message(page, "Message 45.");
    await first.scrollIntoViewIfNeeded();
    await message(page, "Message 15.").waitFor({ state: "attached" });
    // What was at the top is still in sight, and nothing is there twice or out of order.
    const top = await first.evaluate((item) => item.getBoundingClientRect().top);
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(400);
    await message(page, "Message 15.").scrollIntoViewIfNeeded();
    await message(page, "Message 0.").scrollIntoViewIfNeeded();
    await page.getByText("This is where the conversation begins.").waitFor();
    const bodies = await history(page).locator(".body").allTextContents();
    expect(bodies).toEqual(Array.from({ length: 75 }, (_, number) => `Message ${number}.`));

    await text(page, "News");
    await page.getByRole("button", { name: "1 new message" }).click();
    await page.getByRole("button", { name: "1 new message" }).waitFor({ state: "hidden" });
  });

  it("says of a message that was not delivered to whom and why", async () => {
    const served = await stage.serve();
    const page = await talk(served);
    await write(page, "x".repeat(1601));
    const failed = message(page, "xxx");
    await failed.getByText(`Failed to ${HANDSET}: the text is longer than 1600 characters`).waitFor();
    expect(await failed.getByRole("link", { name: "error 21617" }).getAttribute("href")).toBe(
      "https://www.twilio.com/docs/api/errors/21617",
    );
  });

  it("keeps a message that Twilio does not take, with its reason, until it is given up", async () => {
    const page = await talk(await stage.serve());
    await write(page, "x".repeat(33_000));
    const refused = message(page, "xxx");
    await refused.getByText(/Not sent: .*\(error 50504\)/).waitFor();
    await refused.getByRole("button", { name: "Send again" }).click();
    await refused.getByText(/Not sent: /).waitFor();
    await refused.getByRole("button", { name: "Discard" }).click();
    await refused.waitFor({ state: "detached" });
  });

  it("sends a picture and shows it, and links what is no picture", async () => {
    const served = await stage.serve();
    const page = await talk(served);
    const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
    const file = page.getByLabel("File to send");
    await file.setInputFiles({ name: "pixel.png", mimeType: "image/png", buffer: pixel });
    const picture = history(page).getByRole("img", { name: "pixel.png" });
    await picture.waitFor();
    await vi.waitFor(async () =>
      expect(await picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(1),
    );
    await file.setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("a few notes") });
    const link = history(page).getByRole("link", { name: "notes.txt (11 bytes)" });
    expect(await (await fetch((await link.getAttribute("href")) as string)).text()).toBe("a few notes");
  });

  it("is used with the keyboard alone", async () => {
    const served = await stage.serve();
    const page = await open(served.url);
    const press = async (key: string, times = 1) => {
      for (let time = 0; time < times; time += 1) await page.keyboard.press(key);
    };
    const focused = () => page.evaluate<string>("document.activeElement.textContent || document.activeElement.id");
    await page.getByRole("button", { name: PINEAPPLE }).waitFor();
    await press("Tab");
    expect(await focused()).toBe(PINEAPPLE);
    await press("Enter");
    await connected(page);
    const row = page.getByRole("button", { name: "My First Conversation" });
    await row.waitFor();
    while (!(await focused()).startsWith("My First Conversation")) await press("Tab");
    await press("Enter");
    await vi.waitFor(async () => expect(await focused()).toBe("text"));
    await page.keyboard.type("Two");
    await press("Shift+Enter");
    await page.keyboard.type("lines");
    await press("Enter");
    await message(page, "Two\nlines").getByText("Delivered").waitFor();
    expect((await served.conversation.messages.list())[0]?.body).toBe("Two\nlines");
  });

  it("goes on after the local Twilio was started anew, with what happened meanwhile", async () => {
    expectComplaints(AWAY);
    const served = await stage.serve();
    const page = await talk(served);
    await write(page, "Before");
    await message(page, "Before").getByText("Delivered").waitFor();
    await stage.stop();
    await page.getByText(/Twilio does not answer at http/).waitFor();
    await page.screenshot(screenshot("away"));
    await write(page, "Into the void");
    await message(page, "Into the void").getByText("Sending …").waitFor();
    await stage.restart();
    await served.conversation.messages.create({ author: HANDSET, body: "While you were away" });
    await connected(page);
    await page.getByText(/Twilio does not answer at http/).waitFor({ state: "hidden" });
    await message(page, "While you were away").waitFor();
    await text(page, "After");
    await message(page, "After").waitFor();
    await write(page, "And back");
    await phone(page).getByText("And back").waitFor();
    await message(page, "Into the void").getByText("Delivered").waitFor();
    expect(await message(page, "Into the void").count()).toBe(1);
    expect(await message(page, "Before").count()).toBe(1);
  });

  it("goes on where the local Twilio was started anew in another place", async () => {
    expectComplaints(AWAY);
    const served = await stage.serve();
    const page = await talk(served);
    await write(page, "Before");
    await message(page, "Before").getByText("Delivered").waitFor();
    await stage.stop();
    await stage.restart({ elsewhere: true });
    await page.waitForEvent("load");
    await message(page, "Before").waitFor();
    await connected(page);
    await text(page, "After");
    await message(page, "After").waitFor();
    await stage.stop();
    await stage.restart();
  });

  it("renews its token before it expires, unnoticed", async () => {
    const { accountSid, apiKey, apiSecret } = stage.emulator;
    const served = await stage.serve({
      token: (identity, { serviceSid, asked }) =>
        asked === 1 ? chatToken({ accountSid, apiKey, apiSecret, chatServiceSid: serviceSid, identity, ttl: 180 }) : undefined,
    });
    const page = await talk(served);
    await vi.waitFor(() => expect(served.asked()).toBe(2), { timeout: 20_000 });
    // The first one ends; nobody notices.
    await stage.twilio.advance(200);
    await text(page, "Still connected?");
    await message(page, "Still connected?").waitFor();
    await connected(page);
    expect(served.asked()).toBe(2);
  });

  it.each([
    ["a bad token", () => "eyJhbGciOiJIUzI1NiJ9.e30.bad", /Twilio refuses the token \(.*error 2010\d\).*API key/],
    ["a token of somebody else's key", "canary", /Twilio refuses the token \(.*error 2010\d\).*API key of this account/],
    ["an expired token", -3600, /Twilio refuses the token \(.*error 20104\).*expired: is the clock/],
  ] as const)("says clearly what is wrong with %s", async (_what, wrong, words) => {
    expectComplaints(/WebSocket|401|403/);
    const { accountSid, apiKey, apiSecret } = stage.emulator;
    const served = await stage.serve({
      token: (identity, { serviceSid: chatServiceSid }) => {
        if (typeof wrong === "function") return wrong();
        if (typeof wrong === "string") return chatToken({ accountSid, apiKey, apiSecret: wrong, chatServiceSid, identity });
        vi.useFakeTimers({ now: Date.now() + 2 * wrong * 1000, toFake: ["Date"] });
        const expired = chatToken({ accountSid, apiKey, apiSecret, chatServiceSid, identity });
        vi.useRealTimers();
        return expired;
      },
    });
    const page = await open(`${served.url}?identity=${PINEAPPLE}`);
    await page.getByRole("alert").getByText(words).waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    await page.screenshot(screenshot("refused"));
  });

  it("says what to do when the service is not there", async () => {
    expectComplaints(/502/);
    const nowhere = `IS${"0".repeat(32)}`;
    const page = await open((await stage.serve({ serviceSid: nowhere })).url);
    await page.getByRole("alert").getByText(`has no conversation service ${nowhere}`).waitFor();
  });

  it("has phones of both kinds, each with the texts of its own", async () => {
    const served = await stage.serve();
    const numbers = await served.conversation.participants.list();
    const proxy = numbers.flatMap(
      ({ messagingBinding }) => (messagingBinding as { proxy_address?: string } | null)?.proxy_address ?? [],
    )[0];
    const whatsapp = "+15558675311";
    const page = await talk(served);
    await phone(page).waitFor();
    await served.conversation.participants.create({
      "messagingBinding.address": `whatsapp:${whatsapp}`,
      "messagingBinding.proxyAddress": `whatsapp:${proxy}`,
    });
    const other = phone(page, `${whatsapp} (WhatsApp)`);
    await other.getByRole("textbox").fill("By WhatsApp");
    await other.getByRole("button", { name: "Text" }).click();
    await message(page, "By WhatsApp").getByText(`whatsapp:${whatsapp}`).waitFor();
    // Each participant but the author gets it.
    await phone(page).getByText("By WhatsApp").waitFor();
    await text(page, "By SMS");
    await other.getByText("By SMS").waitFor();
    expect(await other.getByRole("listitem").count()).toBe(2);
  });

  it("has no phones on a real account", async () => {
    const page = await talk(await stage.serve({ real: true }));
    await page.getByText("This is where the conversation begins.").waitFor();
    expect(await page.getByRole("heading", { name: "Phones" }).isVisible()).toBe(false);
  });

  it("waits for a Twilio that is not there yet", async () => {
    expectComplaints(AWAY);
    const served = await stage.serve();
    await stage.stop();
    const page = await open(`${served.url}?identity=${PINEAPPLE}`);
    await page.getByRole("alert").getByText("Twilio does not answer at http").waitFor();
    await stage.restart();
    await connected(page);
    await page.getByRole("alert").waitFor({ state: "hidden" });
  });

  it.each(["light", "dark"] as const)("is legible in %s: all of its text has the contrast of WCAG's AA", async (colorScheme) => {
    const served = await stage.serve();
    const page = await open(served.url, { colorScheme });
    await page.getByRole("button", { name: PINEAPPLE }).waitFor();
    expect(await lowContrast(page)).toEqual([]);
    await page.getByRole("button", { name: PINEAPPLE }).click();
    await openFirst(page);
    await text(page, "From the phone");
    await write(page, "x".repeat(1601));
    await message(page, "xxx").getByText("Failed to").waitFor();
    await served.conversation.participants.create({ identity: "testMango" });
    await history(page).getByText("testMango joined").waitFor();
    await message(page, "From the phone").waitFor();
    expect(await lowContrast(page)).toEqual([]);
    await page.evaluate("document.body.style.color = '#888'");
    expect(await lowContrast(page)).not.toEqual([]);
  });

  it("fits narrow screens and dark ones", async () => {
    const served = await stage.serve();
    const page = await open(`${served.url}?identity=${PINEAPPLE}`, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });
    await connected(page);
    await openFirst(page);
    await write(page, "From a small screen");
    await message(page, "From a small screen").getByText("Delivered").waitFor();
    await page.screenshot(screenshot("narrow"));
    await page.getByRole("navigation", { name: "Parts of the page" }).getByRole("button", { name: "Phones" }).click();
    await phone(page).getByText("From a small screen").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  });
});
