import type { TopologyEdge, TopologyNode } from "./topology";

/** The sign and the word of each change; the sign identifies it without color too. */
export const changes = {
  create: { sign: "+", word: "created" },
  update: { sign: "~", word: "changed" },
  replace: { sign: "±", word: "replaced" },
  delete: { sign: "−", word: "deleted" },
} as const;

/** A node's first line: how people know it. */
export const titleOf = ({ title, change }: TopologyNode): string => (change ? `${changes[change].sign} ${title}` : title);

/** Whether a drawing has a line for an edge. A group is around what it holds, and the second line names what a node uses. */
export const isLine = (relation: TopologyEdge["relation"]): boolean => relation === "includes" || relation === "reaches";

/** The kinds that a reader recognizes by their shape and place. */
const obvious: readonly string[] = ["number", "service", "conversation", "participant"];

/** A node's second line: its kind, its name in the program, how it is reached or its state, and what it uses. */
export function detailOf({ kind, title, name, outside, reachedBy, state, uses = [] }: TopologyNode): string {
  const isObvious = obvious.includes(kind);
  const ownName = name === title && !isObvious ? undefined : (name ?? (outside ? "not in this stack" : undefined));
  const parts = [isObvious ? undefined : kind, ownName, reachedBy ? reachInWords(reachedBy) : undefined, state, ...uses];
  return parts.filter((part) => part !== undefined).join(" · ");
}

const channelNames = { sms: "SMS", whatsapp: "WhatsApp", rcs: "RCS", messenger: "Messenger" } as const;

function reachInWords({ channel, address, through }: NonNullable<TopologyNode["reachedBy"]>): string {
  const via = through === undefined ? "" : ` via ${through.replace(/^(whatsapp|rcs|messenger):/, "")}`;
  if (channel === "chat") return `chat${via}`;
  if (channel === "group-mms") return address === undefined ? "group MMS, the number itself" : `group MMS${via}`;
  return `${channelNames[channel]}${via}`;
}
