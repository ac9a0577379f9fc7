/** The two ways to address everything in the default service: without the service in the path, and with it. */
import type { Local } from "./emulator";

export const FORMS = ["short", "service"] as const;
export type Form = (typeof FORMS)[number];

/** Twilio's client at the default service, in one of the two forms; the resources' shapes are the same. */
export async function defaultService({ conversations }: Pick<Local, "conversations">, form: Form) {
  const { defaultChatServiceSid: sid } = await conversations.configuration().fetch();
  const root = form === "short" ? "https://conversations.twilio.com/v1" : `https://conversations.twilio.com/v1/Services/${sid}`;
  // The classes differ by name only; a test that runs for both uses what they share.
  const scope = (form === "short" ? conversations : conversations.services(sid)) as typeof conversations;
  return { sid, root, scope };
}
