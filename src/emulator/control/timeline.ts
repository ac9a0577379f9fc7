/** `GET /_emulator/timeline`: everything about one conversation or one handset, in order. */
import type { EmulatorContext } from "../context";
import { accountTable } from "../resources/account";
import { conversationTable } from "../resources/conversation-table";
import { participantTable } from "../resources/participant-table";
import { addressIn, type ControlCall, ControlError } from "./call";
import type { Entry } from "./history";

type Records = Record<string, Record<string, unknown> | undefined>;

/** Parameters of webhooks that name a phone. */
const PHONE_PARAMETERS = ["From", "To", "Author", "MessagingBinding.Address"];

/** `?conversationSid=` or `?handset=`; `?failed=true` only failures; `?ids=true` only the IDs of the entries. */
export function timeline({ context, query }: Pick<ControlCall, "context" | "query">): unknown {
  const topic = topicOf(context, query);
  if (!topic) throw new ControlError(400, "conversationSid or handset is required");
  const found = context.history.after("").filter((entry) => topic.includes(entry) && (query.get("failed") !== "true" || isFailed(entry)));
  return query.get("ids") === "true"
    ? { ids: found.map(({ id }) => id) }
    : { entries: found.map(({ number: _number, ...entry }) => entry) };
}

/** What a query asks for. Undefined if it names neither a conversation nor a handset. */
export function topicOf(context: EmulatorContext, query: URLSearchParams): Topic | undefined {
  const conversationSid = query.get("conversationSid");
  const handset = addressIn({ query }, "handset");
  if (!conversationSid && !handset) return undefined;
  const topic = new Topic(context, conversationSid, handset);
  // What an entry is about may be known only from a later one: a conversation is created before its participants.
  for (const entry of context.history.after("")) topic.learn(entry);
  return topic;
}

/** The conversations, phones and users that a timeline is about. */
export class Topic {
  private readonly handset: string | undefined;
  private readonly conversations = new Set<unknown>();
  private readonly phones = new Set<unknown>();
  private readonly users = new Set<string>();
  private readonly causes = new Set<unknown>();

  constructor({ domain }: EmulatorContext, conversationSid: string | null, handset: string | undefined) {
    this.handset = handset;
    if (conversationSid) this.conversations.add(conversationSid);
    if (handset) this.phones.add(handset);
    const participants = participantTable.in(domain).by;
    if (handset) {
      const accounts = accountTable.in(domain).all();
      for (const { conversationSid: sid } of accounts.flatMap((account) => participants.address(`${account.sid} ${handset}`)))
        this.conversations.add(sid);
    }
    for (const sid of this.conversations) {
      if (!conversationTable.in(domain).get(String(sid))) continue;
      for (const participant of participants.conversation(String(sid))) this.learnParticipant({ ...participant });
    }
  }

  /** Learns from an entry which conversations, phones, users and requests belong together. */
  learn(entry: Entry): void {
    const { participant } = entry.data as Records;
    if (entry.event === "participantAdded" && participant) {
      if (participant.address !== null && participant.address === this.handset) this.conversations.add(participant.conversationSid);
      if (this.conversations.has(participant.conversationSid)) this.learnParticipant(participant);
    }
    if (entry.requestSid !== undefined && this.isAbout(entry)) this.causes.add(entry.requestSid);
  }

  private learnParticipant({ identity, serviceSid, address }: Record<string, unknown>): void {
    if (identity !== null) this.users.add(`${serviceSid} ${identity}`);
    else if (this.handset === undefined) this.phones.add(address);
  }

  includes(entry: Entry): boolean {
    return this.isAbout(entry) || (entry.event === "requestAnswered" && this.causes.has((entry.data as Records).request?.sid));
  }

  private isAbout({ event, data }: Entry): boolean {
    const { request, delivery, route, sms, client } = data as Records;
    if (request) return this.isPathOfConversation(String(request.path));
    if (client) return this.users.has(`${client.serviceSid} ${client.identity}`);
    // A conversation's timeline also has the texts of its phones that went elsewhere.
    if (route && this.phones.has(route.from)) return true;
    if (sms && this.handset !== undefined && (sms.from === this.handset || sms.to === this.handset)) return true;
    if (delivery && this.handset !== undefined && this.isOfPhone(delivery.parameters as Record<string, string>)) return true;
    const text = (data as { text?: { from: string } }).text;
    if (event === "conversationAdded" && this.handset !== undefined && text?.from === this.handset) return true;
    return Object.values(data as Records).some(
      (record) => record && (this.conversations.has(record.sid) || this.conversations.has(record.conversationSid)),
    );
  }

  private isOfPhone(parameters: Record<string, string>): boolean {
    return PHONE_PARAMETERS.some((name) => parameters[name] === this.handset);
  }

  private isPathOfConversation(path: string): boolean {
    const [sid] = /CH[0-9a-f]{32}/.exec(path) ?? [];
    return this.conversations.has(sid);
  }
}

/** Whether something did not work: a refused request or client, a webhook that was not accepted, a text that was not delivered. */
function isFailed({ data }: Entry): boolean {
  const { request, delivery, route, sms, receipt, refusal } = data as Records;
  if (request) return request.status === null || Number(request.status) >= 400;
  if (delivery) return ["failed", "unanswered", "rejected"].includes(String(delivery.outcome));
  return refusal !== undefined || route?.failed === true || ["failed", "undelivered"].includes(String((sms ?? receipt)?.status));
}
