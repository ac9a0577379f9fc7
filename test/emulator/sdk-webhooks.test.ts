import { describe, expect, it } from "vitest";
import { useEmulator } from "./support/emulator";
import { useReceiver } from "./support/receiver";
import { nextEvent, openConversation, signIn } from "./support/sdk";

const twilio = useEmulator();
const receiver = useReceiver();

/** Creates a conversation of two SDK users, with a pre-webhook and a post-webhook for messages. */
async function conversationWithWebhooks() {
  const { conversations } = twilio;
  const { sid: serviceSid } = await conversations.services.create({ friendlyName: "Support" });
  const service = conversations.services(serviceSid);
  const { sid } = await service.conversations.create({ friendlyName: "Hello" });
  const conversation = service.conversations(sid);
  for (const identity of ["pineapple", "mango"]) await conversation.participants.create({ identity });
  const filters = ["onMessageAdd", "onMessageAdded"];
  await service.configuration.webhooks().update({ preWebhookUrl: `${receiver.url}/pre`, postWebhookUrl: `${receiver.url}/post`, filters });
  const [mine, theirs] = await Promise.all(
    ["pineapple", "mango"].map(async (identity) =>
      openConversation(await signIn("@twilio/conversations", twilio.emulator, { identity, serviceSid }), sid),
    ),
  );
  if (!mine || !theirs) throw new Error("the users are not signed in");
  return { conversation, mine, theirs };
}

describe("a message from an SDK user", () => {
  it("is reported to both webhooks with the user's identity, and is sent as amended", async () => {
    const { conversation, mine, theirs } = await conversationWithWebhooks();
    receiver.respond = ({ path }) => (path === "/pre" ? { body: '{"body":"kinder words"}' } : {});
    const arrival = nextEvent<{ body: string | null; author: string | null }>(theirs, "messageAdded");
    await mine.sendMessage("rude words");
    expect(await arrival).toMatchObject({ body: "kinder words", author: "pineapple" });
    await receiver.waitFor(2);
    expect(receiver.received.map(({ path, parameters }) => [path, parameters.EventType, parameters.Body])).toEqual([
      ["/pre", "onMessageAdd", "rude words"],
      ["/post", "onMessageAdded", "kinder words"],
    ]);
    for (const { parameters, isSigned } of receiver.received) {
      expect(parameters).toMatchObject({ Source: "SDK", ClientIdentity: "pineapple", Author: "pineapple" });
      expect(isSigned(twilio.emulator.authToken)).toBe(true);
    }
    expect((await conversation.messages.list()).map(({ body }) => body)).toEqual(["kinder words"]);
  });

  it("is not sent if the pre-webhook rejects it", async () => {
    const { conversation, mine, theirs } = await conversationWithWebhooks();
    receiver.respond = ({ path, parameters }) => ({ status: path === "/pre" && parameters.Body === "no" ? 403 : 200 });
    const received: (string | null)[] = [];
    theirs.on("messageAdded", ({ body }) => received.push(body));
    await expect(mine.sendMessage("no")).rejects.toThrow();
    const arrival = nextEvent<{ body: string | null }>(theirs, "messageAdded", ({ body }) => body === "yes");
    await mine.sendMessage("yes");
    await arrival;
    expect(received).toEqual(["yes"]);
    expect((await conversation.messages.list()).map(({ index, body }) => `${index} ${body}`)).toEqual(["0 yes"]);
  });
});
