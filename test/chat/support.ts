/** An emulator with conversations, and chat servers that serve the page for them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBackend } from "../../src/chat/backend";
import { startChatServer } from "../../src/chat/server";
import { connect } from "../../src/core/twilio/connection";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type EmulatorClient, emulatorClient } from "../engine/twilio";

/** The emulator and the chat servers of a test file. */
export interface ChatFixture {
  readonly twilio: EmulatorClient;
  readonly emulator: Emulator;
  /** Creates a service with one conversation between a handset and a chat participant, and serves the page for it. */
  serve(options?: ServeOptions): Promise<ServedPage>;
  /** Stops the emulator. */
  stop(): Promise<void>;
  /** Starts the emulator again with its state, on the same port or on another one. */
  restart(options?: { readonly onOtherPort?: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Options of {@link ChatFixture.serve}. */
export interface ServeOptions {
  /** An existing service, instead of a new one with a conversation. */
  readonly serviceSid?: string;
  /** Makes the page treat the account as a real one. */
  readonly isReal?: boolean;
  /** The URL under which the page reaches the emulator. Default: the emulator's own. */
  readonly baseUrl?: string;
  /** Replaces the server's token. `request` counts the requests for tokens from 1. */
  readonly token?: (identity: string, options: { readonly serviceSid: string; readonly request: number }) => string | undefined;
}

/** A served page, and its conversation through the REST API. */
export interface ServedPage {
  readonly url: string;
  readonly serviceSid: string;
  readonly conversation: ReturnType<ReturnType<EmulatorClient["client"]["conversations"]["v1"]["services"]>["conversations"]>;
  /** How many tokens the page requested. */
  tokenRequests(): number;
}

export const HANDSET = "+15558675310";
export const PINEAPPLE = "testPineapple";

/** Starts the emulator. */
export async function openChatFixture(): Promise<ChatFixture> {
  const stateDir = await mkdtemp(join(tmpdir(), "twilio-chat-"));
  let emulator = await startEmulator({ stateDir });
  const port = Number(new URL(emulator.url).port);
  const twilio = emulatorClient(emulator);
  const { services } = twilio.client.conversations.v1;
  const servers: { close(): Promise<void> }[] = [];

  /** Each service has its own number, because a pair of numbers leads to one conversation only. */
  async function newService(): Promise<{ serviceSid: string; conversationSid: string }> {
    const [found] = await twilio.client.availablePhoneNumbers("US").local.list({ smsEnabled: true, limit: 1 });
    const number = await twilio.client.incomingPhoneNumbers.create({ phoneNumber: found?.phoneNumber });
    const service = await services.create({ friendlyName: "Support" });
    const conversation = await services(service.sid).conversations.create({ friendlyName: "My First Conversation" });
    const { participants } = services(service.sid).conversations(conversation.sid);
    await participants.create({ "messagingBinding.address": HANDSET, "messagingBinding.proxyAddress": number.phoneNumber });
    await participants.create({ identity: PINEAPPLE });
    return { serviceSid: service.sid, conversationSid: conversation.sid };
  }

  return {
    twilio,
    get emulator() {
      return emulator;
    },
    async serve({ serviceSid: given, token, baseUrl, isReal = false } = {}) {
      const { serviceSid, conversationSid } = given === undefined ? await newService() : { serviceSid: given, conversationSid: "" };
      const { accountSid, apiKey, apiSecret } = emulator;
      const login = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_API_KEY: apiKey, TWILIO_API_SECRET: apiSecret };
      const environment = {
        config: () => undefined,
        cwd: stateDir,
        openEmbedded: () => Promise.reject(new Error("the emulator is already served")),
      };
      // The address changes when the emulator restarts on another port.
      const find = () => connect({ ...environment, env: { ...login, TWILIO_BASE_URL: baseUrl ?? emulator.url } });
      const backend = openBackend({ connect: find, serviceSid });
      let tokenRequests = 0;
      const server = await startChatServer(
        {
          ...backend,
          about: async () => ({ ...(await backend.about()), isEmulator: !isReal }),
          async token(identity) {
            tokenRequests += 1;
            const replacement = token?.(identity, { serviceSid, request: tokenRequests });
            return { ...(await backend.token(identity)), ...(replacement === undefined ? {} : { token: replacement }) };
          },
        },
        { port: 0 },
      );
      servers.push(server);
      const conversation = services(serviceSid).conversations(conversationSid);
      return { url: server.url, serviceSid, conversation, tokenRequests: () => tokenRequests };
    },
    stop: () => emulator.close(),
    async restart({ onOtherPort = false } = {}) {
      emulator = await startEmulator({ stateDir, port: onOtherPort ? 0 : port });
    },
    async close() {
      for (const server of servers) await server.close();
      await emulator.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
