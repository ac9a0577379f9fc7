/** A local Twilio with a conversation in it, and the chat page's server before it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBackend } from "../../src/chat/backend";
import { startChatServer } from "../../src/chat/server";
import { connect } from "../../src/core/twilio/connection";
import { type Emulator, startEmulator } from "../../src/emulator";
import { type Outside, outside } from "../engine/twilio";

/** What the tests of the page work with. */
export interface Stage {
  readonly twilio: Outside;
  readonly emulator: Emulator;
  /** Makes a service with one conversation of a handset and a chat participant, and serves the page for it. */
  serve(options?: ServeOptions): Promise<Served>;
  /** Ends the local Twilio. */
  stop(): Promise<void>;
  /** Starts it again with its state, on its port or on another one. */
  restart(options?: { readonly elsewhere?: boolean }): Promise<void>;
  close(): Promise<void>;
}

/** Options of {@link Stage.serve}. */
export interface ServeOptions {
  /** A service that is there already, instead of a new one with a conversation. */
  readonly serviceSid?: string;
  /** Tells the page that this is a real account. */
  readonly real?: boolean;
  /** Makes tokens in place of the server. */
  readonly token?: (identity: string, options: { readonly serviceSid: string; readonly asked: number }) => string | undefined;
}

/** A page that is served, and the conversation it shows, over REST. */
export interface Served {
  readonly url: string;
  readonly serviceSid: string;
  readonly conversation: ReturnType<ReturnType<Outside["client"]["conversations"]["v1"]["services"]>["conversations"]>;
  /** How many tokens were asked for. */
  asked(): number;
}

export const HANDSET = "+15558675310";
export const PINEAPPLE = "testPineapple";

export async function openStage(): Promise<Stage> {
  const stateDir = await mkdtemp(join(tmpdir(), "twilio-chat-"));
  let emulator = await startEmulator({ stateDir });
  const port = Number(new URL(emulator.url).port);
  const twilio = outside(emulator);
  const { services } = twilio.client.conversations.v1;
  const servers: { close(): Promise<void> }[] = [];

  /** Each with a number of its own, since a pair of numbers leads to one conversation only. */
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
    async serve({ serviceSid: given, token, real = false } = {}) {
      const { serviceSid, conversationSid } = given === undefined ? await newService() : { serviceSid: given, conversationSid: "" };
      const { accountSid, apiKey, apiSecret } = emulator;
      const login = { TWILIO_ACCOUNT_SID: accountSid, TWILIO_API_KEY: apiKey, TWILIO_API_SECRET: apiSecret };
      const around = { config: () => undefined, cwd: stateDir, openEmbedded: () => Promise.reject(new Error("it is served")) };
      // Where it is now: it moves.
      const find = () => connect({ ...around, env: { ...login, TWILIO_BASE_URL: emulator.url } });
      const backend = openBackend({ connect: find, serviceSid });
      let asked = 0;
      const server = await startChatServer(
        {
          ...backend,
          about: async () => ({ ...(await backend.about()), local: !real }),
          async token(identity) {
            asked += 1;
            const made = token?.(identity, { serviceSid, asked });
            return { ...(await backend.token(identity)), ...(made === undefined ? {} : { token: made }) };
          },
        },
        { port: 0 },
      );
      servers.push(server);
      return { url: server.url, serviceSid, conversation: services(serviceSid).conversations(conversationSid), asked: () => asked };
    },
    stop: () => emulator.close(),
    async restart({ elsewhere = false } = {}) {
      emulator = await startEmulator({ stateDir, port: elsewhere ? 0 : port });
    },
    async close() {
      for (const server of servers) await server.close();
      await emulator.close();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
