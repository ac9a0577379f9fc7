import { expect, it } from "vitest";
import { Conversation, ConversationService, ConversationWebhook } from "../../src/index";
import { openLab } from "./lab";

it("a program with six ConversationWebhooks of one conversation fails at preview, and the error names the sixth and the limit", async () => {
  const lab = await openLab({
    program: async () => {
      const service = new ConversationService("support", { friendlyName: "Support" });
      const conversation = new Conversation("hello", { service });
      for (const name of ["first", "second", "third", "fourth", "fifth", "sixth"]) {
        new ConversationWebhook(name, { conversation, webhook: { url: "https://example.com/webhook", filters: ["onMessageAdded"] } });
      }
    },
  });
  try {
    const outcome = await lab.stack.preview();
    expect(outcome.ok).toBe(false);
    expect(outcome.text).toContain(
      'ConversationWebhook "sixth": conversation has too many: Twilio allows at most 5 of kind ConversationWebhook. Remove one, or use another conversation.',
    );
    expect(outcome.text).not.toContain('"fifth" exceeds');
    expect(await lab.twilio.writes()).toEqual([]);
  } finally {
    await lab.close();
  }
});
