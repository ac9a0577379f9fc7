import { Client, type ClientOptions, type ConnectionState } from "@twilio/conversations";
import type { TokenResponse } from "../api";
import { createToken } from "./api-client";

/** The callbacks of a session. */
export interface SessionEvents {
  /** The state of the connection has changed. */
  connection(state: ConnectionState): void;
  /** There is a problem to show, or `undefined` if it is over. */
  problem(message: string | undefined): void;
}

/** A user who is signed in. */
export interface Session {
  readonly client: Client;
  readonly identity: string;
}

/** The interval at which the page checks whether Twilio is back, and at which address. */
const RETRY_MS = 2000;

/** Twilio's error code for an expired token. */
const EXPIRED = 20104;

const UNREACHABLE = "Twilio does not respond. This page reconnects by itself.";

/** The error of a connection that failed. The SDK's types omit Twilio's response. */
interface ConnectionError {
  readonly message?: string;
  readonly httpStatusCode?: number;
  readonly errorCode?: number;
}

/** Signs in. Retries while Twilio does not respond, and rejects if Twilio refuses. */
export async function signIn(identity: string, events: SessionEvents): Promise<Session> {
  for (;;) {
    const token = await createToken(identity);
    const client = new Client(token.token, clientOptions(token));
    const signedIn = staySignedIn(client, identity, token, events);
    const error = await initialized(client);
    if (error === undefined) {
      signedIn.start();
      return { client, identity };
    }
    signedIn.stop();
    if (isRefusal(error)) throw new Error(describeRefusal(error));
    events.connection("connecting");
    events.problem(UNREACHABLE);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

const clientOptions = ({ twilsock, region }: TokenResponse): ClientOptions => ({
  logLevel: "silent",
  ...(region ? { region } : {}),
  ...(twilsock ? { Twilsock: { uri: twilsock } } : {}),
});

/** Resolves when the client is initialized, or with the error that prevents it. */
function initialized(client: Client): Promise<ConnectionError | undefined> {
  return new Promise((resolve) => {
    client.once("initialized", () => resolve(undefined));
    client.once("connectionError", resolve);
    client.once("initFailed", ({ error }) => {
      // At once: later, the SDK would first wait until it is initialized.
      void client.shutdown();
      // If Twilio refused, the connection error follows. It has more details than this one.
      setTimeout(() => resolve(error ?? {}));
    });
  });
}

interface SignedIn {
  /** Call it when the client is initialized. */
  start(): void;
  /** Call it when the client cannot be initialized. */
  stop(): void;
}

/** Keeps a client signed in: renews its token before it expires, and looks for Twilio when the connection is lost. */
function staySignedIn(client: Client, identity: string, first: TokenResponse, events: SessionEvents): SignedIn {
  let retrying: ReturnType<typeof setInterval> | undefined;
  let isStarted = false;
  let isStopped = false;

  async function renewToken(): Promise<void> {
    try {
      const next = await createToken(identity);
      if (isStopped) return;
      // The emulator has a new address. The page's content security policy allows the old one only.
      if (next.twilsock !== first.twilsock) return location.reload();
      await client.updateToken(next.token);
    } catch (error) {
      // While the old token is valid, this is not a problem yet.
      if (!isStopped && client.connectionState !== "connected") events.problem(error instanceof Error ? error.message : UNREACHABLE);
    }
  }

  function onState(state: ConnectionState): void {
    if (!isStarted) return;
    events.connection(state);
    clearInterval(retrying);
    retrying = undefined;
    if (state === "connected") events.problem(undefined);
    else retrying = setInterval(renewToken, RETRY_MS);
  }

  client.on("connectionStateChanged", onState);
  client.on("tokenAboutToExpire", renewToken);
  client.on("tokenExpired", renewToken);
  client.on("connectionError", (error: ConnectionError) => {
    if (isStarted && isRefusal(error)) events.problem(describeRefusal(error));
  });
  return {
    start() {
      isStarted = true;
      onState(client.connectionState);
    },
    stop() {
      isStopped = true;
    },
  };
}

/** Whether Twilio refused the connection. Otherwise, Twilio did not respond. */
const isRefusal = ({ httpStatusCode, errorCode }: ConnectionError): boolean =>
  errorCode !== undefined || httpStatusCode === 401 || httpStatusCode === 403;

/** Why Twilio refuses a token, and what to check. */
function describeRefusal({ httpStatusCode, errorCode, message }: ConnectionError): string {
  const remedy =
    errorCode === EXPIRED
      ? "The token has expired: check the clock of this machine."
      : "Check that the API key belongs to this account and region and is not revoked, and that the service belongs to this account.";
  const code = [httpStatusCode && `HTTP ${httpStatusCode}`, errorCode && `error ${errorCode}`].filter(Boolean).join(", ");
  return `Twilio refuses the token${code ? ` (${code})` : ""}: ${message?.replace(/^Connection error: /, "") ?? "no reason given"}. ${remedy}`;
}
