import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Client, Conversation } from "@twilio/conversations";
import { WebSocket, WebSocketServer } from "ws";
import { type EmulatorProcess, startEmulatorProcess } from "../tools/harness/emulator-process.mts";
import { formatTable } from "../tools/harness/text-table.mts";
import { timed } from "./measure.mts";

const require = createRequire(import.meta.url);
const { Client: SdkClient } = require("@twilio/conversations") as typeof import("@twilio/conversations");
const twilio = require("twilio") as typeof import("twilio");

/** The number of clients that send messages at the same time. */
const CONCURRENT_SENDERS = 8;

/** The figures of conversations in which every client sends messages. */
export interface ChatResult {
  readonly clients: number;
  /** In how many conversations they are, each client in one. */
  readonly conversations: number;
  /** In each conversation. */
  readonly messages: number;
  /** The time until the last client has signed in and opened the conversation. */
  readonly signInSeconds: number;
  /** The time from the first message until every client has received all messages of its conversation. */
  readonly seconds: number;
  /** The time for the same number of frames of the same size between a bare websocket server and bare clients. */
  readonly bareSeconds: number;
  /** Messages that a client did not receive. */
  readonly lost: number;
  readonly duplicated: number;
  readonly outOfOrder: number;
}

/** Sends messages in conversations of an emulator from many clients of Twilio's SDK. */
export async function measureChat({
  clients,
  messages,
  conversations,
}: Pick<ChatResult, "clients" | "messages" | "conversations">): Promise<ChatResult> {
  const emulator = await startEmulatorProcess();
  try {
    const { serviceSid, conversationSids } = await createConversations(emulator, clients, conversations);
    const sidOf = (index: number) => conversationSids[index % conversations] as string;
    const signIn = await timed(() =>
      Promise.all(names(clients).map((identity, index) => join(emulator, identity, serviceSid, sidOf(index)))),
    );
    const members = signIn.result;
    const received = members.map(({ conversation }) => receive(conversation, messages));
    const { seconds } = await timed(async () => {
      // A few at a time: the clients share one process, which receives each message once per client.
      const tasks = members.map(
        ({ conversation }, index) =>
          () =>
            send(conversation, share(messages, clients / conversations, Math.floor(index / conversations))),
      );
      await Promise.all(Array.from({ length: CONCURRENT_SENDERS }, () => runTasks(tasks)));
      await Promise.all(received.map(({ all }) => all));
    });
    await Promise.all(members.map(({ client }) => client.shutdown()));
    const bare = await timed(() => sendBareFrames(clients, messages));
    return {
      clients,
      conversations,
      messages,
      signInSeconds: signIn.seconds,
      seconds,
      bareSeconds: bare.seconds,
      ...countErrors(received, messages),
    };
  } finally {
    await emulator.close();
  }
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `person-${index}`);
const share = (messages: number, clients: number, index: number) => Math.floor((messages + index) / clients);

async function createConversations({ url, accountSid, authToken }: EmulatorProcess, clients: number, conversations: number) {
  const post = async (path: string, form: Record<string, string>): Promise<{ sid: string }> => {
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const address = `${url}/conversations.twilio.com/v1/Services${path}`;
    const response = await fetch(address, { method: "POST", headers: { authorization }, body: new URLSearchParams(form) });
    if (!response.ok) throw new Error(`POST ${address}: HTTP ${response.status}`);
    return (await response.json()) as { sid: string };
  };
  const { sid: serviceSid } = await post("", { FriendlyName: "Bench" });
  const conversationSids: string[] = [];
  for (let count = 0; count < conversations; count++) {
    conversationSids.push((await post(`/${serviceSid}/Conversations`, { FriendlyName: "Bench" })).sid);
  }
  for (const [index, name] of names(clients).entries()) {
    await post(`/${serviceSid}/Conversations/${conversationSids[index % conversations]}/Participants`, { Identity: name });
  }
  return { serviceSid, conversationSids };
}

interface Member {
  client: Client;
  conversation: Conversation;
}

async function join(
  { url, accountSid, apiKey, apiSecret }: EmulatorProcess,
  identity: string,
  serviceSid: string,
  sid: string,
): Promise<Member> {
  const { AccessToken } = twilio.jwt;
  const token = new AccessToken(accountSid, apiKey, apiSecret, { identity });
  token.addGrant(new AccessToken.ChatGrant({ serviceSid }));
  const uri = `${url.replace("http", "ws")}/v3/wsconnect`;
  const client = new SdkClient(token.toJwt(), { Twilsock: { uri }, logLevel: "silent" });
  await new Promise<void>((done, failed) => {
    client.once("initialized", done);
    client.once("initFailed", ({ error }) => failed(new Error(error?.message)));
  });
  const conversation = await client.getConversationBySid(sid);
  // Once the list of messages is open, the SDK reports later messages as new and not as history.
  await conversation.getMessages(1);
  return { client, conversation };
}

interface Received {
  indexes: number[];
  /** Resolves when all messages have been received, or after a time without any message. */
  all: Promise<void>;
}

function receive(conversation: Conversation, messages: number): Received {
  const IDLE_MS = 15_000;
  const indexes: number[] = [];
  const all = new Promise<void>((done) => {
    let timer = setTimeout(done, 4 * IDLE_MS);
    conversation.on("messageAdded", ({ index }) => {
      indexes.push(index);
      clearTimeout(timer);
      if (indexes.length >= messages) done();
      else timer = setTimeout(done, IDLE_MS);
    });
  });
  return { indexes, all };
}

async function runTasks(queue: (() => Promise<void>)[]): Promise<void> {
  for (let task = queue.shift(); task; task = queue.shift()) await task();
}

async function send(conversation: Conversation, count: number): Promise<void> {
  for (let sent = 0; sent < count; sent++) await conversation.sendMessage(`message ${sent}`);
}

function countErrors(received: readonly Received[], messages: number): Pick<ChatResult, "lost" | "duplicated" | "outOfOrder"> {
  const sum = (count: (indexes: number[]) => number) => received.reduce((total, { indexes }) => total + count(indexes), 0);
  return {
    lost: sum((indexes) => messages - new Set(indexes).size),
    duplicated: sum((indexes) => indexes.length - new Set(indexes).size),
    outOfOrder: sum((indexes) => indexes.filter((index, position) => position > 0 && index < (indexes[position - 1] ?? 0)).length),
  };
}

/** Sends as many frames over bare websockets, for comparison. */
async function sendBareFrames(clients: number, messages: number): Promise<void> {
  const frame = Buffer.alloc(900);
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  const uri = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sockets = await Promise.all(
    names(clients).map(async () => {
      const socket = new WebSocket(uri);
      await once(socket, "open");
      return socket;
    }),
  );
  const received = sockets.map((socket) => {
    let count = 0;
    return new Promise<void>((done) => socket.on("message", () => ++count === messages && done()));
  });
  for (let sent = 0; sent < messages; sent++) {
    for (const socket of server.clients) socket.send(frame);
    // Like a message, each frame is sent in a separate turn of the event loop.
    await new Promise((next) => setImmediate(next));
  }
  await Promise.all(received);
  for (const socket of sockets) socket.terminate();
  server.close();
}

/** Prints the figures as a table. */
export function printChat(results: readonly ChatResult[]): void {
  const head = [
    "chat",
    "conversations",
    "messages each",
    "sign-in s",
    "seconds",
    "x bare sockets",
    "deliveries/s",
    "lost",
    "duplicated",
    "out of order",
  ];
  const rows = results.map(({ clients, conversations, messages, signInSeconds, seconds, bareSeconds, lost, duplicated, outOfOrder }) => [
    `${clients} SDK clients`,
    ...[conversations, messages, signInSeconds.toFixed(1), seconds.toFixed(1), (seconds / bareSeconds).toFixed(1)],
    ...[Math.round((clients * messages) / seconds), lost, duplicated, outOfOrder],
  ]);
  console.log(`\n${formatTable([head, ...rows.map((row) => row.map(String))])}`);
}
