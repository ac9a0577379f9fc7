import { setTimeout as delay } from "node:timers/promises";
import { control, rest, type Server } from "./api.mts";
import { interrupt } from "./interrupt.mts";

/** The outputs of the program. */
export interface Quickstart {
  phoneNumber: string;
  phoneNumberSid: string;
  serviceSid: string;
  conversationSid: string;
  smsParticipantSid: string;
  chatParticipantSid: string;
  /** The number of the virtual phone. */
  mobileNumber: string;
  chatIdentity: string;
}

/** One message, as received. */
export interface TranscriptLine {
  from: string;
  to: string;
  body: string;
  /** The SID of the message in the conversation, or of the SMS that the phone received. */
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

/** Reads the quickstart from the stack's outputs. Throws if the program does not export all of them. */
export function quickstartOf(outputs: Record<string, unknown>): Quickstart {
  const missing = NAMES.filter((name) => typeof outputs[name] !== "string");
  if (missing.length > 0) throw new Error(`src/program.ts must export ${missing.join(", ")}: the verification needs these outputs.`);
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
 * Verifies that an SMS from the phone arrives in the conversation, and that a message from the chat participant arrives at the phone. Reads
 * both messages where they are received, not where they were sent.
 */
export async function prove(server: Server, quickstart: Quickstart): Promise<TranscriptLine[]> {
  const { phoneNumber, mobileNumber, chatIdentity, serviceSid, conversationSid } = quickstart;
  const path = `conversations.twilio.com/v1/Services/${serviceSid}/Conversations/${conversationSid}/Messages`;

  const messages = async () => (await rest<{ messages: Message[] }>(server, `${path}?Order=desc&PageSize=50`)).messages;
  const question = await waitForArrival(
    messages,
    () => control(server, "inbound", { from: mobileNumber, to: phoneNumber, body: "Hello from the phone" }),
    ({ author }) => author === mobileNumber,
    `The SMS from ${mobileNumber} to ${phoneNumber} did not arrive in the conversation ${conversationSid}.`,
  );

  const received = async () => (await control<{ messages: Sms[] }>(server, `outbox?to=${encodeURIComponent(mobileNumber)}`)).messages;
  const reply = "Hello from the chat";
  const answer = await waitForArrival(
    received,
    () => rest(server, path, { Author: chatIdentity, Body: reply }),
    ({ from, body }) => from === phoneNumber && body.includes(reply),
    `The message of ${chatIdentity} did not arrive at the phone ${mobileNumber}.`,
  );

  return [
    { from: mobileNumber, to: chatIdentity, body: question.body ?? "", sid: question.sid },
    { from: chatIdentity, to: mobileNumber, body: answer.body, sid: answer.sid },
  ];
}

/** Sends a message, then waits for a new item in the list that matches. */
async function waitForArrival<T extends { sid: string }>(
  list: () => Promise<T[]>,
  send: () => Promise<unknown>,
  matches: (item: T) => boolean,
  error: string,
): Promise<T> {
  const before = new Set((await list()).map(({ sid }) => sid));
  await send();
  for (const until = Date.now() + 5_000; Date.now() < until; await delay(50, undefined, { signal: interrupt })) {
    const found = (await list()).find((item) => !before.has(item.sid) && matches(item));
    if (found) return found;
  }
  throw new Error(error);
}
