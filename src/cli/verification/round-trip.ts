import type { Body } from "../../core/definition";
import type { Twilio } from "../../core/transport";
import { Fault } from "./check";

/** The conversation that a verification speaks in. One name for all: what a killed one has left is found by the next, and removed. */
const UNIQUE_NAME = "twilio-conversations-verify";

/** No verification takes longer; what is older has been left behind. */
export const LONGEST_MS = 60_000;

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
  const named = `${conversations}/${UNIQUE_NAME}`;
  const attempt = "Cannot make a conversation to verify in";
  await becomeFree();
  try {
    const form = { UniqueName: UNIQUE_NAME, FriendlyName: "Verification, removed in a moment" };
    const made = await twilio.send({ attempt, product: "conversations", method: "post", path: conversations, form });
    return await sayAndRead(twilio, `${conversations}/${made?.sid}`);
  } finally {
    await remove(clearing);
  }

  /** Waits for another verification to end, and removes what is left of one that was killed. */
  async function becomeFree(): Promise<void> {
    for (;;) {
      const other = await find(twilio);
      if (!other) return;
      if (Date.now() + twilio.skewMs() - Date.parse(other.date_created as string) > LONGEST_MS) return remove(twilio);
      if (!(await twilio.pause(500))) throw new Fault("another verification of this service does not end", "try again in a minute.");
    }
  }

  async function find(by: Twilio): Promise<Body | undefined> {
    return by.send({ attempt, product: "conversations", method: "get", path: named });
  }

  async function remove(by: Twilio): Promise<void> {
    const left = await find(by);
    if (!left) return;
    await by.send({
      attempt: "Cannot remove the conversation of the verification",
      product: "conversations",
      method: "delete",
      path: `${conversations}/${left.sid}`,
    });
  }
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
