import { Buffer } from "node:buffer";
import { type AddressInfo, connect, createServer } from "node:net";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { describeInBrowser, pages } from "../support/browser";
import { messageItem, messageList, openChat, phone, sendMessage, sendText } from "./page";
import { type ChatFixture, HANDSET, openChatFixture, PINEAPPLE } from "./support";

vi.setConfig({ testTimeout: 90_000 });

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

describeInBrowser("the messages of a conversation", () => {
  let fixture: ChatFixture;
  const { open } = pages();
  beforeAll(async () => {
    fixture = await openChatFixture();
  });
  afterAll(() => fixture?.close());

  const messages = (page: Page) => messageList(page).locator("li.message");

  it("load older ones on scrolling up, and keep the scroll position", async () => {
    const served = await fixture.serve();
    for (let number = 0; number < 75; number += 1)
      await served.conversation.messages.create({ author: HANDSET, body: `Message ${number}.` });
    const page = await openChat(open, served);
    await messageItem(page, "Message 74.").waitFor();
    expect(await messages(page).count()).toBe(30);
    // The place of the first text on the screen in each frame, from the moment in which the user reaches the top.
    const first = messageItem(page, "Message 45.");
    await page.evaluate(`(() => {
      const text = [...document.querySelectorAll("#log .body")].find((body) => body.textContent === "Message 45.");
      const record = () => {
        window.tops.push(text.getBoundingClientRect().top);
        requestAnimationFrame(record);
      };
      window.tops = [];
      document.getElementById("messages").scrollTop = 50;
      requestAnimationFrame(record);
    })()`);
    await messageItem(page, "Message 15.").waitFor({ state: "attached" });
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
    const tops = await page.evaluate<number[]>("window.tops");
    expect(Math.max(...tops) - Math.min(...tops)).toBeLessThanOrEqual(1);
    expect(await first.isVisible()).toBe(true);
    await messageItem(page, "Message 15.").scrollIntoViewIfNeeded();
    await messageItem(page, "Message 0.").scrollIntoViewIfNeeded();
    await page.getByText("This is where the conversation begins.").waitFor();
    const bodies = await messageList(page).locator(".body").allTextContents();
    expect(bodies).toEqual(Array.from({ length: 75 }, (_, number) => `Message ${number}.`));

    await sendText(page, "News");
    await page.getByRole("button", { name: "1 new message" }).click();
    await page.getByRole("button", { name: "1 new message" }).waitFor({ state: "hidden" });

    // A screen that is higher than a page of messages shows all that fit.
    await page.setViewportSize({ width: 1280, height: 3000 });
    await page.reload();
    await messageItem(page, "Message 15.").waitFor();
  });

  it("are grouped by author and separated by day", async () => {
    const served = await fixture.serve();
    const noon = new Date().setHours(12, 0, 0, 0);
    const at = (author: string, body: string, dateCreated: number) =>
      served.conversation.messages.create({ author, body, dateCreated: new Date(dateCreated) });
    await at(HANDSET, "Long ago", noon - 40 * DAY);
    await at(HANDSET, "Yesterday", noon - DAY);
    await at(HANDSET, "Still", noon - DAY + MINUTE);
    await at(PINEAPPLE, "Reply", noon - DAY + 2 * MINUTE);
    await at(PINEAPPLE, "Later", noon - DAY + 30 * MINUTE);
    const page = await openChat(open, served);
    await messageItem(page, "Later").waitFor();
    await sendMessage(page, "Now");
    await messageItem(page, "Now").getByText("Delivered").waitFor();
    await sendMessage(page, "And now");
    await messageItem(page, "And now").getByText("Delivered").waitFor();
    const lines = () =>
      page.evaluate<string[]>(`[...document.querySelectorAll("#log > li")].map((item) => {
        if (item.matches(".day")) return "-- " + item.textContent;
        const author = item.querySelector(".by").getBoundingClientRect().width > 1 ? item.querySelector(".author").textContent + ": " : "";
        return author + item.querySelector(".body").textContent;
      })`);
    const [long, ...others] = await lines();
    expect(long).toMatch(/^-- .*\d/);
    const yesterday = ["-- yesterday", `${HANDSET}: Yesterday`, "Still", "You: Reply", "You: Later"];
    expect(others).toEqual([`${HANDSET}: Long ago`, ...yesterday, "-- today", "You: Now", "And now"]);

    // Without the first message of a group or of a day, the next one is the first.
    for (const body of ["Yesterday", "Now"]) {
      const found = (await served.conversation.messages.list()).find((message) => message.body === body);
      await served.conversation.messages(String(found?.sid)).remove();
    }
    await vi.waitFor(async () =>
      expect(await lines()).toEqual([
        long,
        ...[`${HANDSET}: Long ago`, "-- yesterday", `${HANDSET}: Still`, "You: Reply", "You: Later", "-- today", "You: And now"],
      ]),
    );
  });

  it("can be edited and deleted by their author", async () => {
    const served = await fixture.serve();
    const page = await openChat(open, served);
    await sendText(page, "From the phone");
    await messageItem(page, "From the phone").waitFor();
    expect(await messageItem(page, "From the phone").getByRole("button").count()).toBe(0);
    await sendMessage(page, "With a typpo");
    await messageItem(page, "With a typpo").getByText("Delivered").waitFor();

    await page.getByRole("button", { name: "Edit: With a typpo" }).click();
    const field = page.getByRole("textbox", { name: "Edit message" });
    expect(await field.inputValue()).toBe("With a typpo");
    await field.fill("Not this");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    // The text stays if Twilio refuses it.
    await field.fill("x".repeat(33_000));
    await page.getByRole("button", { name: "Save" }).click();
    await page
      .getByRole("alert")
      .getByText(/Not saved: .*\(error 50504\)/)
      .waitFor();
    expect(await field.inputValue()).toHaveLength(33_000);
    await field.fill("Without a typo");
    await page.keyboard.press("Enter");
    await messageItem(page, "Without a typo").getByText("Delivered").waitFor();
    const row = page.getByRole("navigation", { name: "Conversations" }).getByRole("button");
    await row.getByText("You: Without a typo").waitFor();
    expect((await served.conversation.messages.list()).map(({ body }) => body)).toEqual(["From the phone", "Without a typo"]);

    const item = messageItem(page, "Without a typo");
    await item.getByRole("button", { name: "Delete: Without a typo" }).click();
    await item.getByRole("button", { name: "Keep" }).click();
    await item.getByRole("button", { name: "Delete: Without a typo" }).click();
    await item.getByRole("button", { name: "Delete message" }).click();
    await item.waitFor({ state: "detached" });
    await row.getByText(`${HANDSET}: From the phone`).waitFor();
    expect((await served.conversation.messages.list()).map(({ body }) => body)).toEqual(["From the phone"]);
    // The phone keeps what it received.
    expect(await phone(page).getByText("With a typpo").count()).toBe(1);
  });

  it("can have images, which are shown, and other files, which are linked", async () => {
    const served = await fixture.serve();
    const page = await openChat(open, served);
    const pixel = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");
    const picture = messageList(page).getByRole("img", { name: "pixel.png" });
    const link = messageList(page).getByRole("link", { name: "notes.txt (11 bytes)" });
    await page.getByLabel("Files to send").setInputFiles([
      { name: "pixel.png", mimeType: "image/png", buffer: pixel },
      { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("a few notes") },
    ]);
    await picture.waitFor();
    await vi.waitFor(async () =>
      expect(await picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(1),
    );
    expect(await (await fetch((await link.getAttribute("href")) as string)).text()).toBe("a few notes");
    // Files are uploaded at the same time; the list shows the one that arrived last.
    await page
      .getByRole("navigation", { name: "Conversations" })
      .getByText(/You: (notes\.txt|pixel\.png)/)
      .waitFor();

    // Pasted and dropped files are sent, too. Pasted text is not a file.
    const transfer = (event: string, file: string) => `(() => {
      const data = new DataTransfer();
      data.items.add(new File(["${file}"], "${file}", { type: "text/plain" }));
      const options = { clipboardData: data, dataTransfer: data, bubbles: true, cancelable: true };
      const sent = new (${event === "paste" ? "ClipboardEvent" : "DragEvent"})("${event}", options);
      document.getElementById("${event === "paste" ? "text" : "messages"}").dispatchEvent(sent);
      return sent.defaultPrevented;
    })()`;
    await page.evaluate(transfer("paste", "pasted.txt"));
    await messageList(page).getByRole("link", { name: "pasted.txt (10 bytes)" }).waitFor();
    expect(await page.evaluate(transfer("dragover", ""))).toBe(true);
    await page.getByText("Drop files to send them").waitFor();
    expect(await page.evaluate(transfer("drop", "dropped.txt"))).toBe(true);
    await page.getByText("Drop files to send them").waitFor({ state: "hidden" });
    await messageList(page).getByRole("link", { name: "dropped.txt (11 bytes)" }).waitFor();
    const sent = await served.conversation.messages.list();
    expect(sent.map(({ media }) => (media as { filename: string }[])[0]?.filename).sort()).toEqual([
      ...["dropped.txt", "notes.txt", "pasted.txt", "pixel.png"],
    ]);
  });

  it("show the progress of an upload, which can be canceled", async () => {
    const served = await fixture.serve({ baseUrl: await openSlowProxy(Number(new URL(fixture.emulator.url).port)) });
    const page = await openChat(open, served);
    const upload = (size: number) =>
      page.evaluate(`(() => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(${size})], "large.bin"));
        const input = document.getElementById("file");
        input.files = data.files;
        input.dispatchEvent(new Event("change"));
      })()`);
    // Larger than what the system accepts at once.
    await upload(40_000_000);
    const progress = messageList(page).getByRole("progressbar", { name: "Upload of large.bin" });
    const values: number[] = [];
    const sample = async () => {
      values.push(Number(await progress.evaluate((bar) => (bar as unknown as { value: number }).value)));
      expect(new Set(values).size).toBeGreaterThan(2);
    };
    await vi.waitFor(sample, { timeout: 10_000, interval: 20 });
    expect(values).toEqual([...values].sort((a, b) => a - b));
    expect(Math.max(...values)).toBeLessThan(1);
    await page.getByRole("button", { name: "Cancel: large.bin" }).click();
    await messageItem(page, "large.bin").waitFor({ state: "detached" });
    await sendMessage(page, "Never mind");
    await messageItem(page, "Never mind").getByText("Delivered").waitFor();
    expect(await served.conversation.messages.list()).toHaveLength(1);
    // The emulator got no complete request, which is not an error of its own.
    await vi.waitFor(async () => {
      const response = await fetch(`${fixture.emulator.url}/_emulator/requests`);
      const { requests } = (await response.json()) as { requests: { method: string; path: string; status: number | null }[] };
      const uploads = requests.filter(({ method, path }) => method === "POST" && path.endsWith("/Media"));
      expect(uploads.map(({ status }) => status)).toContain(null);
      expect(uploads.map(({ status }) => status)).not.toContain(500);
    });
    await upload(100_000);
    await messageList(page).getByRole("link", { name: "large.bin (100 kB)" }).waitFor();
  });
});

/** Opens a proxy that passes on what clients send at a limited rate, and returns its URL. */
async function openSlowProxy(port: number): Promise<string> {
  const proxy = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    upstream.pipe(client);
    client.on("data", (chunk) => {
      upstream.write(chunk);
      client.pause();
      setTimeout(() => client.resume(), 5);
    });
    client.on("close", () => upstream.destroy()).on("error", () => upstream.destroy());
    upstream.on("close", () => client.destroy()).on("error", () => client.destroy());
  });
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void proxy.close());
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
}
