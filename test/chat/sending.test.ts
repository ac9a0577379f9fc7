import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { describeInBrowser, pages } from "../support/browser";
import { openStage, PINEAPPLE, type Served, type Stage } from "./support";

vi.setConfig({ testTimeout: 60_000 });

const BODY = "Only once";
/** What Twilio sends after a message was posted: the answer to the request, and the event to every client. */
type FrameKind = "answer" | "event";

/** A page on which frames are held. */
interface Held {
  readonly page: Page;
  /** Passes a frame on. */
  readonly held: (() => void)[];
  /** Breaks the connection. The SDK opens another one. */
  disconnect(): Promise<void> | undefined;
}

/** Counts the items of the list that show the message, after each change. */
const COUNT = `
  window.counts = [];
  new MutationObserver(() => {
    const count = [...document.querySelectorAll("#log > li")].filter((item) => item.textContent.includes(${JSON.stringify(BODY)})).length;
    if (count !== window.counts.at(-1)) window.counts.push(count);
  }).observe(document.getElementById("log"), { childList: true, subtree: true });
`;

describeInBrowser("a message that is being sent", () => {
  let stage: Stage;
  const { open } = pages();
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  /** A page with the conversation open, on which frames of one kind wait until they are released. */
  async function openHolding(served: Served, kind: FrameKind): Promise<Held> {
    const page = await open(served.url);
    const held: (() => void)[] = [];
    const ids: string[] = [];
    const sockets: { close(): Promise<void> }[] = [];
    const isOf = (frame: string): boolean =>
      kind === "event" ? frame.includes(`"text":"${BODY}"`) : frame.includes('"method":"reply"') && ids.some((id) => frame.includes(id));
    await page.routeWebSocket(/wsconnect/, (socket) => {
      const server = socket.connectToServer();
      sockets.push(socket);
      socket.onMessage((frame) => {
        const [, id] = String(frame).match(/"id":"([^"]+)"/) ?? [];
        if (String(frame).includes(`"body":"${BODY}"`) && id) ids.push(id);
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
    return { page, held, disconnect: () => sockets.at(-1)?.close() };
  }

  async function write(page: Page, text: string): Promise<void> {
    await page.getByRole("textbox", { name: "Message" }).fill(text);
    await page.getByRole("button", { name: "Send", exact: true }).click();
  }

  const items = (page: Page) => page.getByRole("log", { name: "Messages" }).getByRole("listitem").filter({ hasText: BODY });
  const counts = (page: Page) => page.evaluate<number[]>("window.counts");
  /** Another message arrives, so everything that came before it was handled. */
  async function settle(page: Page, { conversation }: Served): Promise<void> {
    await conversation.messages.create({ author: "somebody", body: "Something else" });
    await page.getByRole("log", { name: "Messages" }).getByText("Something else").waitFor();
  }

  it.each<FrameKind>(["answer", "event"])("is in the list once, even if Twilio's %s comes late", async (late) => {
    const served = await stage.serve();
    const { page, held } = await openHolding(served, late);
    await write(page, BODY);
    await page.getByRole("article").getByText(BODY).waitFor();
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(0));
    await settle(page, served);
    expect(await items(page).count()).toBe(1);
    for (const release of held.splice(0)) release();
    await items(page).getByText("Delivered").waitFor();
    expect(await counts(page)).toEqual([1]);
  });

  it("is in the list once for each time that it was sent", async () => {
    const served = await stage.serve();
    const { page, held } = await openHolding(served, "answer");
    await write(page, BODY);
    await write(page, BODY);
    await vi.waitFor(() => expect(held.length).toBe(2));
    await settle(page, served);
    expect(await items(page).count()).toBe(2);
    for (const release of held.splice(0).reverse()) release();
    await vi.waitFor(async () => expect(await items(page).getByText("Delivered").count()).toBe(2));
    expect(await counts(page)).toEqual([1, 2]);
  });

  it("is in the list once if the connection breaks before the answer arrives", async () => {
    const served = await stage.serve();
    const { page, held, disconnect } = await openHolding(served, "answer");
    // An earlier message with the same text must not be taken for it.
    await served.conversation.messages.create({ author: PINEAPPLE, body: BODY });
    await items(page).getByText("Delivered").waitFor();
    await write(page, BODY);
    await vi.waitFor(() => expect(held.length).toBeGreaterThan(0));
    await disconnect();
    await vi.waitFor(async () => expect(await items(page).getByText("Delivered").count()).toBe(2), { timeout: 20_000 });
    expect(await items(page).count()).toBe(2);
    expect(await counts(page)).toEqual([1, 2]);
    expect(await served.conversation.messages.list()).toHaveLength(2);
  });
});
