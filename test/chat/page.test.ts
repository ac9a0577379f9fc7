import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { sharedNames } from "../support/axe";
import { describeInBrowser, pages, screenshot } from "../support/browser";
import { messageItem, messageList, openChat, openFirst, phone, sendMessage, sendText, untilConnected } from "./page";
import { type ChatFixture, HANDSET, openChatFixture, PINEAPPLE, type ServedPage } from "./support";

vi.setConfig({ testTimeout: 90_000 });

describeInBrowser("the chat page", () => {
  let fixture: ChatFixture;
  const { open } = pages();
  beforeAll(async () => {
    fixture = await openChatFixture();
  });
  afterAll(() => fixture?.close());

  /** Creates another conversation of the user. */
  async function newConversation({ serviceSid }: ServedPage, friendlyName: string) {
    const { conversations } = fixture.twilio.client.conversations.v1.services(serviceSid);
    const { sid } = await conversations.create({ friendlyName });
    await conversations(sid).participants.create({ identity: PINEAPPLE });
    return conversations(sid);
  }

  it("shows texts from the virtual phone, and delivers the replies to it", async () => {
    const served = await fixture.serve();
    const page = await open(served.url, { viewport: { width: 1100, height: 620 } });
    await page.getByRole("button", { name: PINEAPPLE }).click();
    await untilConnected(page);

    // The only conversation opens by itself.
    await sendText(page, "Hello! Is anybody there?");
    await messageItem(page, "Hello! Is anybody there?").getByText(HANDSET).waitFor();
    await sendMessage(page, "Yes. How can we help?");
    await phone(page).getByText("Yes. How can we help?").waitFor();
    await messageItem(page, "Yes. How can we help?").getByText("Delivered").waitFor();
    await sendText(page, "My order has not arrived yet");
    await messageItem(page, "My order has not arrived yet").waitFor();
    await phone(page).getByText("My order has not arrived yet").waitFor();
    const row = page.getByRole("navigation", { name: "Conversations" }).getByRole("button");
    await row.getByText(`${HANDSET}: My order has not arrived yet`).waitFor();
    await row.getByText("unread").waitFor({ state: "hidden" });
    await page.screenshot(screenshot("chat"));
    await row.getByText(/^\d+:\d\d/).waitFor();
    expect(await sharedNames(page)).toEqual([]);

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
    const quick = await newConversation(served, "Quick");
    await quick.messages.create({ author: "somebody", body: "at once" });
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
    await other.getByRole("textbox", { name: "Message", exact: true }).pressSequentially("Hel");
    await page.getByText("testMango is typing …").waitFor();
    await other.getByRole("button", { name: "Send", exact: true }).click();
    await messageItem(page, "Hel").waitFor();
    await page.getByText("testMango is typing …").waitFor({ state: "hidden" });
  });

  it("counts unread messages until they are read", async () => {
    const served = await fixture.serve();
    await newConversation(served, "Another");
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
    const served = await fixture.serve();
    const other = await newConversation(served, "Another");
    await other.messages.create({ author: "somebody", body: "Elsewhere" });
    const page = await openChat(open, served);
    await sendMessage(page, "x".repeat(33_000));
    const refused = messageItem(page, "xxx");
    await refused.getByText(/Not sent: .*\(error 50504\)/).waitFor();
    await refused.getByRole("button", { name: "Send again" }).click();
    await refused.getByText(/Not sent: /).waitFor();

    // It stays in its conversation, as do a draft and a text that is being edited.
    const field = page.getByRole("textbox", { name: "Message", exact: true });
    await sendMessage(page, "Sent");
    await messageItem(page, "Sent").getByRole("button", { name: "Edit: Sent" }).click();
    await page.getByRole("textbox", { name: "Edit message" }).fill("Sent, but");
    await field.fill("A draft");
    await page.getByRole("button", { name: "Another" }).click();
    await messageItem(page, "Elsewhere").waitFor();
    expect([await refused.count(), await field.inputValue()]).toEqual([0, ""]);
    await field.fill("Another draft");
    await openFirst(page);
    await refused.getByText(/Not sent: /).waitFor();
    expect(await field.inputValue()).toBe("A draft");
    expect(await page.getByRole("textbox", { name: "Edit message" }).inputValue()).toBe("Sent, but");
    await page.reload();
    await untilConnected(page);
    await vi.waitFor(async () => expect(await field.inputValue()).toBe("A draft"));

    await sendMessage(page, "y".repeat(33_000));
    await messageItem(page, "yyy").getByRole("button", { name: "Discard" }).click();
    await messageItem(page, "yyy").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Another" }).click();
    await messageItem(page, "Elsewhere").waitFor();
    expect(await field.inputValue()).toBe("Another draft");
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
    await other.getByRole("button", { name: "Send text" }).click();
    await messageItem(page, "By WhatsApp").getByText(`whatsapp:${whatsapp}`).waitFor();
    // All participants except the author get it.
    await phone(page).getByText("By WhatsApp").waitFor();
    await sendText(page, "By SMS");
    await other.getByText("By SMS").waitFor();
    expect(await other.getByRole("listitem").count()).toBe(2);
  });

  it("shows the texts of a phone in their order, also within a second, and links only addresses of web pages", async () => {
    const served = await fixture.serve();
    const [number] = (await served.conversation.participants.list()).flatMap(
      ({ messagingBinding }) => (messagingBinding as { proxy_address?: string } | null)?.proxy_address ?? [],
    );
    const page = await openChat(open, served);
    const control = (body: unknown) => fetch(`${fixture.emulator.url}/_emulator/inbound`, { method: "POST", body: JSON.stringify(body) });
    for (const pair of [1, 2, 3]) {
      await control({ from: HANDSET, to: number, body: `Question ${pair}` });
      await served.conversation.messages.create({ author: PINEAPPLE, body: `Answer ${pair}` });
    }
    await phone(page).getByText("Answer 3").waitFor();
    const texts = ["Question 1", "Answer 1", "Question 2", "Answer 2", "Question 3", "Answer 3"];
    const bodies = phone(page)
      .locator(".body")
      .filter({ hasText: /Question|Answer/ });
    expect(await bodies.allTextContents()).toEqual(texts);
    // They load all at once now.
    await page.reload();
    await phone(page).getByText("Answer 3").waitFor();
    expect(await bodies.allTextContents()).toEqual(texts);

    const mediaUrl = ["javascript:alert(1)", "data:text/html,Hello", "https://example.com/picture.png"];
    await fixture.twilio.client.messages.create({ from: number, to: HANDSET, body: "Pictures", mediaUrl });
    await phone(page).getByText("Pictures").waitFor();
    expect(await phone(page).getByText("Attachment").count()).toBe(3);
    const links = phone(page).getByRole("link");
    expect(await links.evaluateAll((all) => all.map((link) => (link as unknown as { href: string }).href))).toEqual([mediaUrl[2]]);
  });

  it("has no phones for a real account", async () => {
    const page = await openChat(open, await fixture.serve({ isReal: true }));
    await page.getByText("This is where the conversation begins.").waitFor();
    expect(await page.getByRole("heading", { name: "Phones" }).isVisible()).toBe(false);
  });
});
