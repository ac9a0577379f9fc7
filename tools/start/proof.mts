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
  conversationSid: string | null;
}

/**
 * Verifies that an SMS from the phone arrives in the conversation, and that a message from the chat participant arrives at the phone. Reads
 * both messages where they are received, not where they were sent. A later run finds them there and sends nothing.
 */
export async function prove(server: Server, quickstart: Quickstart): Promise<TranscriptLine[]> {
  const { phoneNumber, mobileNumber, chatIdentity, serviceSid, conversationSid } = quickstart;
  const path = `conversations.twilio.com/v1/Services/${serviceSid}/Conversations/${conversationSid}/Messages`;
  const greeting = "Hello from the phone";
  const reply = "Hello from the chat";

  // The oldest ones: these two are usually the first messages of the conversation.
  const question = await arrival(
    async () => (await rest<{ messages: Message[] }>(server, `${path}?Order=asc&PageSize=100`)).messages,
    ({ author, body }) => author === mobileNumber && body === greeting,
    () => control(server, "inbound", { from: mobileNumber, to: phoneNumber, body: greeting }),
    `The SMS from ${mobileNumber} to ${phoneNumber} did not arrive in the conversation ${conversationSid}.`,
  );
  const answer = await arrival(
    async () => (await control<{ messages: Sms[] }>(server, `outbox?to=${encodeURIComponent(mobileNumber)}`)).messages,
    ({ from, body, conversationSid: of }) => from === phoneNumber && body.includes(reply) && of === conversationSid,
    () => rest(server, path, { Author: chatIdentity, Body: reply }),
    `The message of ${chatIdentity} did not arrive at the phone ${mobileNumber}.`,
  );

  return [
    { from: mobileNumber, to: chatIdentity, body: question.body ?? "", sid: question.sid },
    { from: chatIdentity, to: mobileNumber, body: answer.body, sid: answer.sid },
  ];
}

/** Returns the item of the list that matches. If there is none, sends it and waits for it. */
async function arrival<T>(
  list: () => Promise<T[]>,
  matches: (item: T) => boolean,
  send: () => Promise<unknown>,
  error: string,
): Promise<T> {
  const existing = (await list()).find(matches);
  if (existing) return existing;
  await send();
  for (const until = Date.now() + 5_000; Date.now() < until; await delay(50, undefined, { signal: interrupt })) {
    const found = (await list()).find(matches);
    if (found) return found;
  }
  throw new Error(error);
}
