import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { chatToken } from "../../src";
import { describeInBrowser, pages, screenshot } from "../support/browser";
import { messageItem, openChat, phone, SERVER_STOPPED, sendMessage, sendText, untilConnected } from "./page";
import { type ChatFixture, HANDSET, openChatFixture, PINEAPPLE } from "./support";

vi.setConfig({ testTimeout: 90_000 });

describeInBrowser("the connection of the chat page", () => {
  let fixture: ChatFixture;
  const { open, expectComplaints } = pages();
  beforeAll(async () => {
    fixture = await openChatFixture();
  });
  afterAll(() => fixture?.close());

  it("keeps the user and the messages after a reload", async () => {
    const page = await openChat(open, await fixture.serve());
    await sendMessage(page, "Still here?");
    await messageItem(page, "Still here?").getByText("Delivered").waitFor();
    await page.reload();
    await messageItem(page, "Still here?").getByText("Delivered").waitFor();
    await untilConnected(page);
  });

  it("reconnects after a restart of the emulator, and shows what happened in between", async () => {
    expectComplaints(SERVER_STOPPED);
    const served = await fixture.serve();
    const page = await openChat(open, served);
    await sendMessage(page, "Before");
    await messageItem(page, "Before").getByText("Delivered").waitFor();
    await fixture.stop();
    await page.getByText(/Twilio does not respond at http/).waitFor();
    await page.screenshot(screenshot("unreachable"));
    await sendMessage(page, "While disconnected");
    await messageItem(page, "While disconnected").getByText("Sending …").waitFor();
    await fixture.restart();
    await served.conversation.messages.create({ author: HANDSET, body: "While you were away" });
    await untilConnected(page);
    await page.getByText(/Twilio does not respond at http/).waitFor({ state: "hidden" });
    await messageItem(page, "While you were away").waitFor();
    await sendText(page, "After");
    await messageItem(page, "After").waitFor();
    await sendMessage(page, "And back");
    await phone(page).getByText("And back").waitFor();
    await messageItem(page, "While disconnected").getByText("Delivered").waitFor();
    expect(await messageItem(page, "While disconnected").count()).toBe(1);
    expect(await messageItem(page, "Before").count()).toBe(1);
  });

  it("reconnects after a restart of the emulator on another port", async () => {
    expectComplaints(SERVER_STOPPED);
    const served = await fixture.serve();
    const page = await openChat(open, served);
    await sendMessage(page, "Before");
    await messageItem(page, "Before").getByText("Delivered").waitFor();
    await fixture.stop();
    await fixture.restart({ onOtherPort: true });
    await page.waitForEvent("load");
    await messageItem(page, "Before").waitFor();
    await untilConnected(page);
    await sendText(page, "After");
    await messageItem(page, "After").waitFor();
    await fixture.stop();
    await fixture.restart();
  });

  it("renews its token before it expires, without losing the connection", async () => {
    const { accountSid, apiKey, apiSecret } = fixture.emulator;
    const served = await fixture.serve({
      token: (identity, { serviceSid, request }) =>
        request === 1 ? chatToken({ accountSid, apiKey, apiSecret, chatServiceSid: serviceSid, identity, ttl: 180 }) : undefined,
    });
    const page = await openChat(open, served);
    await vi.waitFor(() => expect(served.tokenRequests()).toBe(2), { timeout: 20_000 });
    // The first token expires.
    await fixture.twilio.advance(200);
    await sendText(page, "Still connected?");
    await messageItem(page, "Still connected?").waitFor();
    await untilConnected(page);
    expect(served.tokenRequests()).toBe(2);
  });

  it.each([
    ["a malformed token", () => "eyJhbGciOiJIUzI1NiJ9.e30.bad", /Twilio refuses the token \(.*error 2010\d\).*API key/],
    ["a token that another key signed", "canary", /Twilio refuses the token \(.*error 2010\d\).*API key belongs to this account/],
    ["an expired token", -3600, /Twilio refuses the token \(.*error 20104\).*expired: check the clock/],
  ] as const)("explains why Twilio refuses %s", async (_token, wrong, expected) => {
    expectComplaints(/WebSocket|401|403/);
    const { accountSid, apiKey, apiSecret } = fixture.emulator;
    const served = await fixture.serve({
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
    await page.getByRole("alert").getByText(expected).waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    await page.screenshot(screenshot("refused"));
  });

  it("says what to do if the service does not exist", async () => {
    expectComplaints(/502/);
    const nowhere = `IS${"0".repeat(32)}`;
    const page = await open((await fixture.serve({ serviceSid: nowhere })).url);
    await page.getByRole("alert").getByText(`has no conversation service ${nowhere}`).waitFor();
  });

  it("connects as soon as the emulator starts", async () => {
    expectComplaints(SERVER_STOPPED);
    const served = await fixture.serve();
    await fixture.stop();
    const page = await open(`${served.url}?identity=${PINEAPPLE}`);
    await page.getByRole("alert").getByText("Twilio does not respond at http").waitFor();
    await fixture.restart();
    await untilConnected(page);
    await page.getByRole("alert").waitFor({ state: "hidden" });
  });
});
