/** Reads the texts in a receiver's response: TwiML `<Message>` verbs, or plain text. Other verbs are ignored. */
import type { ReceiverResponse } from "./http-request";

interface Reply {
  /** The recipient. Undefined: the sender of the original text. */
  to: string | undefined;
  body: string;
  mediaUrls: string[];
  /** Where its statuses are reported. */
  statusCallback: string | null;
}

/** Returns the texts to send in reply. */
export function repliesIn({ contentType, text }: ReceiverResponse): Reply[] {
  if (/^text\/plain/i.test(contentType)) {
    return text.trim() === "" ? [] : [{ to: undefined, body: text.trim(), mediaUrls: [], statusCallback: null }];
  }
  if (!/xml|html/i.test(contentType)) return [];
  const twiml = text.replace(/<!--[\s\S]*?-->/g, "");
  return [...twiml.matchAll(/<(?:Message|Sms)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/(?:Message|Sms)>)/g)].flatMap(
    ([, attributes = "", inner = ""]) => {
      const mediaUrls = [...inner.matchAll(/<Media\b[^>]*>([\s\S]*?)<\/Media>/g)].map(([, url]) => decode(url));
      const body = /<Body\b[^>]*>([\s\S]*?)<\/Body>/.exec(inner)?.[1] ?? inner.replace(/<[^!][^>]*>[\s\S]*?<\/\w+>/g, "");
      const to = attribute(attributes, "to");
      const url = attribute(attributes, "statusCallback") ?? "";
      const statusCallback = /^https?:/i.test(url) && URL.canParse(url) ? url : null;
      const reply = { to, body: decode(body), mediaUrls, statusCallback };
      return reply.body === "" && mediaUrls.length === 0 ? [] : [reply];
    },
  );
}

function attribute(attributes: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}\\s*=\\s*["']([^"']*)["']`).exec(attributes)?.[1];
  return value === undefined ? undefined : decode(value);
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decode(xml = ""): string {
  const plain = xml.replace(/<!\[CDATA\[([\s\S]*?)\]\]>|&(?:(\w+)|#(\d+)|#x([\da-f]+));/gi, (all, cdata, name, decimal, hex) => {
    if (cdata !== undefined) return cdata;
    if (name !== undefined) return ENTITIES[name] ?? all;
    const code = Number.parseInt(decimal ?? hex, decimal === undefined ? 16 : 10);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
  return plain.trim();
}
