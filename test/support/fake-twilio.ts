/** A fake Twilio for tests of the lifecycle: no HTTP, no engine. */

import { vi } from "vitest";
import type { Definition } from "../../src/core/lifecycle/definition";
import { withIdentity } from "../../src/core/lifecycle/identity";
import { ResourceLifecycle } from "../../src/core/lifecycle/lifecycle";
import { missingObjects } from "../../src/core/lifecycle/missing";
import type { Lifecycle } from "../../src/core/lifecycle/operations";
import type { Props } from "../../src/core/lifecycle/props";
import type { Run } from "../../src/core/lifecycle/run";
import { stackAccount } from "../../src/core/lifecycle/stack-account";
import { withMachineLock } from "../../src/core/process/machine-lock";
import type { Body, Request } from "../../src/core/twilio/twilio";
import { noteStoreOf } from "./note-store";

export const account = `AC${"1".repeat(32)}`;
export const service = `IS${"3".repeat(32)}`;
export const conversationId = `${service}/CH${"4".repeat(32)}`;
export const participantId = `${conversationId}/MB${"5".repeat(32)}`;

const lists = ["Messages", "Conversations", "Roles", "Users"];

/** What every response to a request contains: the SIDs in the request's path, and the empty list that the path names. */
function contentOf({ path }: Request): Body {
  const segments = path.replace(".json", "").split("/");
  const last = segments.at(-1) as string;
  if (lists.includes(last)) return { [last.toLowerCase()]: [] };
  if (path === "/v1/Configuration") return { account_sid: account, default_chat_service_sid: null };
  if (segments.includes("Configuration")) return { chat_service_sid: segments[segments.indexOf("Services") + 1] };
  return /^[A-Z]{2}\w{32}$/.test(last) ? { sid: last, account_sid: account } : {};
}

/** A lifecycle whose requests go to `answer`, which overrides the content that every response has. Records the requests and the log. */
export function fake(answer: (request: Request) => Body | undefined | Promise<Body | undefined> = () => ({ account_sid: account })) {
  const asked: string[] = [];
  const log: string[] = [];
  const context: Run = {
    twilio: {
      accountSid: account,
      async send(request) {
        asked.push(`${request.method} ${request.path}`);
        request.beforeSend?.();
        const body = await answer(request);
        return body && (request.method === "get" ? { ...contentOf(request), ...body } : body);
      },
      async *list(request, key) {
        asked.push(`list ${request.path}`);
        yield* ((await answer({ ...request, method: "get" }))?.[key] ?? []) as Body[];
      },
      skewMs: () => 0,
      pause: async () => true,
    },
    notes: noteStoreOf(),
    account: stackAccount(account),
    recordDone: () => {},
    lock: withMachineLock,
    missing: missingObjects("the test", true),
    placeOf: () => "",
    log: (severity, message) => void log.push(`${severity}: ${message}`),
  };
  const of = (definition: Definition): Lifecycle => {
    const cycle = new ResourceLifecycle(definition, async () => context);
    const create = cycle.create.bind(cycle);
    return Object.assign(cycle, {
      // The engine checks each resource before it creates it; the identity comes from there.
      async create(inputs: Props) {
        if (inputs.__urn !== undefined) await cycle.check({}, inputs);
        return create(withIdentity(inputs));
      },
    });
  };
  return { of, asked, log, context };
}

/** Like {@link fake}, with fake time: a pause advances the clock. `cancel` ends all later pauses at once, as a canceled run does. */
export function late(answer: Parameters<typeof fake>[0], notes = noteStoreOf()) {
  vi.useFakeTimers({ toFake: ["Date"] });
  let waits = 0;
  let cancelled = false;
  const made = fake(answer);
  Object.assign(made.context, { notes });
  Object.assign(made.context.twilio, {
    pause: async (ms: number) => {
      if (cancelled) return false;
      waits += 1;
      vi.setSystemTime(Date.now() + ms);
      return true;
    },
  });
  return {
    ...made,
    clock: () => Date.now(),
    waits: () => waits,
    cancel: () => {
      cancelled = true;
    },
  };
}
