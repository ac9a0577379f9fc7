import type { Page } from "playwright-core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { describeInBrowser, pages } from "../support/browser";
import { type ChatFixture, openChatFixture, PINEAPPLE, type ServedPage } from "./support";

vi.setConfig({ testTimeout: 60_000 });

const BODY = "Only once";
/** The two frames in which Twilio reports a new message: the response to the request, and the event for every client. */
type FrameKind = "response" | "event";

/** A page on which frames are held. */
interface Held {
  readonly page: Page;
  /** Passes a frame on. */
  readonly held: (() => void)[];
  /** Breaks the connection. The SDK opens another one. */
  disconnect(): Promise<void> | undefined;
  /** Loses the next request of the page to send the message. */
  loseNext(): void;
}

/** Counts the items of the list that show the message, after each change, and all elements that ever were such an item. */
const COUNT = `
  window.counts = [];
  window.items = new Set();
  new MutationObserver(() => {
    const items = [...document.querySelectorAll("#log > li")].filter((item) => item.textContent.includes(${JSON.stringify(BODY)}));
    if (items.length !== window.counts.at(-1)) window.counts.push(items.length);
    for (const item of items) window.items.add(item);
  }).observe(document.getElementById("log"), { childList: true, subtree: true });
`;

describeInBrowser("a message that the page sends", () => {
  let fixture: ChatFixture;
  // The phones on the page show the texts of every conversation of the account.
  beforeEach(async () => {
    fixture = await openChatFixture();
  });
  afterEach(() => fixture?.close());
  // Its pages are closed before the fixture.
  const { open } = pages();

  /** A page with the conversation open, on which frames of one kind wait until they are released. */
  async function openHolding(served: ServedPage, kind: FrameKind): Promise<Held> {
    const page = await open(served.url);
    const held: (() => void)[] = [];
    const ids: string[] = [];
    const sockets: { close(): Promise<void> }[] = [];
    let isLosing = false;
    const isOf = (frame: string): boolean =>
      kind === "event" ? frame.includes(`"text":"${BODY}"`) : frame.includes('"method":"reply"') && ids.some((id) => frame.includes(id));
    await page.routeWebSocket(/wsconnect/, (socket) => {
      const server = socket.connectToServer();
      sockets.push(socket);
      socket.onMessage((frame) => {
        const [, id] = String(frame).match(/"id":"([^"]+)"/) ?? [];
        const isMessage = String(frame).includes(`"body":"${BODY}"`);
        if (isMessage && isLosing) {
          isLosing = false;
          return socket.close();
        }
        if (isMessage && id) ids.push(id);
        server.send(frame);
      });
      server.onMessage((frame) => {
        if (isOf(String(frame))) held.push(() => socket.send(frame));
        else socket.send(frame);
      });
    });
    await page.goto(`${served.url}?identity=${PINEAPPLE}`);
    await page.getByText("You are connected.").waitFor();
    await page.getByRole("button", { name: "My First Conversation" }).click();
    await page.getByText("This is where the conversation begins.").waitFor();
    await page.evaluate(COUNT);
    const loseNext = () => {
      isLosing = true;
    };
    return { page, held, loseNext, disconnect: () => sockets.at(-1)?.close() };
  }

  async function write(page: Page, text: string): Promise<void> {
    await page.getByRole("textbox", { name: "Message", exact: true }).fill(text);
    await page.getByRole("button", { name: "Send", exact: true }).click();
  }

  const items = (page: Page) => page.getByRole("log", { name: "Messages" }).getByRole("listitem").filter({ hasText: BODY });
  const elements = (page: Page) => page.evaluate<number>("window.items.size");
  const counts = (page: Page) => page.evaluate<number[]>("window.counts");
  /** Waits for another message, which arrives after everything before it. */
  async function settle(page: Page, { conversation }: ServedPage): Promise<void> {
    await conversation.messages.create({ author: "somebody", body: "Something else" });
    await page.getByRole("log", { name: "Messages" }).getByText("Something else").waitFor();
  }

  it.each<FrameKind>(["response", "event"])("is in the list once, even if Twilio's %s is late", async (late) => {
    const served = await fixture.serve();
    const { page, held } = await openHolding(served, late);
    await write(page, BODY);
    await page.getByRole("article").getByText(BODY).waitFor();
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(0));
    await settle(page, served);
    expect(await items(page).count()).toBe(1);
    for (const release of held.splice(0)) release();
    await items(page).getByText("Delivered").waitFor();
    expect(await counts(page)).toEqual([1]);
    // The pending message became the sent one.
    expect(await elements(page)).toBe(1);
    // It is before the message that came after it, as on the phone.
    const bodies = page.getByRole("log", { name: "Messages" }).locator(".body");
    expect(await bodies.allTextContents()).toEqual([BODY, "Something else"]);
  });

  it("is in the list once if its request is lost and the user sends it again", async () => {
    const served = await fixture.serve();
    const { page, held, loseNext } = await openHolding(served, "response");
    loseNext();
    await write(page, BODY);
    await items(page).getByRole("button", { name: "Send again" }).click();
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(0), { timeout: 20_000 });
    await settle(page, served);
    for (const release of held.splice(0)) release();
    await items(page).getByText("Delivered").waitFor();
    expect(await counts(page)).toEqual([1]);
    expect(await elements(page)).toBe(1);
    expect((await served.conversation.messages.list()).filter(({ body }) => body === BODY)).toHaveLength(1);
  });

  it("is in the list as often as it was sent", async () => {
    const served = await fixture.serve();
    const { page, held } = await openHolding(served, "response");
    await write(page, BODY);
    await write(page, BODY);
    await vi.waitFor(() => expect(held.length).toBe(2));
    await settle(page, served);
    expect(await items(page).count()).toBe(2);
    for (const release of held.splice(0).reverse()) release();
    await vi.waitFor(async () => expect(await items(page).getByText("Delivered").count()).toBe(2));
    expect(await counts(page)).toEqual([1, 2]);
  });

  it("is in the list once if the connection breaks before the response arrives", async () => {
    const served = await fixture.serve();
    const { page, held, disconnect } = await openHolding(served, "response");
    // An earlier message with the same text must not be taken for it.
    await served.conversation.messages.create({ author: PINEAPPLE, body: BODY });
    await items(page).getByText("Delivered").waitFor();
    await write(page, BODY);
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(0));
    await disconnect();
    await vi.waitFor(async () => expect(await items(page).getByText("Delivered").count()).toBe(2), { timeout: 20_000 });
    expect(await items(page).count()).toBe(2);
    expect(await counts(page)).toEqual([1, 2]);
    expect(await elements(page)).toBe(2);
    expect(await served.conversation.messages.list()).toHaveLength(2);
  });
});
