/** Helpers for tests of webhooks. */
import { expect, vi } from "vitest";
import type { Delivery } from "../../../src/emulator/webhooks/deliveries";
import type { Control } from "./control";
import { ALICE, buyNumber, type TestEmulator } from "./emulator";
import type { Receiver } from "./receiver";

/** Enables webhooks for a REST call. */
export const WITH_WEBHOOKS = { xTwilioWebhookEnabled: "true" } as const;

/** All post-webhook events. */
export const POST_EVENTS = [
  ...["onMessageAdded", "onMessageUpdated", "onMessageRemoved", "onParticipantAdded", "onParticipantUpdated", "onParticipantRemoved"],
  ...["onConversationAdded", "onConversationUpdated", "onConversationRemoved", "onConversationStateUpdated", "onDeliveryUpdated"],
  ...["onUserAdded", "onUserUpdated"],
];

/** Sends the account's post-webhooks for these events to the receiver. */
export function configurePostWebhooks({ conversations }: TestEmulator, receiver: Receiver, filters: string[], more: object = {}) {
  return conversations.configuration.webhooks().update({ postWebhookUrl: `${receiver.url}/account`, filters, ...more });
}

/** The control plane's log of deliveries. */
export async function deliveries(control: Control, query = ""): Promise<Delivery[]> {
  return (await control.ok("GET", `webhooks${query}`)).deliveries as Delivery[];
}

/** The log of deliveries, as soon as none is pending. */
export function finishedDeliveries(control: Control): Promise<Delivery[]> {
  return vi.waitFor(
    async () => {
      const log = await deliveries(control);
      expect(log.filter(({ outcome }) => outcome === "pending")).toEqual([]);
      return log;
    },
    { timeout: 20_000, interval: 5 },
  );
}

/** Creates a conversation with a handset, without calling webhooks. */
export async function conversationWithHandset(twilio: TestEmulator) {
  const { phoneNumber } = await buyNumber(twilio);
  const { sid } = await twilio.conversations.conversations.create({ friendlyName: "Hello" });
  const conversation = twilio.conversations.conversations(sid);
  const binding = { "messagingBinding.address": ALICE, "messagingBinding.proxyAddress": phoneNumber };
  const handset = await conversation.participants.create(binding);
  return { sid, conversation, phoneNumber, handset };
}
