import type { Ask } from "./rest";
import type { Need } from "./terms";

/** Collections in which a run may create objects. Settings of the account are not among them: nothing changes them. */
const COLLECTIONS =
  /^(\/v1\/(Services|Conversations|ConversationWithParticipants|Roles|Users|Credentials|ParticipantConversations|Configuration\/Addresses)|messaging:\/v1\/Services|iam:\/v1\/Keys|api:\/(Messages|Applications|IncomingPhoneNumbers|Addresses|Keys)\.json)$/;

const SID = /[A-Z]{2}[0-9a-f]{32}/;
const ABSENT = /^[A-Z]{2}0{32}$/;

/** What a request is sent for. */
interface Purpose {
  readonly needs: Need;
  /** Twilio must refuse it. */
  readonly isRefusal: boolean;
  /** SIDs of objects that this run created. */
  readonly own: ReadonlySet<string>;
  /** Conversations with phones, in which a message would be a text. */
  readonly withPhones: ReadonlySet<string>;
}

/**
 * Why a request must not be sent, whatever a fact says: it could change an object that the run did not create, cost money that nobody agreed to, or
 * text somebody.
 */
export function objection({ method, path, form = {} }: Ask, { needs, isRefusal, own, withPhones }: Purpose): string | undefined {
  if (method === "GET") return undefined;
  const [root = ""] = path.split("?");
  if (needs === "read" && !isRefusal) return "a fact that only reads must not send it";
  const sid = SID.exec(root)?.[0];
  if (sid === undefined && !(COLLECTIONS.test(root) && method !== "DELETE")) return "it is about an object that this run did not create";
  if (sid !== undefined && !own.has(sid) && !ABSENT.test(sid)) return `this run did not create ${sid}`;
  if (root === "api:/IncomingPhoneNumbers.json" && needs !== "purchase") return "it could buy a number";
  if (root === "api:/Messages.json" && form.To !== undefined && (form.From ?? form.MessagingServiceSid) !== undefined) {
    return "it could text somebody";
  }
  const conversation = /^(.*)\/Messages$/.exec(root)?.[1];
  return conversation !== undefined && withPhones.has(conversation) ? "it could text somebody" : undefined;
}
