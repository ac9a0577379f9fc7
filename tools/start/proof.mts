import { setTimeout as delay } from "node:timers/promises";
import { interrupt } from "./interrupt.mts";
import { control, rest, type Server } from "./twilio.mts";

/** What the program exports, by the names of its outputs. */
export interface Quickstart {
  phoneNumber: string;
  phoneNumberSid: string;
  serviceSid: string;
  conversationSid: string;
  smsParticipantSid: string;
  chatParticipantSid: string;
  /** The handset, a virtual one. */
  mobileNumber: string;
  chatIdentity: string;
}

/** One message of the proof, as the side that received it sees it. */
export interface Line {
  from: string;
  to: string;
  body: string;
  /** The SID of the conversation's message, or of the SMS that the handset received. */
  sid: string;
}

const NAMES = [
  "phoneNumber",
  "phoneNumberSid",
  "serviceSid",
  "conversationSid",
  "smsParticipantSid",
  "chatParticipantSid",
  "mobileNumber",
  "chatIdentity",
] as const satisfies readonly (keyof Quickstart)[];

/** Takes the quickstart out of the stack's outputs. Throws if the program does not export one of them. */
export function quickstartOf(outputs: Record<string, unknown>): Quickstart {
  const missing = NAMES.filter((name) => typeof outputs[name] !== "string");
  if (missing.length > 0) throw new Error(`src/program.ts does not export ${missing.join(", ")}: the proof needs them.`);
  return Object.fromEntries(NAMES.map((name) => [name, outputs[name]])) as unknown as Quickstart;
}

interface Message {
  sid: string;
  author: string | null;
  body: string | null;
}

interface Sms {
  sid: string;
  from: string;
  to: string;
  body: string;
}

/**
 * Shows that the quickstart works: an SMS of the handset arrives in the conversation, and a message of the chat participant arrives at
 * the handset. Both are looked for where they must arrive, not where they were sent.
 */
export async function prove(server: Server, quickstart: Quickstart): Promise<Line[]> {
  const { phoneNumber, mobileNumber, chatIdentity, serviceSid, conversationSid } = quickstart;
  const path = `conversations.twilio.com/v1/Services/${serviceSid}/Conversations/${conversationSid}/Messages`;

  const messages = async () => (await rest<{ messages: Message[] }>(server, `${path}?Order=desc&PageSize=50`)).messages;
  const question = await arrival(
    messages,
    () => control(server, "inbound", { from: mobileNumber, to: phoneNumber, body: "Hello from the phone" }),
    ({ author }) => author === mobileNumber,
    `The SMS from ${mobileNumber} to ${phoneNumber} did not arrive in the conversation ${conversationSid}.`,
  );

  const received = async () => (await control<{ messages: Sms[] }>(server, `outbox?to=${encodeURIComponent(mobileNumber)}`)).messages;
  const reply = "Hello from the chat";
  const answer = await arrival(
    received,
    () => rest(server, path, { Author: chatIdentity, Body: reply }),
    ({ from, body }) => from === phoneNumber && body.includes(reply),
    `The message of ${chatIdentity} did not arrive at the handset ${mobileNumber}.`,
  );

  return [
    { from: mobileNumber, to: chatIdentity, body: question.body ?? "", sid: question.sid },
    { from: chatIdentity, to: mobileNumber, body: answer.body, sid: answer.sid },
  ];
}

/** Acts, then waits for something new in a list that fits. */
async function arrival<T extends { sid: string }>(
  list: () => Promise<T[]>,
  act: () => Promise<unknown>,
  fits: (item: T) => boolean,
  otherwise: string,
): Promise<T> {
  const before = new Set((await list()).map(({ sid }) => sid));
  await act();
  for (const until = Date.now() + 5_000; Date.now() < until; await delay(50, undefined, { signal: interrupt })) {
    const found = (await list()).find((item) => !before.has(item.sid) && fits(item));
    if (found) return found;
  }
  throw new Error(otherwise);
}
