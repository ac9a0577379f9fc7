import { Buffer } from "node:buffer";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { describeInBrowser, pages, screenshot } from "../support/browser";
import { lowContrast } from "./contrast";
import { messageItem, messageList, openChat, openFirst, phone, sendMessage, sendText, untilConnected } from "./page";
import { type ChatFixture, HANDSET, openChatFixture, PINEAPPLE } from "./support";

vi.setConfig({ testTimeout: 90_000 });

describeInBrowser("the chat page", () => {
  let fixture: ChatFixture;
  const { open } = pages();
  beforeAll(async () => {
    fixture = await openChatFixture();
  });
  afterAll(() => fixture?.close());

  it("shows texts from the virtual phone, and delivers the replies to it", async () => {
    const served = await fixture.serve();
    const page = await open(served.url, { viewport: { width: 1100, height: 620 } });
    await page.getByRole("button", { name: PINEAPPLE }).click();
    await untilConnected(page);
    await openFirst(page);

    await sendText(page, "Hello! Is anybody there?");
    await messageItem(page, "Hello! Is anybody there?").getByText(HANDSET).waitFor();
    await sendMessage(page, "Yes. How can we help?");
    await phone(page).getByText("Yes. How can we help?").waitFor();
    await messageItem(page, "Yes. How can we help?").getByText("Delivered").waitFor();
    await sendText(page, "My order has not arrived yet");
    await messageItem(page, "My order has not arrived yet").waitFor();
    await page.screenshot(screenshot("chat"));

    const messages = await served.conversation.messages.list();
    expect(messages.map(({ author, body }) => [author, body])).toEqual([
      [HANDSET, "Hello! Is anybody there?"],
      [PINEAPPLE, "Yes. How can we help?"],
      [HANDSET, "My order has not arrived yet"],
    ]);
  });

  it("shows another participant who joins, writes and leaves", async () => {
    const served = await fixture.serve();
    const page = await openChat(open, served);
    const { sid } = await served.conversation.participants.create({ identity: "testMango" });
    await messageList(page).getByText("testMango joined").waitFor();
    await page.getByText(`you, ${HANDSET}, testMango`).waitFor();

    const other = await openChat(open, served, "testMango");
    await sendMessage(other, "Hello, I am new here");
    await messageItem(page, "Hello, I am new here").getByText("testMango").waitFor();
    // Delivered to the phone, and read in the open chat.
    await messageItem(other, "Hello, I am new here").getByText("Delivered, read by testPineapple").waitFor();

    await served.conversation.participants(sid).remove();
    await messageList(page).getByText("testMango left").waitFor();
    await other.getByText("testMango is not a participant of any conversation in this service").waitFor();
    await other.getByText("Choose a conversation").waitFor();
  });

  it("shows the last chosen conversation, even if another one loads later", async () => {
    const served = await fixture.serve();
    const { conversations } = fixture.twilio.client.conversations.v1.services(served.serviceSid);
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
    await untilConnected(page);
    await openFirst(page);
    await slow;
    await page.getByRole("button", { name: "Quick" }).click();
    await messageItem(page, "at once").waitFor();
    for (const release of held) release();
    await sendMessage(page, "Here?");
    await messageItem(page, "Here?").getByText("Sent").waitFor();
    expect(await messageList(page).getByRole("listitem").locator(".body").allTextContents()).toEqual(["at once", "Here?"]);
  });

  it("shows who is typing until they stop", async () => {
    const served = await fixture.serve();
    await served.conversation.participants.create({ identity: "testMango" });
    const [page, other] = [await openChat(open, served), await openChat(open, served, "testMango")];
    await other.getByRole("textbox", { name: "Message" }).pressSequentially("Hel");
    await page.getByText("testMango is typing …").waitFor();
    await other.getByRole("button", { name: "Send", exact: true }).click();
    await messageItem(page, "Hel").waitFor();
    await page.getByText("testMango is typing …").waitFor({ state: "hidden" });
  });

  it("counts unread messages until they are read", async () => {
    const served = await fixture.serve();
    const page = await open(`${served.url}?identity=${PINEAPPLE}`);
    await untilConnected(page);
    await sendText(page, "One");
    await sendText(page, "Two");
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

  it("loads older messages on scrolling up, and keeps the scroll position", async () => {
    const served = await fixture.serve();
    for (let number = 0; number < 75; number += 1)
      await served.conversation.messages.create({ author: HANDSET, body: `Message ${number}.` });
    const page = await openChat(open, served);
    await messageItem(page, "Message 74.").waitFor();
    expect(await messageList(page).getByRole("listitem").count()).toBe(30);
    const first = messageItem(page, "Message 45.");
    await first.scrollIntoViewIfNeeded();
    await messageItem(page, "Message 15.").waitFor({ state: "attached" });
    // The message at the top is still visible, and no message is duplicated or out of order.
    const top = await first.evaluate((item) => item.getBoundingClientRect().top);
    expect(top).toBeGreaterThan(0);
    expect(top).toBeLessThan(400);
    await messageItem(page, "Message 15.").scrollIntoViewIfNeeded();
    await messageItem(page, "Message 0.").scrollIntoViewIfNeeded();
    await page.getByText("This is where the conversation begins.").waitFor();
    const bodies = await messageList(page).locator(".body").allTextContents();
    expect(bodies).toEqual(Array.from({ length: 75 }, (_, number) => `Message ${number}.`));

    await sendText(page, "News");
    await page.getByRole("button", { name: "1 new message" }).click();
    await page.getByRole("button", { name: "1 new message" }).waitFor({ state: "hidden" });
  });

  it("shows who did not get a message, and why", async () => {
    const served = await fixture.serve();
    const page = await openChat(open, served);
    await sendMessage(page, "x".repeat(1601));
    const failed = messageItem(page, "xxx");
    await failed.getByText(`Not delivered to ${HANDSET}: the text is longer than 1600 characters`).waitFor();
    expect(await failed.getByRole("link", { name: "error 21617" }).getAttribute("href")).toBe(
      "https://www.twilio.com/docs/api/errors/21617",
    );
  });

  it("keeps a message that Twilio refuses, with the reason, until the user discards it", async () => {
    const page = await openChat(open, await fixture.serve());
    await sendMessage(page, "x".repeat(33_000));
    const refused = messageItem(page, "xxx");
    await refused.getByText(/Not sent: .*\(error 50504\)/).waitFor();
    await refused.getByRole("button", { name: "Send again" }).click();
    await refused.getByText(/Not sent: /).waitFor();
    await refused.getByRole("button", { name: "Discard" }).click();
    await refused.waitFor({ state: "detached" });
  });

  it("sends and shows an image, and links any other file", async () => {
    const served = await fixture.serve();
    const page = await openChat(open, served);
    const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
    const file = page.getByLabel("File to send");
    await file.setInputFiles({ name: "pixel.png", mimeType: "image/png", buffer: pixel });
    const picture = messageList(page).getByRole("img", { name: "pixel.png" });
    await picture.waitFor();
    await vi.waitFor(async () =>
      expect(await picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(1),
    );
    await file.setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("a few notes") });
    const link = messageList(page).getByRole("link", { name: "notes.txt (11 bytes)" });
    expect(await (await fetch((await link.getAttribute("href")) as string)).text()).toBe("a few notes");
  });

  it("works with the keyboard alone", async () => {
    const served = await fixture.serve();
    const page = await open(served.url);
    const press = async (key: string, times = 1) => {
      for (let time = 0; time < times; time += 1) await page.keyboard.press(key);
    };
    const focused = () => page.evaluate<string>("document.activeElement.textContent || document.activeElement.id");
    await page.getByRole("button", { name: PINEAPPLE }).waitFor();
    await press("Tab");
    expect(await focused()).toBe(PINEAPPLE);
    await press("Enter");
    await untilConnected(page);
    const row = page.getByRole("button", { name: "My First Conversation" });
    await row.waitFor();
    while (!(await focused()).startsWith("My First Conversation")) await press("Tab");
    await press("Enter");
    await vi.waitFor(async () => expect(await focused()).toBe("text"));
    await page.keyboard.type("Two");
    await press("Shift+Enter");
    await page.keyboard.type("lines");
    await press("Enter");
    await messageItem(page, "Two\nlines").getByText("Delivered").waitFor();
    expect((await served.conversation.messages.list())[0]?.body).toBe("Two\nlines");
  });

  it("has a phone for SMS and one for WhatsApp, each with its own texts", async () => {
    const served = await fixture.serve();
    const numbers = await served.conversation.participants.list();
    const proxy = numbers.flatMap(
      ({ messagingBinding }) => (messagingBinding as { proxy_address?: string } | null)?.proxy_address ?? [],
    )[0];
    const whatsapp = "+15558675311";
    const page = await openChat(open, served);
    await phone(page).waitFor();
    await served.conversation.participants.create({
      "messagingBinding.address": `whatsapp:${whatsapp}`,
      "messagingBinding.proxyAddress": `whatsapp:${proxy}`,
    });
    const other = phone(page, `${whatsapp} (WhatsApp)`);
    await other.getByRole("textbox").fill("By WhatsApp");
    await other.getByRole("button", { name: "Text" }).click();
    await messageItem(page, "By WhatsApp").getByText(`whatsapp:${whatsapp}`).waitFor();
    // All participants except the author get it.
    await phone(page).getByText("By WhatsApp").waitFor();
    await sendText(page, "By SMS");
    await other.getByText("By SMS").waitFor();
    expect(await other.getByRole("listitem").count()).toBe(2);
  });

  it("has no phones for a real account", async () => {
    const page = await openChat(open, await fixture.serve({ isReal: true }));
    await page.getByText("This is where the conversation begins.").waitFor();
    expect(await page.getByRole("heading", { name: "Phones" }).isVisible()).toBe(false);
  });

  it.each(["light", "dark"] as const)("has the contrast that WCAG AA requires for all text in the %s color scheme", async (colorScheme) => {
    const served = await fixture.serve();
    const page = await open(served.url, { colorScheme });
    await page.getByRole("button", { name: PINEAPPLE }).waitFor();
    expect(await lowContrast(page)).toEqual([]);
    await page.getByRole("button", { name: PINEAPPLE }).click();
    await openFirst(page);
    await sendText(page, "From the phone");
    await sendMessage(page, "x".repeat(1601));
    await messageItem(page, "xxx").getByText("Not delivered to").waitFor();
    await served.conversation.participants.create({ identity: "testMango" });
    await messageList(page).getByText("testMango joined").waitFor();
    await messageItem(page, "From the phone").waitFor();
    expect(await lowContrast(page)).toEqual([]);
    await page.evaluate("document.body.style.color = '#888'");
    expect(await lowContrast(page)).not.toEqual([]);
  });

  it("fits a narrow screen in the dark color scheme", async () => {
    const served = await fixture.serve();
    const page = await open(`${served.url}?identity=${PINEAPPLE}`, { viewport: { width: 360, height: 740 }, colorScheme: "dark" });
    await untilConnected(page);
    await openFirst(page);
    await sendMessage(page, "From a small screen");
    await messageItem(page, "From a small screen").getByText("Delivered").waitFor();
    await page.screenshot(screenshot("narrow"));
    await page.getByRole("navigation", { name: "Sections" }).getByRole("button", { name: "Phones" }).click();
    await phone(page).getByText("From a small screen").waitFor();
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  });
});
