import { Client, type ClientOptions, type ConnectionState } from "@twilio/conversations";
import type { TokenAnswer } from "../api";
import { newToken } from "./server";

/** What a session tells the page. */
export interface SessionEvents {
  /** The connection as it is now. */
  connection(state: ConnectionState): void;
  /** What is wrong, for people; `undefined` once it is over. */
  trouble(message: string | undefined): void;
}

/** Somebody who is signed in. */
export interface Session {
  readonly client: Client;
  readonly identity: string;
}

/** How often it is looked whether Twilio is back, and where. */
const LOOK_MS = 2000;

/** Twilio's error for a token that has expired. */
const EXPIRED = 20104;

/** What the SDK says of a connection that failed; its types leave out what Twilio answered. */
interface Failure {
  readonly message?: string;
  readonly httpStatusCode?: number;
  readonly errorCode?: number;
}

/** Signs in. Tries again as long as Twilio is away; rejects where it refuses. */
export async function signIn(identity: string, events: SessionEvents): Promise<Session> {
  for (;;) {
    const answer = await newToken(identity);
    const client = new Client(answer.token, optionsOf(answer));
    const keeping = keep(client, identity, answer, events);
    const failure = await ready(client);
    if (failure === undefined) {
      keeping.initialized();
      return { client, identity };
    }
    keeping.end();
    if (isRefusal(failure)) throw new Error(refusal(failure));
    events.connection("connecting");
    events.trouble(away);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const away = "Twilio does not answer. This page goes on by itself as soon as it does.";

const optionsOf = ({ twilsock, region }: TokenAnswer): ClientOptions => ({
  logLevel: "silent",
  ...(region ? { region } : {}),
  ...(twilsock ? { Twilsock: { uri: twilsock } } : {}),
});

/** Settles when the client is ready, or with why it never will be. */
function ready(client: Client): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    client.once("initialized", () => resolve(undefined));
    client.once("connectionError", resolve);
    client.once("initFailed", ({ error }) => {
      // At once: a moment later the SDK would wait for itself to be ready first.
      void client.shutdown();
      // Where Twilio has refused, that comes after this, which then says no more than that the connection has ended.
      setTimeout(() => resolve(error ?? {}));
    });
  });
}

interface Keeping {
  /** The client is ready. */
  initialized(): void;
  /** The client never will be. */
  end(): void;
}

/** Keeps a client signed in: fresh tokens before the old ones expire, and a way back where the connection is lost for longer. */
function keep(client: Client, identity: string, first: TokenAnswer, events: SessionEvents): Keeping {
  let looking: ReturnType<typeof setInterval> | undefined;
  let isReady = false;
  let isOver = false;

  async function renew(): Promise<void> {
    try {
      const next = await newToken(identity);
      if (isOver) return;
      // The local Twilio was started anew elsewhere: the page's policy lets it connect to the old place only.
      if (next.twilsock !== first.twilsock) return location.reload();
      await client.updateToken(next.token);
    } catch (error) {
      // As long as the old token is good, nobody need know.
      if (!isOver && client.connectionState !== "connected") events.trouble(error instanceof Error ? error.message : away);
    }
  }

  function onState(state: ConnectionState): void {
    if (!isReady) return;
    events.connection(state);
    clearInterval(looking);
    looking = undefined;
    if (state === "connected") events.trouble(undefined);
    else looking = setInterval(renew, LOOK_MS);
  }

  client.on("connectionStateChanged", onState);
  client.on("tokenAboutToExpire", renew);
  client.on("tokenExpired", renew);
  client.on("connectionError", (failure: Failure) => {
    if (isReady && isRefusal(failure)) events.trouble(refusal(failure));
  });
  return {
    initialized() {
      isReady = true;
      onState(client.connectionState);
    },
    end() {
      isOver = true;
    },
  };
}

/** Whether Twilio has said no, and not merely nothing. */
const isRefusal = ({ httpStatusCode, errorCode }: Failure): boolean =>
  errorCode !== undefined || httpStatusCode === 401 || httpStatusCode === 403;

/** What Twilio has against a token, and what to do. */
function refusal({ httpStatusCode, errorCode, message }: Failure): string {
  const cure =
    errorCode === EXPIRED
      ? "It has expired: is the clock of this machine right?"
      : "Is its API key of this account and region, and not revoked? Is the service of this account?";
  const code = [httpStatusCode && `HTTP ${httpStatusCode}`, errorCode && `error ${errorCode}`].filter(Boolean).join(", ");
  return `Twilio refuses the token${code ? ` (${code})` : ""}: ${message?.replace(/^Connection error: /, "") ?? "no reason given"}. ${cure}`;
}
