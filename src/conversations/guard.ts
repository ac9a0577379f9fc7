import { isDefaultName, withoutDigest } from "../core/lifecycle/default-name";
import type { Change, Context, Hooks } from "../core/lifecycle/definition";
import { deletePolicy } from "../core/lifecycle/parents";
import { UsageError } from "../core/twilio/errors";
import { itemsOf, verifyNames } from "../core/twilio/response";
import type { Body } from "../core/twilio/twilio";

/** What would be lost with an object, in words. */
export interface Losses {
  /** The first loss, by its name. */
  readonly first: string;
  readonly all: string;
}

interface Guarded {
  /** `undefined` where nothing would be lost. */
  readonly losses: (id: string, context: Context) => Promise<Losses | undefined>;
  /** Why a planned change deletes it, as the beginning of a sentence. */
  readonly why: (id: string, name: unknown) => string;
  /** What to do instead of that change. */
  readonly instead: string;
  /** The beginning of the error of a delete. */
  readonly holds: (id: string, losses: Losses) => string;
}

/** The two hooks of a guard; both look at common properties only. */
type GuardHooks = Required<Pick<Hooks, "refuse" | "beforeDelete">>;

/** Keeps what holds other people's messages from being deleted or replaced, unless the program sets `forceDestroy`. */
export function guard({ losses, why, instead, holds }: Guarded): GuardHooks {
  // The engine plans a replacement with the new properties and carries it out once, in the same process, with the old ones.
  const forced = new Set<string>();

  return {
    async refuse({ id, olds, news, replaces, definition }, context) {
      if (replaces.length === 0 || deletePolicy(definition, olds) === "retain") return;
      if (news.forceDestroy === true) {
        forced.add(id);
        return;
      }
      const lost = await losses(id, context);
      if (lost === undefined) return;
      throw new UsageError(`${why(id, olds.friendlyName)} ${lost.all}. ${instead}, or set forceDestroy: true to lose them.`, replaces[0]);
    },

    async beforeDelete(id, props, context) {
      if (props.forceDestroy === true || forced.delete(id)) return undefined;
      const lost = await losses(id, context);
      if (lost === undefined) return undefined;
      throw new UsageError(
        `${holds(id, lost)} Nothing was deleted. To lose them, run \`pulumi up\` with forceDestroy: true and then delete it; ` +
          'to keep them, set onDelete: "retain".',
      );
    },
  };
}

/** Refuses what Twilio would refuse of a closed conversation (50377). A state that is no longer declared is left as it is. */
export function refuseChangeOfClosed({ definition, id, olds, news, changed, replaces }: Change<{ readonly state?: unknown }>): void {
  const sent = changed.filter((property) => !definition.fields[property]?.local && !(property === "state" && news.state === undefined));
  if (olds.state !== "closed" || replaces.length > 0 || sent.length === 0) return;
  const wish = sent.includes("state") ? `cannot become ${JSON.stringify(news.state)} again` : `cannot be changed (${sent.join(", ")})`;
  throw new UsageError(
    `Conversation ${id} is closed, and a closed conversation ${wish}. Declare a new one, or leave this one as it is.`,
    "state",
  );
}

interface FirstPage {
  readonly attempt: string;
  readonly path: string;
  /** The key of the list in the response. */
  readonly key: string;
  readonly query: Readonly<Record<string, string>>;
  /** What each object must say of where it is. */
  readonly names: Readonly<Record<string, string>>;
}

/** The first page of a list in Conversations; empty where what holds the list does not exist. */
export async function firstPage(twilio: Context["twilio"], { attempt, path, key, query, names }: FirstPage): Promise<readonly Body[]> {
  const page = await twilio.send({ attempt, product: "conversations", method: "get", path, query });
  const found = page ? itemsOf(page, key, attempt) : [];
  for (const body of found) verifyNames(body, names, attempt);
  return found;
}

/** The messages of a conversation, in words; `undefined` where there are none. */
export async function messagesOf(id: string, { twilio }: Context): Promise<Losses | undefined> {
  const [service, conversation] = id.split("/");
  const [last] = await firstPage(twilio, {
    attempt: `Cannot look for messages of Conversation ${id}`,
    path: `/v1/Services/${service}/Conversations/${conversation}/Messages`,
    key: "messages",
    query: { Order: "desc", PageSize: "1" },
    names: { conversation_sid: conversation as string },
  });
  if (!last) return undefined;
  return { first: "messages", all: `its messages, the last of which is number ${Number(last.index) + 1}, of ${last.date_created}` };
}

/**
 * A conversation by its SID and, where its unique name has the ownership mark, its resource's name. Any other name may be a secret of the
 * resource that has the conversation, which only that resource's inputs show.
 */
export const nameConversation = ({ sid, unique_name: name }: Body): string =>
  isDefaultName(name) ? `${sid} ("${withoutDigest(name)}")` : String(sid);

/** The conversation at a path in a sentence: its SID, name, state, service and account. `undefined` where there is none. */
export async function describedAt(path: string, name: string, twilio: Context["twilio"]): Promise<string | undefined> {
  const body = await twilio.send({ attempt: `Cannot look up Conversation ${name}`, product: "conversations", method: "get", path });
  if (!body) return undefined;
  const { state, chat_service_sid, account_sid, date_created } = body;
  return `${nameConversation(body)}, ${state}, of service ${chat_service_sid} in account ${account_sid}, created ${date_created}`;
}
