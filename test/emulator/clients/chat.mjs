// A chat program with Twilio's libraries and no setting but credentials: node chat.mjs SDK. Prints what it received as one line of JSON.
import { createRequire } from "node:module";
import process from "node:process";
import twilio from "twilio";

const { Client } = createRequire(import.meta.url)(process.argv[2]);
const { TWILIO_ACCOUNT_SID: account, TWILIO_AUTH_TOKEN: password, TWILIO_API_KEY: key, TWILIO_API_SECRET: secret } = process.env;
const { AccessToken } = twilio.jwt;
const withTimeout = (promise, what) =>
  Promise.race([promise, new Promise((_, reject) => setTimeout(() => reject(new Error(`no ${what} within 20 s`)), 20_000))]);

const rest = twilio(account, password).conversations.v1;
const service = await rest.services.create({ friendlyName: "Support" });
const { conversations } = rest.services(service.sid);
const { sid } = await conversations.create({ friendlyName: "Hello" });
await conversations(sid).participants.create({ identity: "testPineapple" });

const token = new AccessToken(account, key, secret, { identity: "testPineapple" });
token.addGrant(new AccessToken.ChatGrant({ serviceSid: service.sid }));
const client = new Client(token.toJwt());
const initialized = new Promise((resolve, reject) => {
  client.once("initialized", resolve);
  client.once("initFailed", ({ error }) => reject(error));
});
await withTimeout(initialized, "initialization");
const conversation = await client.getConversationBySid(sid);
const added = new Promise((resolve) => conversation.on("messageAdded", ({ author, body }) => author === "support" && resolve(body)));
await conversation
  .prepareMessage()
  .setBody("Hi")
  .addMedia({ contentType: "text/plain", filename: "hello.txt", media: Buffer.from("hello") })
  .build()
  .send();
await conversations(sid).messages.create({ author: "support", body: "Ahoy!" });
const received = await withTimeout(added, "message");
const { items } = await conversation.getMessages();
const url = await items[0].attachedMedia[0].getContentTemporaryUrl();
const media = await (await fetch(url)).text();
await client.shutdown();
process.stdout.write(`${JSON.stringify({ service: service.sid, conversation: sid, received, media, mediaHost: new URL(url).host })}\n`);
// The SDK's timers would keep the process for minutes.
process.exit();
