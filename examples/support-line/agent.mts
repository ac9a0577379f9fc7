import type { Twilio } from "twilio";

/** What the example needs of the form that Twilio sends to the webhook. */
export interface MessageAdded {
  readonly ConversationSid: string;
  readonly Author: string;
  readonly Body: string;
}

const identity = "agent";

/** Joins the conversation of a text as the agent, and answers the text. */
export async function answer(client: Twilio, serviceSid: string, { ConversationSid, Author, Body }: MessageAdded): Promise<void> {
  if (Author === identity) return;
  const conversation = client.conversations.v1.services(serviceSid).conversations(ConversationSid);
  const members = await conversation.participants.list();
  if (!members.some((member) => member.identity === identity)) await conversation.participants.create({ identity });
  await conversation.messages.create({ author: identity, body: `You wrote: ${Body}` });
}
