// The app's webhook server: it greets each customer who texts, and calls an agent.
import { createServer, type Server } from "node:http";
import { text } from "node:stream/consumers";
import twilio, { type Twilio } from "twilio";

/** What the server must know of its account. */
interface Account {
  readonly client: Twilio;
  readonly authToken: string;
}

/** Creates the server. Twilio must know it by `http://HOST`, the host of its requests. */
export function webhookServer({ client, authToken }: Account): Server {
  return createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    const url = `http://${request.headers.host}${request.url}`;
    // Anyone can send a request to a public URL. Only Twilio can sign it.
    if (!twilio.validateRequest(authToken, String(request.headers["x-twilio-signature"]), url, form)) {
      response.writeHead(403).end();
      return;
    }
    if (form.EventType === "onConversationAdded") {
      const conversation = client.conversations.v1.services(form.ChatServiceSid ?? "").conversations(form.ConversationSid ?? "");
      await conversation.participants.create({ identity: "agent" });
      await conversation.messages.create({ author: "desk", body: "Hello! An agent will answer soon." });
    }
    response.writeHead(200).end();
  });
}
