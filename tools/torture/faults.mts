import type { Kind, LiveObject } from "../harness/live-objects.mts";
import { fullPlan, itemsOf } from "./plan.mts";

/** What a stack does during the fault, in the order of a stack's lifecycle. `remove` is an `up` of an empty program. */
export const operations = ["create", "read", "update", "remove", "create", "destroy"] as const;
export type Operation = (typeof operations)[number];

/** A fault of Twilio or of the network, or a manual change. */
export interface Fault {
  readonly name: string;
  /** The action of a rule for `/_emulator/faults`. It applies once to the request of each resource, or for a period. */
  readonly action?: Readonly<Record<string, unknown>>;
  /** Twilio carries out the request although the response does not say so. */
  readonly executes?: true;
  /** How far Twilio's clock is ahead. */
  readonly skewSeconds?: number;
  /** A change outside of Pulumi to each object of these types. */
  readonly manual?: ManualChange;
}

/** A change outside of Pulumi. */
export interface ManualChange {
  readonly what: "change" | "delete";
  readonly kinds: readonly Kind[];
}

/** The duration of the long faults. */
export interface FaultDurations {
  readonly slowMs: number;
  readonly refusedSeconds: number;
}

/** Every fault of the matrix. */
export function allFaults({ slowMs, refusedSeconds }: FaultDurations): Fault[] {
  const executes = true;
  const changeable: Kind[] = ["PhoneNumber", "Conversation", "Participant"];
  const after = { drop: "after" };
  const clockAhead = (minutes: number) => ({ action: after, executes, skewSeconds: 60 * minutes }) as const;
  return [
    { name: "429 once", action: { status: 429, retryAfter: 1 } },
    { name: `429 for ${refusedSeconds} s`, action: { status: 429, forSeconds: refusedSeconds } },
    { name: "500", action: { status: 500 } },
    { name: "503", action: { status: 503 } },
    { name: `slow, ${slowMs / 1000} s`, action: { delayMs: slowMs } },
    { name: "dropped before executing", action: { drop: "before" } },
    { name: "reset before executing", action: { drop: "before", reset: true } },
    { name: "dropped after executing", action: after, executes },
    { name: "reset after executing", action: { ...after, reset: true }, executes },
    { name: "truncated body", action: { body: "truncated" }, executes },
    { name: "wrong content type", action: { body: "mislabeled" }, executes },
    { name: "HTML page with 503", action: { status: 503, body: "html" } },
    { name: "HTML page with 200", action: { body: "html" }, executes },
    { name: "clock 10 min ahead, response lost", ...clockAhead(10) },
    { name: "clock 10 min behind, response lost", ...clockAhead(-10) },
    { name: "changed manually", manual: { what: "change", kinds: changeable } },
    { name: "numbers and participants deleted manually", manual: { what: "delete", kinds: ["PhoneNumber", "Participant"] } },
    { name: "conversations deleted manually", manual: { what: "delete", kinds: ["Conversation"] } },
    { name: "services deleted manually", manual: { what: "delete", kinds: ["ConversationService"] } },
  ];
}

/** A rule for `/_emulator/faults`. */
export interface FaultRule extends Record<string, unknown> {
  readonly method: string;
  readonly path: string;
}

const services = "/conversations.twilio.com/v1/Services";
const collections: Record<Kind, string> = {
  PhoneNumber: "/api.twilio.com/2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json",
  ConversationService: services,
  Conversation: `${services}/{ServiceSid}/Conversations`,
  Participant: `${services}/{ServiceSid}/Conversations/{ConversationSid}/Participants`,
};

/** The reads that precede or complete a create. */
const lookups = [
  "/api.twilio.com/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/*",
  collections.PhoneNumber,
  "/pricing.twilio.com/*",
  `${services}/{ServiceSid}/Configuration`,
];

/** The rules with which the fault applies once to each resource in this operation. */
export function rulesOf({ action, executes }: Fault, operation: Operation, live: readonly LiveObject[], accountSid: string): FaultRule[] {
  const isLasting = action?.forSeconds !== undefined;
  if (operation === "create") {
    const plan = fullPlan(1);
    const posts = (Object.keys(collections) as Kind[]).flatMap((kind) => {
      // A request that was not carried out is sent again, so every second request is the first one of a resource.
      const times = isLasting ? [undefined] : itemsOf(plan, kind).map((_, index) => (executes ? index + 1 : 2 * index + 1));
      return times.map((nth) => ({ method: "POST", path: collections[kind], ...(nth && { nth }), ...action }));
    });
    return [...posts, ...lookups.map((path) => ({ method: "GET", path, ...(isLasting ? {} : { nth: 1 }), ...action }))];
  }
  const method = { read: "GET", update: "POST", remove: "DELETE", destroy: "DELETE" }[operation];
  const affected = live.filter(
    ({ kind, properties }) =>
      // A service has no property that can change, and a retained number is not deleted.
      !(operation === "update" && kind === "ConversationService") &&
      !(method === "DELETE" && String(properties.smsUrl).includes("/call-back/")),
  );
  return affected.map(({ kind, id }) => ({ method, path: pathOf(kind, id, accountSid), ...(isLasting ? {} : { nth: 1 }), ...action }));
}

function pathOf(kind: Kind, id: string, accountSid: string): string {
  if (kind === "PhoneNumber") return `/api.twilio.com/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers/${id}.json`;
  const names = ["Services", "Conversations", "Participants"];
  return `/conversations.twilio.com/v1/${id
    .split("/")
    .map((sid, index) => `${names[index]}/${sid}`)
    .join("/")}`;
}

/** The resource type that a path belongs to. */
export function kindOf(path: string): Kind {
  if (path.startsWith("/api.") || path.startsWith("/pricing.")) return "PhoneNumber";
  return path.includes("/Participants") ? "Participant" : path.includes("/Conversations") ? "Conversation" : "ConversationService";
}
