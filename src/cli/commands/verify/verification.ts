import { operation } from "../../../core/process/operation";
import type { Connection } from "../../../core/twilio/connection";
import { openTwilio } from "../../../core/twilio/transport";
import type { Twilio } from "../../../core/twilio/twilio";
import { type Check, check, Fault } from "./check";
import { roundTrip, STEP_MS } from "./round-trip";
import { tokenWorks } from "./token";
import { webhooksRespond } from "./webhooks";

/** What to verify. */
export interface Subject {
  readonly connection: Connection;
  /** The service, `IS…`. */
  readonly serviceSid: string;
  /** Conversations of the service, `CH…`, that must be open and whose webhooks must respond. */
  readonly conversationSids: readonly string[];
  /** Aborts the verification, which still removes what it created. */
  readonly cancelled: AbortSignal;
}

export type { Check } from "./check";

/** The result of a verification. Contains no secret. */
export interface Verification {
  /** Whether every check ran and succeeded. */
  readonly ok: boolean;
  readonly accountSid: string;
  readonly serviceSid: string;
  readonly conversationSids: readonly string[];
  /** How long it took, in milliseconds. */
  readonly ms: number;
  readonly checks: readonly Check[];
}

/** Tests whether a chat works: a message can be sent and read, a token is valid, the conversations are open and the webhooks respond. */
export async function verify({ connection, serviceSid, conversationSids, cancelled }: Subject): Promise<Verification> {
  const limited = { ...connection, operationTimeoutMs: STEP_MS };
  const twilio = openTwilio(limited, { cancelled });
  const isPublic = connection.backend === "twilio" && connection.baseUrl === undefined;
  const began = performance.now();
  const pending = [
    check("message", () => roundTrip({ twilio, cleanup: openTwilio(limited), serviceSid })),
    check("token", () => operation(() => tokenWorks(limited, serviceSid))),
    ...(conversationSids.length > 0
      ? [check("conversations", () => operation(() => conversationsOpen(twilio, serviceSid, conversationSids)))]
      : []),
    check("webhooks", () => operation(() => webhooksRespond({ twilio, serviceSid, conversationSids, isPublic }))),
  ];
  const checks = await Promise.all(pending);
  const ms = Math.round(performance.now() - began);
  return { ok: checks.every(({ ok }) => ok), accountSid: connection.accountSid, serviceSid, conversationSids, ms, checks };
}

async function conversationsOpen(twilio: Twilio, serviceSid: string, sids: readonly string[]): Promise<string> {
  const seen = sids.map(async (sid) => {
    const path = `/v1/Services/${serviceSid}/Conversations/${sid}`;
    const found = await twilio.send({ attempt: `Cannot read ${sid}`, product: "conversations", method: "get", path });
    if (!found) throw new Fault(`there is no ${sid} in ${serviceSid}`, "run `pulumi refresh` to update the state, then `pulumi up`.");
    if (found.state === "closed") throw new Fault(`${sid} is closed, so nobody can write to it`, "declare a new conversation.");
    return `${sid} is ${found.state}`;
  });
  return (await Promise.all(seen)).join(", ");
}
