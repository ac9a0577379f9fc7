import type { Body } from "../../../core/twilio/twilio";

/** An attachment, as messages name it. */
export interface Attachment {
  readonly sid: string;
  readonly content_type: string;
  readonly filename: string | null;
  readonly size: number;
}

export const attachmentsOf = ({ media }: Body): Attachment[] => (media as Attachment[] | null) ?? [];

/** The file of an attachment: its SID, and its name in characters that every system accepts. */
export function fileOf({ sid, filename }: Attachment): string {
  const name = (filename ?? "").replace(/[^A-Za-z0-9._-]+/g, "_").replace(/^\.+/, "");
  return name === "" ? sid : `${sid}-${name.slice(-80)}`;
}

/** The conversation as text for people. */
export function transcript(
  conversation: Body,
  participants: readonly Body[],
  messages: readonly Body[],
  missing: readonly string[],
): string {
  const { sid, friendly_name, unique_name, state, date_created } = conversation;
  const names = [friendly_name, unique_name].filter(Boolean).map(String).map(readable);
  const who = participants.map(({ identity, messaging_binding, role_sid }) => {
    const { address, proxy_address, projected_address } = (messaging_binding ?? {}) as Record<string, unknown>;
    const name = readable(String(identity ?? address ?? projected_address ?? role_sid));
    return proxy_address ? `${name} (through ${proxy_address})` : name;
  });
  const head = [`Conversation ${[sid, ...names].join(", ")}`, `Created ${date_created}, ${state}`, `With ${who.join(", ") || "nobody"}`];
  return `${[...head, "", ...messages.flatMap((message) => linesOf(message, missing))].join("\n")}\n`;
}

function linesOf(message: Body, missing: readonly string[]): string[] {
  const { author, body, date_created } = message;
  const files = attachmentsOf(message).map((one) => {
    const where = missing.includes(one.sid) ? "Twilio no longer has it" : `media/${fileOf(one)}`;
    return `    [${readable(one.filename ?? one.sid)}, ${one.content_type}, ${one.size} bytes: ${where}]`;
  });
  const lines = String(body ?? "").split(/\r\n|[\n\r\u2028\u2029]/);
  return [
    `${date_created} ${readable(String(author))}: ${readable(lines[0] ?? "")}`,
    ...lines.slice(1).map((line) => `    ${readable(line)}`),
    ...files,
  ];
}

/** Replaces characters that control a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to replace.
const readable = (text: string): string => text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
