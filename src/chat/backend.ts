import { operation } from "../core/process/operation";
import { type Connection, describeConnection } from "../core/twilio/connection";
import { UsageError } from "../core/twilio/errors";
import { openTwilio } from "../core/twilio/transport";
import type { Body } from "../core/twilio/twilio";
import type { About, TokenResponse } from "./api";
import { chatToken } from "./chat-token";
import { controlPlane } from "./control-plane";
import { openPhones, type Phones } from "./phones";

/** The data behind the chat page. */
export interface Backend {
  about(): Promise<About>;
  token(identity: string): Promise<TokenResponse>;
  /** The origins that the page may connect to in addition to its own, in the syntax of a content security policy. */
  origins(): Promise<readonly string[]>;
  /** The virtual phones, if Twilio is the emulator. */
  phones(): Promise<Phones | undefined>;
}

/** Options of {@link openBackend}. */
export interface BackendOptions {
  /** Called for each request, because an embedded emulator may move: its process may end and another one may serve its folder. */
  readonly connect: () => Promise<Connection>;
  readonly serviceSid: string;
}

/** How long a person waits for a response. */
const TIMEOUT_MS = 15_000;

/** Opens the account and the service of the chat page. */
export function openBackend({ connect, serviceSid }: BackendOptions): Backend {
  const root = `/v1/Services/${serviceSid}`;

  return {
    async about() {
      const connection = await connect();
      // First, because this detects a stopped emulator at once.
      const isEmulator = await isEmulatorAt(connection);
      const twilio = openTwilio({ ...connection, operationTimeoutMs: TIMEOUT_MS });
      const attempt = `Cannot read the service ${serviceSid}`;
      const { service, identities } = await operation(async () => ({
        service: await twilio.send({ attempt, product: "conversations", method: "get", path: root }),
        identities: await identitiesOf(twilio.list({ attempt, product: "conversations", path: `${root}/Users` }, "users")),
      }));
      if (!service) {
        throw new UsageError(
          `Account ${connection.accountSid} has no conversation service ${serviceSid}. If it was deleted, run \`pulumi up\` and start the chat again.`,
        );
      }
      return {
        twilio: describeConnection(connection),
        isEmulator,
        service: { sid: serviceSid, friendlyName: String(service.friendly_name ?? serviceSid) },
        identities,
      };
    },

    async token(identity) {
      const connection = await connect();
      const { accountSid, signingKey, region, baseUrl } = connection;
      if (!signingKey) throw new UsageError("An API key must sign the access token, but the credentials hold only an auth token.");
      const { sid: apiKey, secret: apiSecret } = signingKey;
      const token = chatToken({ accountSid, apiKey, apiSecret, identity, chatServiceSid: serviceSid, region });
      const isEmulator = await isEmulatorAt(connection);
      return { token, ...(isEmulator && baseUrl ? { twilsock: websocketOf(baseUrl) } : {}), ...(region ? { region } : {}) };
    },

    async origins() {
      const connection = await connect();
      const { baseUrl } = connection;
      if (!baseUrl || !(await isEmulatorAt(connection))) return ["https://*.twilio.com", "wss://*.twilio.com"];
      return [new URL(baseUrl).origin, new URL(websocketOf(baseUrl)).origin];
    },

    async phones() {
      const connection = await connect();
      return (await isEmulatorAt(connection)) ? openPhones(connection, serviceSid) : undefined;
    },
  };
}

/** A longer list does not help a person to choose. They can still type an identity. */
const MAX_IDENTITIES = 100;

async function identitiesOf(users: AsyncIterable<Body>): Promise<string[]> {
  const found: string[] = [];
  for await (const { identity } of users) {
    found.push(String(identity));
    if (found.length === MAX_IDENTITIES) break;
  }
  return found.sort();
}

const websocketOf = (baseUrl: string): string => `${baseUrl.replace(/^http/, "ws")}/v3/wsconnect`;

/** Whether the connection leads to the emulator. Only the emulator has a control plane. */
async function isEmulatorAt({ backend, baseUrl }: Connection): Promise<boolean> {
  if (backend === "emulator") return true;
  if (baseUrl === undefined) return false;
  const response = await controlPlane(baseUrl, "health", { signal: AbortSignal.timeout(TIMEOUT_MS) });
  return response.ok && typeof ((await response.json()) as { instance?: unknown }).instance === "string";
}
