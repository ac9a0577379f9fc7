import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { Conversation, ConversationService, Participant } from "../../src/index";
import { describeInBrowser, pages } from "../support/browser";
import { openStack, type TestStack } from "../support/engine";
import { openStage, PINEAPPLE, type Stage } from "./support";

vi.setConfig({ testTimeout: 120_000 });

describeInBrowser("the chat page, while pulumi up works on the real engine", () => {
  let stage: Stage;
  let stack: TestStack;
  let people: string[] = [];
  const { open } = pages();
  const up = async () => {
    const outcome = await stack.up();
    expect(outcome.ok, outcome.text).toBe(true);
    return outcome.changes;
  };
  beforeAll(async () => {
    stage = await openStage();
    stack = await openStack({
      twilio: stage.twilio,
      program: async () => {
        const service = new ConversationService("support", { friendlyName: "Support" });
        const conversation = new Conversation("hello", { service, friendlyName: "Made by Pulumi" });
        for (const identity of people) new Participant(identity, { conversation, identity });
      },
    });
  });
  afterAll(async () => {
    await stack?.close();
    await stage?.close();
  });

  it("shows a conversation as soon as its person is added, and no longer once they are removed", async () => {
    await up();
    const serviceSid = String((await stack.state()).support?.id);
    const page = await open(`${(await stage.serve({ serviceSid })).url}?identity=${PINEAPPLE}`);
    await page.getByText("You are connected.").waitFor();
    // The quickstart's trap, with the cure.
    await page.getByText(`new Participant("…", { conversation, identity: "${PINEAPPLE}" })`).waitFor();
    expect(await page.getByRole("button", { name: "Made by Pulumi" }).count()).toBe(0);

    people = [PINEAPPLE];
    expect(await up()).toEqual({ [PINEAPPLE]: "create" });
    await page.getByRole("button", { name: "Made by Pulumi" }).click();
    await page.getByText("This is where the conversation begins.").waitFor();

    people = [];
    expect(await up()).toEqual({ [PINEAPPLE]: "delete" });
    await page.getByRole("button", { name: "Made by Pulumi" }).waitFor({ state: "detached" });
    await page.getByText(`${PINEAPPLE} takes part in no conversation of this service`).waitFor();
  });
});
