/** The log of webhook deliveries, and sending an event to test a receiver. */
import type { EmulatorContext } from "../context";
import type { DomainEvent } from "../events";
import type { Delivery } from "../webhooks/deliveries";
import { type ControlCall, ControlError } from "./call";
import { sampleEvent } from "./sample-event";

/** The log, oldest first. The filter `status` is an outcome. */
export function listDeliveries({ context, query }: ControlCall): { deliveries: Delivery[] } {
  const matches = (name: string, value: string | null) => query.get(name) === null || query.get(name) === value;
  const entries = context.webhooks.deliveries.entries();
  const deliveries = entries.filter(
    ({ conversationSid, event, outcome }) =>
      matches("conversationSid", conversationSid) && matches("event", event) && matches("status", outcome),
  );
  return { deliveries };
}

/** Sends the event to every subscribed webhook, whatever its origin, and returns the finished deliveries. */
export async function triggerWebhooks({ context, input }: ControlCall): Promise<{ deliveries: Delivery[] }> {
  const event: DomainEvent = sampleEvent(context.domain, input as Record<string, unknown>);
  const sendings = context.webhooks.report(event);
  if (sendings.length === 0)
    throw new ControlError(404, "no webhook is subscribed to this event: see PostWebhookUrl, Filters and the webhooks of the conversation");
  await Promise.all(sendings.map(({ done }) => done));
  return { deliveries: sendings.map(({ delivery }) => delivery) };
}

/** Sends the delivery with this `id` again, whatever became of it, and returns the new one when it is finished. A reply of the receiver has no effect. */
export async function resendWebhook({ context, input }: ControlCall): Promise<{ deliveries: Delivery[] }> {
  const { id } = input as Record<string, unknown>;
  if (typeof id !== "string") throw new ControlError(400, "id is required: that of a delivery in GET /_emulator/webhooks");
  const { deliveries } = context.webhooks;
  const sending = deliveries.resend(deliveryWith(context, id));
  if (!sending) throw new ControlError(400, `delivery ${id} cannot be sent again, because its target is outside of your servers`);
  await sending.done;
  return { deliveries: [sending.delivery] };
}

/** The delivery with this ID. */
export function deliveryWith({ webhooks }: EmulatorContext, id: string): Delivery {
  const delivery = webhooks.deliveries.entries().find((entry) => entry.id === id);
  if (!delivery) throw new ControlError(404, `the log has no delivery ${id}. It has the last 1,000`);
  return delivery;
}
