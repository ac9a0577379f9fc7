import type { TopologyNode } from "./topology";

/** What each change is called, marked and drawn as; without colours too it is told by its sign. */
export const changes = {
  create: { sign: "+", word: "created" },
  update: { sign: "~", word: "changed" },
  replace: { sign: "±", word: "replaced" },
  delete: { sign: "−", word: "deleted" },
} as const;

/** A node's first line: what people know it by. */
export const titleOf = ({ title, change }: TopologyNode): string => (change ? `${changes[change].sign} ${title}` : title);

/** Its second line: the name in the program, and how it is reached or what state it is in. */
export function detailOf({ name, outside, reachedBy, state }: TopologyNode): string {
  const parts = [name ?? (outside ? "not in this stack" : undefined), reachedBy ? wayOf(reachedBy) : undefined, state];
  return parts.filter((part) => part !== undefined).join(" · ");
}

function wayOf({ channel, address, through }: NonNullable<TopologyNode["reachedBy"]>): string {
  const via = through === undefined ? "" : ` via ${through.replace(/^whatsapp:/, "")}`;
  if (channel === "chat") return `chat${via}`;
  if (channel === "group-mms") return address === undefined ? "group MMS, the number itself" : `group MMS${via}`;
  return `${channel === "sms" ? "SMS" : "WhatsApp"}${via}`;
}
