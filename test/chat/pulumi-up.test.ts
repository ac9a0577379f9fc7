import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { Conversation, ConversationService, Participant } from "../../src/index";
import { describeInBrowser, pages } from "../support/browser";
import { openStack, type TestStack } from "../support/engine";
import { type ChatFixture, openChatFixture, PINEAPPLE } from "./support";

vi.setConfig({ testTimeout: 120_000 });

describeInBrowser("the chat page during `pulumi up` on the real engine", () => {
  let fixture: ChatFixture;
  let stack: TestStack;
  let identities: string[] = [];
  const { open } = pages();
  const up = async () => {
    const outcome = await stack.up();
    expect(outcome.ok, outcome.text).toBe(true);
    return outcome.changes;
  };
  beforeAll(async () => {
    fixture = await openChatFixture();
    stack = await openStack({
      twilio: fixture.twilio,
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        const conversation = new Conversation("hello", { service, friendlyName: "Made by Pulumi" });
        for (const identity of identities) new Participant(identity, { conversation, identity });
      },
    });
  });
  afterAll(async () => {
    await stack?.close();
    await fixture?.close();
  });

  it("shows a conversation after the user is added to it, and removes it after the user is removed", async () => {
    await up();
    const serviceSid = String((await stack.state()).support?.id);
    const page = await open(`${(await fixture.serve({ serviceSid })).url}?identity=${PINEAPPLE}`);
    await page.getByText("You are connected.").waitFor();
    // A conversation without a participant is a common mistake. The page shows the remedy.
    await page.getByText(`new Participant("…", { conversation, identity: "${PINEAPPLE}" })`).waitFor();
    expect(await page.getByRole("button", { name: "Made by Pulumi" }).count()).toBe(0);

    identities = [PINEAPPLE];
    expect(await up()).toEqual({ [PINEAPPLE]: "create" });
    await page.getByRole("button", { name: "Made by Pulumi" }).click();
    await page.getByText("This is where the conversation begins.").waitFor();

    identities = [];
    expect(await up()).toEqual({ [PINEAPPLE]: "delete" });
    await page.getByRole("button", { name: "Made by Pulumi" }).waitFor({ state: "detached" });
    await page.getByText(`${PINEAPPLE} is not a participant of any conversation in this service`).waitFor();
  });
});
