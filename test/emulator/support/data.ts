/** Data for emulators of tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../src/emulator";

/** An object of each section. */
export const YAML = `
numbers:
  support: { areaCode: "415", smsUrl: https://example.com/sms }
messagingServices:
  main: { inboundRequestUrl: https://example.com/in }
senders:
  mainSupport: { messagingService: main, number: support }
  brand: { messagingService: main, alphaSender: ACME }
services:
  desk:
roles:
  lead: { service: desk, type: service, permissions: [createConversation, joinConversation] }
serviceConfigurations:
  desk: { service: desk, reachabilityEnabled: true, defaultChatServiceRole: lead }
serviceWebhooks:
  desk: { service: desk, postWebhookUrl: https://example.com/desk, filters: [onMessageAdded] }
accountConfiguration: { defaultMessagingService: main }
accountWebhooks: { preWebhookUrl: https://example.com/account, filters: [onMessageAdd] }
users:
  alice@example.com: { service: desk, friendlyName: Alice, attributes: { team: blue }, role: lead }
conversations:
  vip: { service: desk, uniqueName: vip, messagingService: main, timers: { inactive: PT1H }, attributes: { level: 1 } }
  old: { state: closed }
participants:
  agent: { conversation: vip, identity: alice@example.com }
  phone: { conversation: vip, address: "+15558675310", proxyAddress: support }
messages:
  hello: { conversation: vip, author: alice@example.com, body: Hello, attributes: { mood: good } }
  bye: { conversation: old, body: Bye }
conversationWebhooks:
  hook: { conversation: vip, target: webhook, url: https://example.com/vip, filters: [onMessageAdded] }
addressConfigurations:
  support: { type: sms, address: support, autoCreation: { enabled: true, service: desk } }
`;

/** The SIDs by section and name. */
export type Sids = Record<string, Record<string, string>>;

/** Starts an emulator for one test. */
export async function start(options: EmulatorOptions): Promise<Emulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

/** A folder for one test. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "twilio-data-"));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

/** A copy that does not change. */
export const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
