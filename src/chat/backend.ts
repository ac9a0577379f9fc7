import type { Body } from "../core/lifecycle/definition";
import { operation } from "../core/process/operation";
import { type Connection, describeConnection } from "../core/twilio/connection";
import { UsageError } from "../core/twilio/errors";
import { openTwilio } from "../core/twilio/transport";
import type { About, TokenAnswer } from "./api";
import { chatToken } from "./chat-token";
import { control } from "./control";
import { openPhones, type Phones } from "./phones";

/** What stands behind the chat page. */
export interface Backend {
  about(): Promise<About>;
  token(identity: string): Promise<TokenAnswer>;
  /** The origins that the page may connect to besides its own, as a content security policy names them. */
  origins(): Promise<readonly string[]>;
  /** The virtual phones, where Twilio is the local one. */
  phones(): Promise<Phones | undefined>;
}

/** Options of {@link openBackend}. */
export interface BackendOptions {
  /** Called again and again, since an embedded Twilio may move: whoever served it has ended, and another process serves its folder. */
  readonly connect: () => Promise<Connection>;
  readonly serviceSid: string;
}

/** How long a person waits for an answer. */
const PATIENCE_MS = 15_000;

/** The account and service that the page works with. */
export function openBackend({ connect, serviceSid }: BackendOptions): Backend {
  const root = `/v1/Services/${serviceSid}`;

  return {
    async about() {
      const connection = await connect();
      // First, since it is known at once where a local one is away.
      const local = await isLocal(connection);
      const twilio = openTwilio({ ...connection, operationTimeoutMs: PATIENCE_MS });
      const attempt = `Cannot read the service ${serviceSid}`;
      const { service, identities } = await operation(async () => ({
        service: await twilio.send({ attempt, product: "conversations", method: "get", path: root }),
        identities: await identitiesOf(twilio.list({ attempt, product: "conversations", path: `${root}/Users` }, "users")),
      }));
      if (!service) {
        throw new UsageError(
          `Account ${connection.accountSid} has no conversation service ${serviceSid}. It may have been deleted: run \`pulumi up\`, then start the chat again.`,
        );
      }
      return {
        twilio: describeConnection(connection),
        local,
        service: { sid: serviceSid, friendlyName: String(service.friendly_name ?? serviceSid) },
        identities,
      };
    },

    async token(identity) {
      const connection = await connect();
      const { accountSid, signingKey, region, baseUrl } = connection;
      if (!signingKey) throw new UsageError("an access token is signed with an API key, and there is only an auth token.");
      const { sid: apiKey, secret: apiSecret } = signingKey;
      const token = chatToken({ accountSid, apiKey, apiSecret, identity, chatServiceSid: serviceSid, region });
      const local = await isLocal(connection);
      return { token, ...(local && baseUrl ? { twilsock: websocketOf(baseUrl) } : {}), ...(region ? { region } : {}) };
    },

    async origins() {
      const connection = await connect();
      const { baseUrl } = connection;
      if (!baseUrl || !(await isLocal(connection))) return ["https://*.twilio.com", "wss://*.twilio.com"];
      return [new URL(baseUrl).origin, new URL(websocketOf(baseUrl)).origin];
    },

    async phones() {
      const connection = await connect();
      return (await isLocal(connection)) ? openPhones(connection, serviceSid) : undefined;
    },
  };
}

/** More than these are no choice for a person, who can still type a name. */
const MOST_IDENTITIES = 100;

async function identitiesOf(users: AsyncIterable<Body>): Promise<string[]> {
  const found: string[] = [];
  for await (const { identity } of users) {
    found.push(String(identity));
    if (found.length === MOST_IDENTITIES) break;
  }
  return found.sort();
}

const websocketOf = (baseUrl: string): string => `${baseUrl.replace(/^http/, "ws")}/v3/wsconnect`;

/** Whether the Twilio is the local one: only that has a control plane. */
async function isLocal({ backend, baseUrl }: Connection): Promise<boolean> {
  if (backend === "emulator") return true;
  if (baseUrl === undefined) return false;
  const answer = await control(baseUrl, "health", { signal: AbortSignal.timeout(PATIENCE_MS) });
  return answer.ok && typeof ((await answer.json()) as { instance?: unknown }).instance === "string";
}
