import { digest } from "../core/lifecycle/default-name";
import type { Bought, Context } from "../core/lifecycle/definition";
import type { Note } from "../core/lifecycle/note";
import { isOlder, matchesNote } from "../core/lifecycle/pending-create";
import type { Props } from "../core/lifecycle/props";
import { verifyNames } from "../core/twilio/response";
import type { Body, Form } from "../core/twilio/twilio";
import { markKey } from "./conversation-message-facts";

/** How many of the newest messages are searched for the mark where no note says when the message was sent. */
const searched = 100;

/** The mark of a resource: digests of its URN and of the stack's organization and backend. */
const markOf = ({ urn, place }: Context): string | undefined => urn && `${digest(urn, 12)}${place && digest(place, 5)}`;

/** The form of a create with the mark. */
export function withMark(form: Form, context: Context): Form {
  const mark = markOf(context);
  if (mark === undefined) return form;
  return { ...form, Attributes: JSON.stringify({ ...attributesOf(form.Attributes), [markKey]: mark }) };
}

/** The message that carries the resource's mark. Without a note of its create, nothing proves that this stack sent it. */
export async function findMarked(conversation: string, context: Context, note: Note | undefined): Promise<Bought | undefined> {
  const { twilio } = context;
  const [service, room] = conversation.split("/") as [string, string];
  const mark = markOf(context);
  const attempt = `Cannot look for the message in Conversation ${conversation}`;
  const path = `/v1/Services/${service}/Conversations/${room}/Messages`;
  let seen = 0;
  for await (const body of twilio.list(
    { attempt, product: "conversations", path, query: { Order: "desc", PageSize: "100" } },
    "messages",
  )) {
    verifyNames(body, { conversation_sid: room }, attempt);
    const isOurs = note !== undefined && matchesNote(note, body, twilio);
    if (attributesOf(body.attributes)[markKey] === mark && (await isFree(`${conversation}/${body.sid}`, context)))
      return { body, whose: isOurs ? "ours" : "adopted" };
    seen += 1;
    if (seen >= searched && (note === undefined || isOlder(note, body, twilio))) return undefined;
  }
  return undefined;
}

/** Whether no resource has it, and this run does not replace it. */
const isFree = async (id: string, { holderOf, isGivenUp }: Context): Promise<boolean> =>
  holderOf(id) === undefined && !(await isGivenUp(id));

/** The attributes as an object; empty where they are anything else. */
function attributesOf(attributes: Body[string]): Props {
  try {
    const value: unknown = JSON.parse(String(attributes ?? "{}"));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Props) : {};
  } catch {
    return {};
  }
}
