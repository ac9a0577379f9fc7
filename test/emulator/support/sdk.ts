/** Twilio's unmodified chat SDK, signed in to the emulator with tokens from Twilio's helper library. */
import type { Client, Conversation } from "@twilio/conversations";
import twilio from "twilio";
import { expect, onTestFinished, vi } from "vitest";
import type { Emulator } from "../../../src/emulator";

/** The tested SDK releases: the latest, and the last release of the previous major version. */
export const SDKS = ["@twilio/conversations", "twilio-conversations-2"] as const;
/** A tested SDK release. */
export type Sdk = (typeof SDKS)[number];

interface TokenOptions {
  identity: string;
  serviceSid: string;
  ttl?: number;
  apiKey?: string;
  apiSecret?: string;
}

/** Creates an access token. */
export function tokenFor(emulator: Emulator, { identity, serviceSid, ttl = 3600, ...key }: TokenOptions): string {
  const { AccessToken } = twilio.jwt;
  const { apiKey, apiSecret } = { ...emulator, ...key };
  const token = new AccessToken(emulator.accountSid, apiKey, apiSecret, { identity, ttl });
  token.addGrant(new AccessToken.ChatGrant({ serviceSid }));
  return token.toJwt();
}

/** The URL of the emulator's websocket endpoint. */
export function socketUrl({ url }: Pick<Emulator, "url">): string {
  return `${url.replace(/^http/, "ws")}/v3/wsconnect`;
}

/** Creates a client with this token. It is shut down when the test finishes. */
export async function clientWith(sdk: Sdk, emulator: Pick<Emulator, "url">, token: string): Promise<Client> {
  const { Client: SdkClient } = (await import(sdk)) as typeof import("@twilio/conversations");
  const client = new SdkClient(token, { Twilsock: { uri: socketUrl(emulator) }, logLevel: "silent" });
  onTestFinished(async () => {
    await client.shutdown().catch(() => {});
  });
  return client;
}

/** Creates a client and waits until it is initialized. */
export async function signIn(sdk: Sdk, emulator: Emulator, options: TokenOptions): Promise<Client> {
  const client = await clientWith(sdk, emulator, tokenFor(emulator, options));
  await waitUntilInitialized(client);
  return client;
}

/** Waits until the client is initialized. */
export async function waitUntilInitialized(client: Client): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.once("initialized", resolve);
    client.once("initFailed", ({ error }) => reject(new Error(`the SDK failed to initialize: ${error?.message}`)));
  });
}

interface Emitter {
  on(event: never, listener: (...values: never[]) => void): unknown;
  removeListener(event: never, listener: (...values: never[]) => void): unknown;
}

/** Resolves to the next matching event. Call it before the action that causes the event. */
export function nextEvent<T>(emitter: Emitter, event: string, matches: (value: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} within 15 s`)), 15_000);
    const listener = (value: T) => {
      if (!matches(value)) return;
      clearTimeout(timer);
      emitter.removeListener(event as never, listener as never);
      resolve(value);
    };
    emitter.on(event as never, listener as never);
  });
}

/** Fetches a conversation and subscribes to its participants and messages, so that later changes emit events. */
export async function openConversation(client: Client, sid: string): Promise<Conversation> {
  const conversation = await client.getConversationBySid(sid);
  await conversation.getParticipants();
  await conversation.getMessages(1);
  return conversation;
}

/** Collects the bodies of new messages in the order of their events. */
export function collectMessages(conversation: Conversation) {
  const bodies: (string | null)[] = [];
  conversation.on("messageAdded", ({ body }) => bodies.push(body));
  const waitFor = (count: number) => vi.waitFor(() => expect(bodies.length).toBeGreaterThanOrEqual(count), 20_000);
  return { bodies, waitFor };
}
