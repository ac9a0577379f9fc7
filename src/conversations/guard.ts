import type { Body, Context, Definition } from "../core/lifecycle/definition";
import { deletePolicy } from "../core/lifecycle/props";
import { UsageError } from "../core/twilio/errors";

/** What would be lost with an object, in words. */
export interface Losses {
  /** The first of it, by its name. */
  readonly first: string;
  readonly all: string;
}

interface Guarded {
  /** Nothing where nothing would be lost. */
  readonly losses: (id: string, context: Context) => Promise<Losses | undefined>;
  /** Why a planned change deletes it, as the beginning of a sentence. */
  readonly why: (id: string, name: unknown) => string;
  /** What to do instead of that change. */
  readonly instead: string;
  /** The beginning of the error of a delete. */
  readonly holds: (id: string, losses: Losses) => string;
}

/** Keeps what holds other people's words from being deleted or replaced, unless the program says `forceDestroy`. */
export function guard({ losses, why, instead, holds }: Guarded) {
  // A replacement is planned with the new properties and carried out, in the same process, with the old ones.
  const forced = new Set<string>();

  const refuse: Definition["refuse"] = async ({ id, olds, news, replaces, definition }, context) => {
    if (replaces.length === 0 || deletePolicy(definition, olds) === "retain") return;
    if (news.forceDestroy === true) {
      forced.add(id);
      return;
    }
    const lost = await losses(id, context);
    if (lost === undefined) return;
    throw new UsageError(`${why(id, olds.friendlyName)} ${lost.all}. ${instead}, or set forceDestroy: true to lose them.`, replaces[0]);
  };

  const beforeDelete: Definition["beforeDelete"] = async (id, props, context) => {
    if (props.forceDestroy === true || forced.has(id)) return undefined;
    const lost = await losses(id, context);
    if (lost === undefined) return undefined;
    throw new UsageError(
      `${holds(id, lost)} Nothing was deleted. To lose them, run \`pulumi up\` with forceDestroy: true and then delete it; ` +
        'to keep them, set onDelete: "retain".',
    );
  };
  return { refuse, beforeDelete };
}

/** The messages of a conversation, in words; nothing where there are none. */
export async function messagesOf(id: string, { twilio }: Context): Promise<Losses | undefined> {
  const [service, conversation] = id.split("/");
  const page = await twilio.send({
    attempt: `Cannot look for messages of Conversation ${id}`,
    product: "conversations",
    method: "get",
    path: `/v1/Services/${service}/Conversations/${conversation}/Messages`,
    query: { Order: "desc", PageSize: "1" },
  });
  const [last] = (page?.messages ?? []) as Body[];
  if (!last) return undefined;
  return { first: "messages", all: `its messages, the last of which is number ${Number(last.index) + 1}, of ${last.date_created}` };
}

/** A conversation by its SID and, where it has one, its name. */
export const nameConversation = ({ sid, friendly_name }: Body): string => `${sid}${friendly_name ? ` ("${friendly_name}")` : ""}`;

/** A conversation in a sentence: its SID, its name, its state, whose it is. */
export const describeConversation = ({ state, chat_service_sid, account_sid, date_created, ...body }: Body): string =>
  `${nameConversation(body)}, ${state}, of service ${chat_service_sid} in account ${account_sid}, made ${date_created}`;
