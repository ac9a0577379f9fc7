/** Selects the webhooks that Twilio calls before and after a change. */
import type { Domain } from "../domain";
import { NotFound } from "../errors";
import type { Amendments, DomainEvent } from "../events";
import { accountTable } from "../resources/account";
import { type MessageRecord, messageTable } from "../resources/message";
import { type ScopedWebhookRecord, scopedWebhookTable } from "../resources/scoped-webhook";
import { webhookConfigurationTable } from "../resources/webhook-configuration";
import { Deliveries, type Delivery, isSuccess, type PendingDelivery, type Report } from "./deliveries";
import { amendedParameters, readAmendments } from "./pre-webhook-response";
import { Rejected } from "./rejected";
import { reportStatus } from "./sms-status";
import { type WebhookEvent, webhookEventOf } from "./webhook-events";
import type { WebhookParameters } from "./webhook-parameters";

declare module "../events" {
  interface DomainEvents {
    /** A REST request without `X-Twilio-Webhook-Enabled: true` made a change that webhooks subscribe to. */
    webhookSkipped: { skipped: { event: string; conversationSid: string | null; webhooks: number } };
  }
}

/** How long Twilio waits for a Conversations webhook. */
const RESPONSE_MS = 5000;

/** Reports domain events to webhooks. */
export class Webhooks {
  readonly deliveries: Deliveries;
  private readonly domain: Domain;
  private readonly unsubscribe: () => void;

  constructor(domain: Domain) {
    this.domain = domain;
    this.deliveries = new Deliveries(
      (accountSid) => accountTable.in(domain).get(accountSid)?.authToken ?? "",
      (delivery) => this.announce(delivery),
    );
    this.unsubscribe = domain.events.subscribe((event) => {
      if (event.name === "smsUpdated") {
        if (event.data.sms.status !== event.data.previous) reportStatus(domain, this.deliveries, event.data.sms);
      } else if (event.name === "scopedWebhookAdded") this.replay(event.data.webhook, event.data.replayAfter);
      else if (isReported(event)) this.report(event);
      else this.announceSkipped(event);
    });
  }

  private announce(delivery: Delivery): void {
    const { accountSid } = delivery;
    const origin = { source: "EVENT", webhooksEnabled: false } as const;
    // A copy, because listeners keep it while the log entry may still change.
    const data = { delivery: { ...delivery, attempts: [...delivery.attempts] } };
    this.domain.events.publish({ name: "webhookDelivered", accountSid, at: this.domain.now(), origin, data });
  }

  /** Announces that a REST request did not ask for the webhooks that subscribe to its change: the usual reason why a receiver gets nothing. */
  private announceSkipped(event: DomainEvent): void {
    const [first, ...others] = this.reportsOf(event);
    if (!first) return;
    const { accountSid, at, origin } = event;
    const skipped = { event: first.event, conversationSid: first.conversationSid ?? null, webhooks: others.length + 1 };
    this.domain.events.publish({ name: "webhookSkipped", accountSid, at, origin, data: { skipped } });
  }

  /** Reports the event to every webhook that subscribes to it, regardless of the event's origin. */
  report(event: DomainEvent): PendingDelivery[] {
    return this.reportsOf(event).map((report) => this.dispatch(report));
  }

  private dispatch(report: Report): PendingDelivery {
    if (report.target !== "webhook") return { delivery: this.deliveries.record(report), done: Promise.resolve(undefined) };
    const { delivery, done } = this.deliveries.send(report, { responseMs: RESPONSE_MS });
    const finished = done.then((response) => {
      this.deliveries.finish(delivery, isSuccess(response) ? "delivered" : "failed");
      return response;
    });
    return { delivery, done: finished };
  }

  private reportsOf(event: DomainEvent): Report[] {
    const webhookEvent = webhookEventOf(this.domain, event);
    if (!webhookEvent) return [];
    const { post, postParameters, conversationSid } = webhookEvent;
    const shared = {
      accountSid: event.accountSid,
      event: post,
      conversationSid,
      parameters: requestParameters(event, post, postParameters),
    };
    const reports: Report[] = [];
    for (const { sid, filters, postWebhookUrl: url, method, target } of this.configurationsFor(event, webhookEvent)) {
      if (url === null || !filters?.includes(post)) continue;
      reports.push({ ...shared, scope: sid === event.accountSid ? "account" : "service", target, url, method: method ?? "POST" });
    }
    return [...reports, ...this.scopedWebhooks(event, webhookEvent).flatMap((webhook) => scopedReport(webhook, event, shared))];
  }

  private configurationsFor({ accountSid }: DomainEvent, { serviceSid }: WebhookEvent) {
    return [accountSid, serviceSid].flatMap((sid) => webhookConfigurationTable.in(this.domain).get(sid) ?? []);
  }

  private scopedWebhooks(event: DomainEvent, { conversationSid }: WebhookEvent): ScopedWebhookRecord[] {
    // A removed conversation's webhooks are already deleted, so the event carries them.
    if (event.name === "conversationRemoved") return event.data.webhooks;
    return conversationSid === undefined ? [] : scopedWebhookTable.in(this.domain).by.conversation(conversationSid);
  }

  /** Reports earlier messages to a new webhook that was created with `ReplayAfter`. */
  private replay(webhook: ScopedWebhookRecord, replayAfter: number | null): void {
    if (replayAfter === null) return;
    const messages = messageTable
      .in(this.domain)
      .by.conversation(webhook.conversationSid)
      .filter(({ index }) => index >= replayAfter);
    for (const message of messages.sort((a, b) => a.index - b.index)) {
      const event = messageAdded(message);
      const reports = this.reportsOf(event).filter(({ webhookSid }) => webhookSid === webhook.sid);
      for (const report of reports) this.dispatch(report);
    }
  }

  /** The pre-webhooks to call before these changes are made. */
  preWebhooksFor(events: readonly DomainEvent[]): Report[] {
    // If a text created the conversation, the pre-webhook accepts or rejects conversation, participant and message together.
    const created = events.filter((event) => event.name === "conversationAdded" && event.data.text !== undefined);
    return (created.length > 0 ? created : events).filter(isReported).flatMap((event) => {
      const webhookEvent = webhookEventOf(this.domain, event);
      if (webhookEvent?.pre === undefined) return [];
      const { pre, preParameters, conversationSid } = webhookEvent;
      return this.configurationsFor(event, webhookEvent).flatMap(({ sid, filters, preWebhookUrl: url, method }): Report[] => {
        if (url === null || !filters?.includes(pre)) return [];
        const scope = sid === event.accountSid ? "account" : "service";
        const parameters = requestParameters(event, pre, preParameters);
        const { accountSid } = event;
        return [{ accountSid, event: pre, conversationSid, scope, target: "webhook", url, method: method ?? "POST", parameters }];
      });
    });
  }

  /** Calls pre-webhooks one by one. Each receives the amendments of the earlier ones. Throws 50056 when one rejects. */
  async callPreWebhooks(preWebhooks: readonly Report[]): Promise<Amendments> {
    let amendments: Amendments = {};
    for (const preWebhook of preWebhooks) {
      const report = { ...preWebhook, parameters: amendedParameters(preWebhook, amendments) };
      const { delivery, done, signal } = this.deliveries.send(report, { responseMs: RESPONSE_MS, isPreWebhook: true });
      const response = await done;
      // A reset meanwhile removed the records that the change concerns.
      if (signal?.aborted) throw new NotFound();
      if (response && response.status >= 400) {
        this.deliveries.finish(delivery, "rejected");
        throw new Rejected({ event: delivery.event, url: delivery.url ?? "", status: response.status });
      }
      const changes = isSuccess(response) ? readAmendments(preWebhook.event, response.text) : {};
      const isAmended = Object.keys(changes).length > 0;
      this.deliveries.finish(delivery, isAmended ? "amended" : response ? "accepted" : "unanswered");
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

/** Twilio's rule: REST changes are reported only if the request asks for it. Delivery receipts are always reported. */
function isReported({ name, origin }: DomainEvent): boolean {
  return origin.source !== "API" || origin.webhooksEnabled || name === "receiptAdded" || name === "receiptUpdated";
}

function requestParameters({ accountSid, origin }: DomainEvent, eventType: string, values: WebhookParameters): Record<string, string> {
  // Twilio's sources are `SDK`, `API` and the channel's name. Timers and Twilio's own changes count as `API`.
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
  if (!isSubscribed(webhook, event, shared.event)) return [];
  const parameters = { ...shared.parameters, WebhookSid: sid };
  return [
    { ...shared, scope: "conversation", target, webhookSid: sid, url, method: method.toLowerCase() === "get" ? "GET" : "POST", parameters },
  ];
}

function isSubscribed({ target, filters, triggers }: ScopedWebhookRecord, event: DomainEvent, post: string): boolean {
  if (target === "webhook") return filters.includes(post);
  if (event.name !== "messageAdded") return false;
  const body = event.data.message.body?.toLowerCase() ?? "";
  return target === "studio" || triggers.some((trigger) => body.includes(trigger.toLowerCase()));
}

/** Recreates the event of an earlier message. */
function messageAdded(message: MessageRecord): DomainEvent {
  const origin = { source: "SDK", webhooksEnabled: true } as const;
  return { name: "messageAdded", accountSid: message.accountSid, at: message.dateCreated, origin, data: { message } };
}
