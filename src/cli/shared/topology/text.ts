import type { TopologyNode } from "./topology";

/** The sign and the word of each change; the sign identifies it without color too. */
export const changes = {
  create: { sign: "+", word: "created" },
  update: { sign: "~", word: "changed" },
  replace: { sign: "±", word: "replaced" },
  delete: { sign: "−", word: "deleted" },
} as const;

/** A node's first line: how people know it. */
export const titleOf = ({ title, change }: TopologyNode): string => (change ? `${changes[change].sign} ${title}` : title);

/** A node's second line: its name in the program, and how it is reached or its state. */
export function detailOf({ name, outside, reachedBy, state }: TopologyNode): string {
  const parts = [name ?? (outside ? "not in this stack" : undefined), reachedBy ? reachInWords(reachedBy) : undefined, state];
  return parts.filter((part) => part !== undefined).join(" · ");
}

const channelNames = { sms: "SMS", whatsapp: "WhatsApp", rcs: "RCS", messenger: "Messenger" } as const;

function reachInWords({ channel, address, through }: NonNullable<TopologyNode["reachedBy"]>): string {
  const via = through === undefined ? "" : ` via ${through.replace(/^(whatsapp|rcs|messenger):/, "")}`;
  if (channel === "chat") return `chat${via}`;
  if (channel === "group-mms") return address === undefined ? "group MMS, the number itself" : `group MMS${via}`;
  return `${channelNames[channel]}${via}`;
}
