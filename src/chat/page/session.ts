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

/** What the SDK says of a connection that failed; its types leave out what Twilio answered. */
interface Failure {
  readonly terminal?: boolean;
  readonly message?: string;
  readonly httpStatusCode?: number;
  readonly errorCode?: number;
}

/** Signs in. Tries until Twilio answers; rejects where it refuses. */
export async function signIn(identity: string, events: SessionEvents): Promise<Session> {
  for (;;) {
    const answer = await newToken(identity);
    const client = new Client(answer.token, optionsOf(answer));
    const state = (now: ConnectionState) => events.connection(now);
    client.on("connectionStateChanged", state);
    const failure = await initialized(client);
    if (failure === undefined) {
      events.trouble(undefined);
      return keep(client, identity, answer, events);
    }
    client.off("connectionStateChanged", state);
    await client.shutdown().catch(() => undefined);
    if (failure.terminal) throw new Error(refusal(failure));
    events.connection("connecting");
    events.trouble(gone);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const gone = "Twilio does not answer. The page goes on by itself as soon as it does.";

const optionsOf = ({ twilsock, region }: TokenAnswer): ClientOptions => ({
  logLevel: "silent",
  ...(region ? { region } : {}),
  ...(twilsock ? { Twilsock: { uri: twilsock } } : {}),
});

/** Settles when the client is ready, or with why it cannot be. */
function initialized(client: Client): Promise<Failure | undefined> {
  return new Promise((resolve) => {
    client.once("initialized", () => resolve(undefined));
    client.once("initFailed", ({ error }) => resolve(error ?? {}));
  });
}

/** Keeps the session alive: fresh tokens before the old ones expire, and a way back where the connection is lost for longer. */
function keep(client: Client, identity: string, first: TokenAnswer, events: SessionEvents): Session {
  let looking: ReturnType<typeof setInterval> | undefined;

  async function renew(): Promise<void> {
    try {
      const next = await newToken(identity);
      // The local Twilio was started anew elsewhere: the page's policy lets it connect to the old place only.
      if (next.twilsock !== first.twilsock) return location.reload();
      await client.updateToken(next.token);
    } catch (error) {
      if (client.connectionState !== "connected") events.trouble(error instanceof Error ? error.message : gone);
    }
  }

  function onState(state: ConnectionState): void {
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
    if (failure.terminal && failure.errorCode !== EXPIRED) events.trouble(refusal(failure));
  });
  onState(client.connectionState);
  return { client, identity };
}

const EXPIRED = 20104;

/** What Twilio has against a token, and what to do. */
function refusal({ httpStatusCode, errorCode, message }: Failure): string {
  const cure =
    errorCode === EXPIRED
      ? "It has expired. Is the clock of this machine right?"
      : "Is its API key of this account and region, and not revoked? Is the service of this account?";
  const code = [httpStatusCode && `HTTP ${httpStatusCode}`, errorCode && `error ${errorCode}`].filter(Boolean).join(", ");
  return `Twilio refuses the token${code ? ` (${code})` : ""}: ${message ?? "no reason given"}. ${cure}`;
}
