import { operation } from "../../../core/process/operation";
import type { Connection } from "../../../core/twilio/connection";
import { openTwilio } from "../../../core/twilio/transport";
import type { Twilio } from "../../../core/twilio/twilio";
import { type Check, check, Fault } from "./check";
import { roundTrip, STEP_MS } from "./round-trip";
import { tokenWorks } from "./token";
import { webhooksAnswer } from "./webhooks";

/** What is verified. */
export interface Subject {
  readonly connection: Connection;
  /** The service, `IS…`. */
  readonly serviceSid: string;
  /** Conversations of it, `CH…`, that must be there and whose webhooks must answer. */
  readonly conversationSids: readonly string[];
  /** Aborted by whoever will not wait any more. What the verification has made is removed all the same. */
  readonly cancelled: AbortSignal;
}

/** What a verification has found. Holds no secret. */
export type { Check } from "./check";

export interface Verification {
  /** Whether everything works that was tried. */
  readonly ok: boolean;
  readonly accountSid: string;
  readonly serviceSid: string;
  readonly conversationSids: readonly string[];
  /** How long it took, in milliseconds. */
  readonly ms: number;
  readonly checks: readonly Check[];
}

/** Tries whether a chat works: whether a message goes round, a token is good, the conversations are there and the webhooks answer. */
export async function verify({ connection, serviceSid, conversationSids, cancelled }: Subject): Promise<Verification> {
  const limited = { ...connection, operationTimeoutMs: STEP_MS };
  const twilio = openTwilio(limited, { cancelled });
  const isPublic = connection.backend === "twilio" && connection.baseUrl === undefined;
  const began = performance.now();
  const tried = [
    check("message", () => roundTrip({ twilio, clearing: openTwilio(limited), serviceSid })),
    check("token", () => operation(() => tokenWorks(limited, serviceSid))),
    ...(conversationSids.length > 0
      ? [check("conversations", () => operation(() => conversationsOpen(twilio, serviceSid, conversationSids)))]
      : []),
    check("webhooks", () => operation(() => webhooksAnswer({ twilio, serviceSid, conversationSids, isPublic }))),
  ];
  const checks = await Promise.all(tried);
  const ms = Math.round(performance.now() - began);
  return { ok: checks.every(({ ok }) => ok), accountSid: connection.accountSid, serviceSid, conversationSids, ms, checks };
}

async function conversationsOpen(twilio: Twilio, serviceSid: string, sids: readonly string[]): Promise<string> {
  const seen = sids.map(async (sid) => {
    const path = `/v1/Services/${serviceSid}/Conversations/${sid}`;
    const found = await twilio.send({ attempt: `Cannot read ${sid}`, product: "conversations", method: "get", path });
    if (!found) throw new Fault(`there is no ${sid} in ${serviceSid}`, "run `pulumi refresh` to see what is left, then `pulumi up`.");
    if (found.state === "closed") throw new Fault(`${sid} is closed, nobody can speak in it`, "declare a new conversation.");
    return `${sid} is ${found.state}`;
  });
  return (await Promise.all(seen)).join(", ");
}
