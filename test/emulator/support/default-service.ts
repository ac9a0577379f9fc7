/** The default service has two paths: `/v1` and `/v1/Services/IS…`. Tests cover both. */
import type { TestEmulator } from "./emulator";

/** `short` is `/v1`, `service` is `/v1/Services/IS…`. */
export const PATH_STYLES = ["short", "service"] as const;
/** One of the two path styles. */
export type PathStyle = (typeof PATH_STYLES)[number];

/** Returns Twilio's client for the default service, with one of the two path styles. */
export async function defaultService({ conversations }: Pick<TestEmulator, "conversations">, style: PathStyle) {
  const { defaultChatServiceSid: sid } = await conversations.configuration().fetch();
  const root = style === "short" ? "https://conversations.twilio.com/v1" : `https://conversations.twilio.com/v1/Services/${sid}`;
  // The two classes have the same methods under different names.
  const scope = (style === "short" ? conversations : conversations.services(sid)) as typeof conversations;
  return { sid, root, scope };
}
