import { randomUUID } from "node:crypto";
import { operation } from "../../../core/process/operation";
import { TwilioError } from "../../../core/twilio/errors";
import type { Body, Twilio } from "../../../core/twilio/twilio";
import { Fault } from "./check";

/** The unique name of the verification's conversation. It is fixed, so that a run finds and removes what a killed run left. */
const UNIQUE_NAME = "twilio-conversations-verify";

/** The longest time for one step, including retries. */
export const STEP_MS = 30_000;

/** Creating the conversation and writing to it are one step each; an older conversation is a leftover. */
const LEFTOVER_MS = 2 * STEP_MS;

/** Where to send a message. */
interface Place {
  readonly twilio: Twilio;
  /** A second client for the cleanup, which an interrupted run does too. */
  readonly cleanup: Twilio;
  /** The service, `IS…`. */
  readonly serviceSid: string;
}

/**
 * Sends a message, reads it back and removes it, in a temporary conversation of the service. The conversation has no participants, so nobody is
 * texted and no user is created, and nothing remains. Changes through the REST API call no webhooks.
 */
export async function roundTrip({ twilio, cleanup, serviceSid }: Place): Promise<string> {
  const conversations = `/v1/Services/${serviceSid}/Conversations`;
  // The friendly name identifies this run's conversation, also when the response to its creation is lost.
  const FriendlyName = `Verification ${randomUUID()}, removed shortly`;
  try {
    const conversation = `${conversations}/${await create()}`;
    return await operation(() => sendAndRead(twilio, conversation));
  } finally {
    await operation(async () => {
      const leftover = await find(cleanup);
      if (leftover?.friendly_name === FriendlyName) await remove(cleanup, leftover);
    });
  }

  /** Waits for another verification to end, and removes the leftovers of a killed one. */
  async function create(): Promise<unknown> {
    for (const until = Date.now() + LEFTOVER_MS + STEP_MS; Date.now() < until; ) {
      const sid = await operation(createUnlessTaken);
      if (sid !== undefined) return sid;
      if (!(await twilio.pause(500))) break;
    }
    throw new Fault("another verification of this service is still running", "try again in a minute.");
  }

  async function createUnlessTaken(): Promise<unknown> {
    const other = await find(twilio);
    if (other && Date.now() + (twilio.skewMs() ?? 0) - Date.parse(other.date_created as string) < LEFTOVER_MS) return undefined;
    if (other) await remove(twilio, other);
    const form = { UniqueName: UNIQUE_NAME, FriendlyName };
    const created = await twilio.send({ attempt, product: "conversations", method: "post", path: conversations, form }).catch(unlessTaken);
    return created?.sid;
  }

  function find(by: Twilio): Promise<Body | undefined> {
    return by.send({ attempt, product: "conversations", method: "get", path: `${conversations}/${UNIQUE_NAME}` });
  }

  async function remove(by: Twilio, { sid }: Body): Promise<void> {
    const attempt = "Cannot remove the verification's conversation";
    await by.send({ attempt, product: "conversations", method: "delete", path: `${conversations}/${sid}` });
  }
}

const attempt = "Cannot create a conversation for the verification";

/** Another verification was faster, which is not a failure. */
function unlessTaken(error: unknown): undefined {
  if (!(error instanceof TwilioError && error.code === 50353)) throw error;
}

async function sendAndRead(twilio: Twilio, conversation: string): Promise<string> {
  const messages = `${conversation}/Messages`;
  const form = { Author: "verification", Body: `Verified at ${new Date().toISOString()}` };
  const sent = await twilio.send({ attempt: "Cannot send a message", product: "conversations", method: "post", path: messages, form });
  const message = `${messages}/${sent?.sid}`;
  const request = { attempt: "Cannot read the message back", product: "conversations", path: message } as const;
  const read = await twilio.send({ ...request, method: "get" });
  if (read?.body !== form.Body || read.author !== form.Author) {
    const found = read ? `reads ${JSON.stringify(read.body)} of ${JSON.stringify(read.author)}` : "is not there";
    throw new Fault(`the message ${sent?.sid} ${found} when read back`, "check whether a webhook or another program changes messages.");
  }
  await twilio.send({ ...request, attempt: "Cannot remove the message", method: "delete" });
  if (await twilio.send({ ...request, method: "get" })) {
    throw new Fault(`the message ${sent?.sid} is still there after it was removed`, "see https://status.twilio.com, and run verify again.");
  }
  return "sent, read back and removed, in a temporary conversation";
}
