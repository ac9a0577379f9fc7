/** Webhooks on demand: what was sent, and sending an event again, or for the first time, to try a receiver. */
import type { DomainEvent } from "../events";
import type { Delivery } from "../webhooks/deliveries";
import { type ControlCall, Refused } from "./controls";
import { happened } from "./happened";

/** The log, oldest first; `status` is an outcome. */
export function listDeliveries({ controls, query }: ControlCall): { deliveries: Delivery[] } {
  const fits = (name: string, value: string | null) => query.get(name) === null || query.get(name) === value;
  const entries = controls.webhooks.deliveries.entries();
  const deliveries = entries.filter(
    ({ conversationSid, event, outcome }) => fits("conversationSid", conversationSid) && fits("event", event) && fits("status", outcome),
  );
  return { deliveries };
}

/** Reports the event to every webhook that wants it, whoever caused it, and answers once they have. */
export async function triggerWebhooks({ controls, input }: ControlCall): Promise<{ deliveries: Delivery[] }> {
  const event: DomainEvent = happened(controls.domain, input as Record<string, unknown>);
  const sendings = controls.webhooks.report(event);
  if (sendings.length === 0)
    throw new Refused(404, "no webhook wants this event: see PostWebhookUrl, Filters and the conversation's own webhooks");
  await Promise.all(sendings.map(({ done }) => done));
  return { deliveries: sendings.map(({ delivery }) => delivery) };
}
