/** Twilio's own chat SDK, as it is shipped, signed in to the emulator with tokens that Twilio's own helper makes. */
import type { Client, Conversation } from "@twilio/conversations";
import twilio from "twilio";
import { onTestFinished } from "vitest";
import type { Emulator } from "../../../src/emulator";

/** The SDK releases that are tested: the newest, and the last one of the generation before. */
export const SDKS = ["@twilio/conversations", "twilio-conversations-2"] as const;
export type Sdk = (typeof SDKS)[number];

interface TokenOptions {
  identity: string;
  serviceSid: string;
  ttl?: number;
  apiKey?: string;
  apiSecret?: string;
}

export function tokenFor(emulator: Emulator, { identity, serviceSid, ttl = 3600, ...key }: TokenOptions): string {
  const { AccessToken } = twilio.jwt;
  const { apiKey, apiSecret } = { ...emulator, ...key };
  const token = new AccessToken(emulator.accountSid, apiKey, apiSecret, { identity, ttl });
  token.addGrant(new AccessToken.ChatGrant({ serviceSid }));
  return token.toJwt();
}

/** Where the SDK connects to. */
export function socketUrl({ url }: Pick<Emulator, "url">): string {
  return `${url.replace(/^http/, "ws")}/v3/wsconnect`;
}

/** A client with this token; shut down when the test is over. */
export async function clientWith(sdk: Sdk, emulator: Pick<Emulator, "url">, token: string): Promise<Client> {
  const { Client: SdkClient } = (await import(sdk)) as typeof import("@twilio/conversations");
  const client = new SdkClient(token, { Twilsock: { uri: socketUrl(emulator) }, logLevel: "silent" });
  onTestFinished(async () => {
    await client.shutdown().catch(() => {});
  });
  return client;
}

/** A client that is ready. */
export async function signIn(sdk: Sdk, emulator: Emulator, options: TokenOptions): Promise<Client> {
  const client = await clientWith(sdk, emulator, tokenFor(emulator, options));
  await initialized(client);
  return client;
}

export async function initialized(client: Client): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.once("initialized", resolve);
    client.once("initFailed", ({ error }) => reject(new Error(`the SDK did not start: ${error?.message}`)));
  });
}

interface Emitter {
  on(event: never, listener: (...values: never[]) => void): unknown;
  removeListener(event: never, listener: (...values: never[]) => void): unknown;
}

/** The first event of that name that fits. To be called before what causes it. */
export function next<T>(emitter: Emitter, event: string, fits: (value: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = setTimeout(() => reject(new Error(`no ${event} within 15 s`)), 15_000);
    const listener = (value: T) => {
      if (!fits(value)) return;
      clearTimeout(give);
      emitter.removeListener(event as never, listener as never);
      resolve(value);
    };
    emitter.on(event as never, listener as never);
  });
}

/** The conversation as this client sees it, with its members and messages opened: what happens from now on is an event. */
export async function open(client: Client, sid: string): Promise<Conversation> {
  const conversation = await client.getConversationBySid(sid);
  await conversation.getParticipants();
  await conversation.getMessages(1);
  return conversation;
}
