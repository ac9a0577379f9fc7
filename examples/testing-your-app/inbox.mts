// The agent's chat app.
import { Client, type ClientOptions, type Message } from "@twilio/conversations";

/** Signs an agent in. Calls `onText` once with each text of a customer. */
export async function openInbox(token: string, onText: (message: Message) => void, options?: ClientOptions): Promise<Client> {
  const client = new Client(token, options);
  const shown = new Set<string>();
  const show = (message: Message) => {
    if (!message.author?.startsWith("+") || shown.has(message.sid)) return;
    shown.add(message.sid);
    onText(message);
  };
  client.on("messageAdded", show);
  // An agent joins after the first text, which is then an earlier message.
  client.on("conversationJoined", async (conversation) => {
    const { items } = await conversation.getMessages();
    items.forEach(show);
  });
  await new Promise<void>((resolve, reject) => {
    client.once("initialized", resolve);
    client.once("initFailed", ({ error }) => reject(new Error(error?.message)));
  });
  return client;
}
