/** A chat page in a real browser that uses the proxy: Twilio's SDK as its script tag loads it, with no setting but a token. */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeInBrowser, pages } from "../support/browser";
import { useEmulator } from "./support/emulator";
import { useSdkService } from "./support/sdk-service";

describeInBrowser("a chat page that uses the proxy", () => {
  const twilio = useEmulator({ proxy: true });
  const sdk = useSdkService(twilio);
  const browser = pages();
  const library = join(import.meta.dirname, "../../node_modules/@twilio/conversations/builds/twilio-conversations.min.js");
  const server = createServer((request, response) => {
    response.setHeader("Content-Type", request.url === "/sdk.js" ? "text/javascript" : "text/html");
    response.end(
      request.url === "/sdk.js" ? readFileSync(library) : '<!doctype html><link rel="icon" href="data:,"><script src="/sdk.js"></script>',
    );
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
  afterAll(() => void server.close());

  it("signs in, sends and receives", async () => {
    await sdk.conversation().participants.create({ identity: "testPineapple" });
    // This browser has not imported the authority.
    const proxy = { server: twilio.emulator.url, bypass: "localhost" };
    const page = await browser.open(`http://localhost:${(server.address() as AddressInfo).port}`, { proxy, ignoreHTTPSErrors: true });
    const sent = page.evaluate(
      async ([token, sid]) => {
        // biome-ignore lint/suspicious/noExplicitAny: the script tag defines it
        const { Client } = (globalThis as any).Twilio.Conversations;
        const client = new Client(token);
        await new Promise((resolve, reject) => {
          client.once("initialized", resolve);
          client.once("initFailed", reject);
        });
        const conversation = await client.getConversationBySid(sid);
        const received = new Promise((resolve) => {
          conversation.on(
            "messageAdded",
            (message: { author: string; body: string }) => message.author === "support" && resolve(message.body),
          );
        });
        const media = new File(["hello"], "hello.txt", { type: "text/plain" });
        const form = new FormData();
        form.append("file", media);
        await conversation.prepareMessage().setBody("Hi").addMedia(form).build().send();
        return received;
      },
      [sdk.token("testPineapple"), sdk.conversationSid],
    );
    await expect
      .poll(async () => (await sdk.conversation().messages.list()).map(({ body, media }) => [body, media?.length]), { timeout: 20_000 })
      .toEqual([["Hi", 1]]);
    await sdk.conversation().messages.create({ author: "support", body: "Ahoy!" });
    expect(await sent).toBe("Ahoy!");
  });
});
