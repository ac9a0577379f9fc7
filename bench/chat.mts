import { once } from "node:events";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Client, Conversation } from "@twilio/conversations";
import { WebSocket, WebSocketServer } from "ws";
import { columns } from "../tools/lab/columns.mts";
import { type LocalTwilio, startTwilio } from "../tools/lab/emulator.mts";
import { timed } from "./measure.mts";

const require = createRequire(import.meta.url);
const { Client: SdkClient } = require("@twilio/conversations") as typeof import("@twilio/conversations");
const twilio = require("twilio") as typeof import("twilio");

/** How many write at the same time. */
const AT_ONCE = 8;

/** Everybody in one conversation, everybody writing. */
export interface Chat {
  readonly clients: number;
  readonly messages: number;
  /** Until the last client has signed in and opened the conversation. */
  readonly signInSeconds: number;
  /** From the first message sent until every client has seen all of them. */
  readonly seconds: number;
  /** The same number of frames of the same size, from a bare websocket server to bare clients. */
  readonly floorSeconds: number;
  /** Of all the messages that all the clients should have seen. */
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
}

/** Lets that many of Twilio's SDK clients write that many messages in one conversation of a local Twilio. */
export async function chat({ clients, messages }: { clients: number; messages: number }): Promise<Chat> {
  const local = await startTwilio();
  try {
    const { serviceSid, conversationSid } = await prepare(local, clients);
    const signIn = await timed(() => Promise.all(names(clients).map((identity) => enter(local, identity, serviceSid, conversationSid))));
    const members = signIn.result;
    const seen = members.map(({ conversation }) => watch(conversation, messages));
    const { seconds } = await timed(async () => {
      // A few at a time: the clients share one process, which has to see each message a hundred times.
      const turns = members.map(
        ({ conversation }, index) =>
          () =>
            write(conversation, share(messages, clients, index)),
      );
      await Promise.all(Array.from({ length: AT_ONCE }, () => takeTurns(turns)));
      await Promise.all(seen.map(({ all }) => all));
    });
    await Promise.all(members.map(({ client }) => client.shutdown()));
    const floor = await timed(() => bare(clients, messages));
    return { clients, messages, signInSeconds: signIn.seconds, seconds, floorSeconds: floor.seconds, ...verdict(seen, messages) };
  } finally {
    await local.close();
  }
}

const names = (count: number) => Array.from({ length: count }, (_, index) => `person-${index}`);
const share = (messages: number, clients: number, index: number) => Math.floor((messages + index) / clients);

async function prepare({ url, accountSid, authToken }: LocalTwilio, clients: number) {
  const post = async (path: string, form: Record<string, string>): Promise<{ sid: string }> => {
    const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString("base64")}`;
    const to = `${url}/conversations.twilio.com/v1/Services${path}`;
    const response = await fetch(to, { method: "POST", headers: { authorization }, body: new URLSearchParams(form) });
    if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
    return (await response.json()) as { sid: string };
  };
  const { sid: serviceSid } = await post("", { FriendlyName: "Bench" });
  const { sid: conversationSid } = await post(`/${serviceSid}/Conversations`, { FriendlyName: "Crowd" });
  for (const name of names(clients)) await post(`/${serviceSid}/Conversations/${conversationSid}/Participants`, { Identity: name });
  return { serviceSid, conversationSid };
}

interface Member {
  client: Client;
  conversation: Conversation;
}

async function enter(
  { url, accountSid, apiKey, apiSecret }: LocalTwilio,
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
  // With its list of messages open, nothing that is said from now on can be taken for history.
  await conversation.getMessages(1);
  return { client, conversation };
}

interface Seen {
  indexes: number[];
  /** Settles once that many have been seen, or nothing more has come for a while. */
  all: Promise<void>;
}

function watch(conversation: Conversation, messages: number): Seen {
  const PATIENCE_MS = 15_000;
  const indexes: number[] = [];
  const all = new Promise<void>((done) => {
    let patience = setTimeout(done, 4 * PATIENCE_MS);
    conversation.on("messageAdded", ({ index }) => {
      indexes.push(index);
      clearTimeout(patience);
      if (indexes.length >= messages) done();
      else patience = setTimeout(done, PATIENCE_MS);
    });
  });
  return { indexes, all };
}

async function takeTurns(turns: (() => Promise<void>)[]): Promise<void> {
  for (let turn = turns.shift(); turn; turn = turns.shift()) await turn();
}

async function write(conversation: Conversation, count: number): Promise<void> {
  for (let written = 0; written < count; written++) await conversation.sendMessage(`message ${written}`);
}

function verdict(seen: readonly Seen[], messages: number): Pick<Chat, "lost" | "doubled" | "outOfOrder"> {
  const sum = (count: (indexes: number[]) => number) => seen.reduce((total, { indexes }) => total + count(indexes), 0);
  return {
    lost: sum((indexes) => messages - new Set(indexes).size),
    doubled: sum((indexes) => indexes.length - new Set(indexes).size),
    outOfOrder: sum((indexes) => indexes.filter((index, position) => position > 0 && index < (indexes[position - 1] ?? 0)).length),
  };
}

/** What sending as many frames takes by itself. */
async function bare(clients: number, messages: number): Promise<void> {
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
    // As messages do, each leaves in a turn of its own.
    await new Promise((next) => setImmediate(next));
  }
  await Promise.all(received);
  for (const socket of sockets) socket.terminate();
  server.close();
}

/** Prints the figures for people. */
export function printChat({ clients, messages, signInSeconds, seconds, floorSeconds, lost, doubled, outOfOrder }: Chat): void {
  const rate = Math.round((clients * messages) / seconds);
  console.log(
    `\n${columns([
      ["chat", "messages", "sign-in s", "seconds", "x bare sockets", "deliveries/s", "lost", "doubled", "out of order"],
      [
        `${clients} SDK clients`,
        ...[messages, signInSeconds.toFixed(1), seconds.toFixed(1), (seconds / floorSeconds).toFixed(1)],
        ...[rate, lost, doubled, outOfOrder],
      ].map(String),
    ])}`,
  );
}
