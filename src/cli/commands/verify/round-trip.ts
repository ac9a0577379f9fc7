import { randomUUID } from "node:crypto";
import { operation } from "../../../core/process/operation";
import { TwilioError } from "../../../core/twilio/errors";
import type { Body, Twilio } from "../../../core/twilio/twilio";
import { Fault } from "./check";

/** The conversation that a verification speaks in. One name for all: what a killed one has left is found by the next, and removed. */
const UNIQUE_NAME = "twilio-conversations-verify";

/** How long one step may take, with all its repetitions. */
export const STEP_MS = 30_000;

/** Making the conversation and speaking in it are a step each; what is older has been left behind. */
const OLD_MS = 2 * STEP_MS;

/** Where a message goes round. */
interface Place {
  readonly twilio: Twilio;
  /** Twilio once more, for the clearing up, which an interrupted run does too. */
  readonly clearing: Twilio;
  /** The service, `IS…`. */
  readonly serviceSid: string;
}

/**
 * Says something, reads it back and removes it, in a conversation of its own in the service. It has no participants, so nobody is texted and
 * no user is made, and nothing of it is left. Changes made over REST call no webhooks.
 */
export async function roundTrip({ twilio, clearing, serviceSid }: Place): Promise<string> {
  const conversations = `/v1/Services/${serviceSid}/Conversations`;
  // What is in the friendly name tells this run's from another's, also when the answer to its making is lost.
  const FriendlyName = `Verification ${randomUUID()}, removed in a moment`;
  try {
    const conversation = `${conversations}/${await make()}`;
    return await operation(() => sayAndRead(twilio, conversation));
  } finally {
    await operation(async () => {
      const left = await find(clearing);
      if (left?.friendly_name === FriendlyName) await remove(clearing, left);
    });
  }

  /** Waits for another verification to end, and removes what is left of one that was killed. */
  async function make(): Promise<unknown> {
    for (const until = Date.now() + OLD_MS + STEP_MS; Date.now() < until; ) {
      const sid = await operation(makeUnlessTaken);
      if (sid !== undefined) return sid;
      if (!(await twilio.pause(500))) break;
    }
    throw new Fault("another verification of this service does not end", "try again in a minute.");
  }

  async function makeUnlessTaken(): Promise<unknown> {
    const other = await find(twilio);
    if (other && Date.now() + twilio.skewMs() - Date.parse(other.date_created as string) < OLD_MS) return undefined;
    if (other) await remove(twilio, other);
    const form = { UniqueName: UNIQUE_NAME, FriendlyName };
    const made = await twilio.send({ attempt, product: "conversations", method: "post", path: conversations, form }).catch(unlessTaken);
    return made?.sid;
  }

  function find(by: Twilio): Promise<Body | undefined> {
    return by.send({ attempt, product: "conversations", method: "get", path: `${conversations}/${UNIQUE_NAME}` });
  }

  async function remove(by: Twilio, { sid }: Body): Promise<void> {
    const attempt = "Cannot remove the conversation of the verification";
    await by.send({ attempt, product: "conversations", method: "delete", path: `${conversations}/${sid}` });
  }
}

const attempt = "Cannot make a conversation to verify in";

/** Another verification was quicker, which is no failure. */
function unlessTaken(error: unknown): undefined {
  if (!(error instanceof TwilioError && error.code === 50353)) throw error;
}

async function sayAndRead(twilio: Twilio, conversation: string): Promise<string> {
  const messages = `${conversation}/Messages`;
  const form = { Author: "verification", Body: `Verified at ${new Date().toISOString()}` };
  const said = await twilio.send({ attempt: "Cannot send a message", product: "conversations", method: "post", path: messages, form });
  const message = `${messages}/${said?.sid}`;
  const asked = { attempt: "Cannot read the message back", product: "conversations", path: message } as const;
  const read = await twilio.send({ ...asked, method: "get" });
  if (read?.body !== form.Body || read.author !== form.Author) {
    const found = read ? `reads ${JSON.stringify(read.body)} of ${JSON.stringify(read.author)}` : "is not there";
    throw new Fault(`the message ${said?.sid} ${found} when it is read back`, "see whether a webhook or another program changes messages.");
  }
  await twilio.send({ ...asked, attempt: "Cannot remove the message", method: "delete" });
  if (await twilio.send({ ...asked, method: "get" })) {
    throw new Fault(`the message ${said?.sid} is still there after it was removed`, "see https://status.twilio.com, and verify again.");
  }
  return "sent, read back and removed, in a conversation of its own";
}
