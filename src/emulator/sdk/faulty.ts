/** Fault rules for the requests of the SDK, and the history of those requests. */
import { setTimeout as sleep } from "node:timers/promises";
import type { EmulatorContext } from "../context";
import { type Faults, faultReply } from "../control/faults";
import type { Reply } from "../http/router";
import type { TunneledRequest } from "./request";

/** Twilio's host for the SDK's requests. */
export const HOST = "aim.us1.twilio.com";

/** The path of the websocket. Fault rules match it like other paths. */
const SOCKET_PATHS = ["/v3/wsconnect", "/tsock.us1.twilio.com/v3/wsconnect"];

/** What a request or a connection ends with: without a reply, the connection is closed. */
interface Outcome {
  reply?: Reply;
  isFault: boolean;
}

/** Executes a request unless a fault rule acts on it. */
export function withFaults(
  faults: Faults,
  { method, path }: TunneledRequest,
  template: string | undefined,
  work: () => Promise<Reply>,
): Promise<Outcome> {
  return actOn(faults, method, [path, `/${HOST}${path}`, template ?? path], work);
}

/** Accepts a connection unless a fault rule acts on it. Returns the status of a refusal, or undefined if the connection must be closed. */
export async function admission(faults: Faults): Promise<number | undefined> {
  const { reply } = await actOn(faults, "GET", SOCKET_PATHS, async () => ({ status: 101 }));
  return reply?.status;
}

async function actOn(faults: Faults, method: string, paths: readonly string[], work: () => Promise<Reply>): Promise<Outcome> {
  // A socket's message has no content type and no length that could be wrong.
  const fault = faults.take(method, paths, ({ body }) => body === undefined);
  if (fault?.delayMs) await sleep(fault.delayMs, undefined, { ref: false });
  const isFault = fault?.status !== undefined || fault?.drop !== undefined;
  if (fault?.drop === "before") return { isFault };
  const reply = fault?.status === undefined ? await work() : faultReply(fault, fault.status);
  return fault?.drop === "after" ? { isFault } : { reply, isFault };
}

/** A request and what came of it. */
interface Executed extends Outcome {
  sid: string;
  accountSid: string;
  started: number;
}

/** Adds the request to the history that the console shows. Skips successful reads because there are too many. */
export function addToHistory({ domain, history }: EmulatorContext, { method, path }: TunneledRequest, executed: Executed): void {
  const { sid, accountSid, started, reply, isFault } = executed;
  if (method === "GET" && reply !== undefined && reply.status < 400) return;
  const entry = { sid, method, host: HOST, path, status: reply?.status ?? null, body: reply?.body, started, isFault };
  history.addRequest(entry, accountSid, () => domain.now());
}
