/** Which webhooks hear of a change, before it is made and after. */
import type { Amendments, Domain } from "../domain";
import { fail, NotFound } from "../errors";
import type { DomainEvent } from "../events";
import type { MessageRecord } from "../resources/message";
import type { ScopedWebhookRecord } from "../resources/scoped-webhook";
import { amended, amendmentsIn } from "./amendments";
import { Deliveries, type Delivery, isSuccess, type Report, type Sending } from "./deliveries";
import { type Happening, happeningOf } from "./happenings";

/** The longest that Twilio waits for a webhook of Conversations. */
const ANSWER_MS = 5000;

export class Webhooks {
  readonly deliveries: Deliveries;
  private readonly domain: Domain;
  private readonly unsubscribe: () => void;

  constructor(domain: Domain) {
    this.domain = domain;
    this.deliveries = new Deliveries(
      (accountSid) => domain.accounts.get(accountSid)?.authToken ?? "",
      (delivery) => this.announce(delivery),
    );
    this.unsubscribe = domain.events.subscribe((event) => {
      if (event.name === "scopedWebhookAdded") this.replay(event.data.webhook, event.data.replayAfter);
      else if (isReported(event)) this.report(event);
    });
  }

  private announce(delivery: Delivery): void {
    const { accountSid } = delivery;
    const origin = { source: "EVENT", webhooksEnabled: false } as const;
    // As it is now: what listeners keep must not change under them.
    const data = { delivery: { ...delivery, attempts: [...delivery.attempts] } };
    this.domain.events.publish({ name: "webhookDelivered", accountSid, at: this.domain.now(), origin, data });
  }

  /** Reports what has happened to every webhook that wants to know, whoever caused it. */
  report(event: DomainEvent): Sending[] {
    return this.reportsOf(event).map((report) => this.dispatch(report));
  }

  private dispatch(report: Report): Sending {
    if (report.target !== "webhook") return { delivery: this.deliveries.record(report), done: Promise.resolve(undefined) };
    const { delivery, done } = this.deliveries.send(report, { answerMs: ANSWER_MS });
    const finished = done.then((answer) => {
      this.deliveries.finish(delivery, isSuccess(answer) ? "delivered" : "failed");
      return answer;
    });
    return { delivery, done: finished };
  }

  private reportsOf(event: DomainEvent): Report[] {
    const happening = happeningOf(this.domain, event);
    if (!happening) return [];
    const parameters = parametersOf(event, happening.post, happening.postValues);
    const shared = { accountSid: event.accountSid, event: happening.post, conversationSid: happening.conversationSid, parameters };
    const reports: Report[] = [];
    for (const { sid, filters, postWebhookUrl: url, method, target } of this.configurationsFor(event, happening)) {
      if (url === null || !filters?.includes(happening.post)) continue;
      reports.push({ ...shared, scope: sid === event.accountSid ? "account" : "service", target, url, method: method ?? "POST" });
    }
    return [...reports, ...this.scopedWebhooks(event, happening).flatMap((webhook) => scopedReport(webhook, event, shared))];
  }

  private configurationsFor({ accountSid }: DomainEvent, { serviceSid }: Happening) {
    return [accountSid, serviceSid].flatMap((sid) => this.domain.webhookConfigurations.get(sid) ?? []);
  }

  private scopedWebhooks(event: DomainEvent, { conversationSid }: Happening): ScopedWebhookRecord[] {
    // Those of a removed conversation went with it.
    if (event.name === "conversationRemoved") return event.data.webhooks;
    return conversationSid === undefined ? [] : this.domain.find.webhooksOf(conversationSid);
  }

  /** A new webhook may ask for messages that were there before it. */
  private replay(webhook: ScopedWebhookRecord, replayAfter: number | null): void {
    if (replayAfter === null) return;
    const messages = this.domain.find.messagesIn(webhook.conversationSid).filter(({ index }) => index >= replayAfter);
    for (const message of messages.sort((a, b) => a.index - b.index)) {
      const event = messageAdded(message);
      const reports = this.reportsOf(event).filter(({ webhookSid }) => webhookSid === webhook.sid);
      for (const report of reports) this.dispatch(report);
    }
  }

  /** The questions that have to be asked before these changes are made. */
  questionsAbout(events: readonly DomainEvent[]): Report[] {
    // A conversation that a text makes is accepted or refused as a whole.
    const whole = events.filter((event) => event.name === "conversationAdded" && event.data.text !== undefined);
    return (whole.length > 0 ? whole : events).filter(isReported).flatMap((event) => {
      const happening = happeningOf(this.domain, event);
      if (happening?.pre === undefined) return [];
      const { pre, preValues, conversationSid } = happening;
      return this.configurationsFor(event, happening).flatMap(({ sid, filters, preWebhookUrl: url, method }): Report[] => {
        if (url === null || !filters?.includes(pre)) return [];
        const scope = sid === event.accountSid ? "account" : "service";
        const parameters = parametersOf(event, pre, preValues);
        const { accountSid } = event;
        return [{ accountSid, event: pre, conversationSid, scope, target: "webhook", url, method: method ?? "POST", parameters }];
      });
    });
  }

  /** Asks one after the other; each hears what the ones before have changed. Throws 50056 as soon as one refuses. */
  async ask(questions: readonly Report[]): Promise<Amendments> {
    let amendments: Amendments = {};
    for (const question of questions) {
      const report = { ...question, parameters: amended(question, amendments) };
      const { delivery, done, signal } = this.deliveries.send(report, { answerMs: ANSWER_MS, isQuestion: true });
      const answer = await done;
      // What the question was about is of the time before a reset.
      if (signal?.aborted) throw new NotFound();
      if (answer && answer.status >= 400) {
        this.deliveries.finish(delivery, "rejected");
        throw fail(50056);
      }
      const changes = isSuccess(answer) ? amendmentsIn(question.event, answer.text) : {};
      const isAmended = Object.keys(changes).length > 0;
      this.deliveries.finish(delivery, isAmended ? "amended" : answer ? "accepted" : "unanswered");
      amendments = {
        conversation: { ...amendments.conversation, ...changes.conversation },
        message: { ...amendments.message, ...changes.message },
      };
    }
    return amendments;
  }

  async close(): Promise<void> {
    this.unsubscribe();
    await this.deliveries.close();
  }
}

/** Twilio's rule: what REST changes is reported only when the request asks for it, but deliveries always are. */
function isReported({ name, origin }: DomainEvent): boolean {
  return origin.source !== "API" || origin.webhooksEnabled || name === "receiptAdded" || name === "receiptUpdated";
}

function parametersOf({ accountSid, origin }: DomainEvent, eventType: string, values: Happening["postValues"]): Record<string, string> {
  // `SDK`, `API` and the channel's name are the sources that Twilio has; its own doing it calls `API`.
  const source = origin.source === "SDK" ? "SDK" : origin.source === "SMS" ? (origin.channel ?? "SMS") : "API";
  const all = {
    AccountSid: accountSid,
    EventType: eventType,
    Source: source,
    ClientIdentity: origin.clientIdentity,
    RetryCount: 0,
    ...values,
  };
  const present = Object.entries(all).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(present.map(([name, value]) => [name, String(value)]));
}

function scopedReport(
  webhook: ScopedWebhookRecord,
  event: DomainEvent,
  shared: Pick<Report, "accountSid" | "event" | "conversationSid" | "parameters">,
): Report[] {
  const { sid, target, url, method } = webhook;
  if (!isWanted(webhook, event, shared.event)) return [];
  const parameters = { ...shared.parameters, WebhookSid: sid };
  return [{ ...shared, scope: "conversation", target, webhookSid: sid, url, method: method === "get" ? "GET" : "POST", parameters }];
}

function isWanted({ target, filters, triggers }: ScopedWebhookRecord, event: DomainEvent, post: string): boolean {
  if (target === "webhook") return filters.includes(post);
  if (event.name !== "messageAdded") return false;
  const body = event.data.message.body?.toLowerCase() ?? "";
  return target === "studio" || triggers.some((trigger) => body.includes(trigger.toLowerCase()));
}

/** The event that a message has once led to. */
function messageAdded(message: MessageRecord): DomainEvent {
  const origin = { source: "SDK", webhooksEnabled: true } as const;
  return { name: "messageAdded", accountSid: message.accountSid, at: message.dateCreated, origin, data: { message } };
}
