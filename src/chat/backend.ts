import { type Connection, describeConnection } from "../core/connection";
import { UsageError } from "../core/errors";
import { operation } from "../core/operation";
import { openTwilio } from "../core/transport";
import type { About, TokenAnswer } from "./api";
import { chatToken } from "./chat-token";
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
  const read = (connection: Connection, attempt: string, path: string, query?: Record<string, string>) =>
    operation(() =>
      openTwilio({ ...connection, operationTimeoutMs: PATIENCE_MS }).send({
        attempt,
        product: "conversations",
        method: "get",
        path: `/v1/Services/${serviceSid}${path}`,
        ...(query ? { query } : {}),
      }),
    );

  return {
    async about() {
      const connection = await connect();
      const service = await read(connection, `Cannot read the service ${serviceSid}`, "");
      if (!service) {
        throw new UsageError(
          `Account ${connection.accountSid} has no conversation service ${serviceSid}. It may have been deleted: run \`pulumi up\`, then start the chat again.`,
        );
      }
      const users = await read(connection, `Cannot list the users of ${serviceSid}`, "/Users", { PageSize: "100" });
      return {
        twilio: describeConnection(connection),
        local: await isLocal(connection),
        service: { sid: serviceSid, friendlyName: String(service.friendly_name ?? serviceSid) },
        identities: ((users?.users ?? []) as { identity: string }[]).map(({ identity }) => identity).sort(),
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

const websocketOf = (baseUrl: string): string => `${baseUrl.replace(/^http/, "ws")}/v3/wsconnect`;

/** Whether the Twilio is the local one: only that has a control plane. */
async function isLocal({ backend, baseUrl }: Connection): Promise<boolean> {
  if (backend === "emulator") return true;
  if (baseUrl === undefined) return false;
  const answer = await fetch(`${baseUrl}/_emulator/health`, { signal: AbortSignal.timeout(PATIENCE_MS) });
  return answer.ok && typeof ((await answer.json()) as { instance?: unknown }).instance === "string";
}
