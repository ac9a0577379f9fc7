import { setTimeout as delay } from "node:timers/promises";
import type { Outside } from "../lab/outside.mts";
import type { Outcome } from "../lab/stack.mts";
import type { Live } from "./inventory.mts";
import { type Ending, type Lab, type LabOptions, openLab, until } from "./lab.mts";
import { everyKind, itemsOf, type Kind, type Plan } from "./plan.mts";

/** What a stack does while the fault acts, in the order of a stack's life; `remove` is an `up` of a program that declares nothing. */
export const operations = ["create", "read", "update", "remove", "create", "destroy"] as const;
export type Operation = (typeof operations)[number];

/** A trouble of Twilio's. */
export interface Fault {
  readonly name: string;
  /** The rule's action, in the words of the emulator's `/_emulator/faults`. It acts once on the request of each resource, or for so long. */
  readonly action?: Readonly<Record<string, unknown>>;
  /** The request is carried out although the answer does not tell so. */
  readonly executes?: true;
  /** Twilio's clock is so many seconds ahead. */
  readonly skewSeconds?: number;
  /** What somebody else does to each object of these kinds. */
  readonly byHand?: { readonly what: "change" | "delete"; readonly kinds: readonly Kind[] };
}

/** How long the long faults last. */
export interface Lengths {
  readonly slowMs: number;
  readonly refusedSeconds: number;
}

/** Every trouble of the matrix. */
export function faultsOf({ slowMs, refusedSeconds }: Lengths): Fault[] {
  const executes = true;
  const everything: Kind[] = ["PhoneNumber", "Conversation", "Participant"];
  const after = { drop: "after" };
  const minutes = (count: number) => ({ action: after, executes, skewSeconds: 60 * count }) as const;
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
    { name: "wrong content type", action: { body: "mislabelled" }, executes },
    { name: "HTML page with 503", action: { status: 503, body: "html" } },
    { name: "HTML page with 200", action: { body: "html" }, executes },
    { name: "clock 10 min ahead, answer lost", ...minutes(10) },
    { name: "clock 10 min behind, answer lost", ...minutes(-10) },
    { name: "changed by hand", byHand: { what: "change", kinds: everything } },
    { name: "numbers and participants deleted by hand", byHand: { what: "delete", kinds: ["PhoneNumber", "Participant"] } },
    { name: "conversations deleted by hand", byHand: { what: "delete", kinds: ["Conversation"] } },
    { name: "services deleted by hand", byHand: { what: "delete", kinds: ["ConversationService"] } },
  ];
}

/** A row of the result. */
export interface Cell extends Ending {
  readonly fault: string;
  readonly operation: string;
  /** Requests to Twilio during the troubled operation, with those of whoever meddles. */
  readonly calls: number;
  readonly callsByKind: Readonly<Record<string, number>>;
  /** How often the fault acted, by kind of resource. */
  readonly hits: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Runs cells one after the other on one stack, as long as all is well, and on a new one after something went wrong. */
export async function tortureByFaults(
  cells: readonly (readonly [Fault, Operation])[],
  options: LabOptions,
  onCell: (cell: Cell) => void,
): Promise<void> {
  let lab: Lab | undefined;
  try {
    for (const [fault, operation] of cells) {
      lab ??= await openLab(options);
      await prepare(lab, operation);
      const cell = await tortured(lab, fault, operation);
      onCell(cell);
      if (cell.wrong.length === 0) continue;
      await lab.close();
      lab = undefined;
    }
  } finally {
    await lab?.close();
  }
}

/** Brings the stack to where the operation begins. */
async function prepare({ plan, declare, stack, end }: Lab, operation: Operation): Promise<void> {
  const isUp = Object.keys(plan).length > 0;
  if (isUp === (operation !== "create")) return;
  declare(isUp ? {} : everyKind(1));
  const { wrong } = await end(await stack.up());
  if (wrong.length > 0) throw new Error(`without any trouble: ${wrong.join("\n")}`);
}

const plansAfter: Record<Operation, (plan: Plan) => Plan> = {
  create: () => everyKind(1),
  read: (plan) => plan,
  update: (plan) => everyKind(1 + (itemsOf(plan, "Conversation")[0]?.[1].revision ?? 0)),
  remove: () => ({}),
  destroy: () => ({}),
};

async function tortured(lab: Lab, fault: Fault, operation: Operation): Promise<Cell> {
  const { outside, stack } = lab;
  const begun = performance.now();
  await outside.forgetCalls();
  const rules = fault.action ? rulesOf(fault, operation, await lab.live(), outside.accountSid) : [];
  for (const rule of rules) await outside.fault(rule);
  if (fault.skewSeconds) await outside.skewClock(fault.skewSeconds);
  await outside.forgetCalls();

  const operate = () => {
    lab.declare(plansAfter[operation](lab.plan));
    if (operation === "destroy") return stack.destroy();
    return operation === "read" ? stack.refresh() : stack.up();
  };
  const outcome = fault.byHand ? await meddled(lab, fault.byHand, operation, operate) : await operate();

  // What was slow may be carried out long after its caller has given up.
  const settled = delay(Number(fault.action?.delayMs ?? 0));
  const calls = await outside.calls();
  const ending = await lab.end(outcome, { refresh: fault.byHand !== undefined, settled });
  const hits = hitsOf(rules, await outside.faultsActed());
  await outside.forgetFaults();
  if (fault.skewSeconds) await outside.skewClock(0);
  const callsByKind: Record<string, number> = {};
  for (const { host, path, count } of calls) {
    const kind = kindOf(`/${host}${path}`);
    callsByKind[kind] = (callsByKind[kind] ?? 0) + count;
  }
  return {
    ...ending,
    wrong: [...ending.wrong, ...Object.keys(hits).flatMap((kind) => (hits[kind] === 0 ? [`the fault met no ${kind}`] : []))],
    fault: fault.name,
    operation,
    calls: calls.reduce((total, { count }) => total + count, 0),
    callsByKind,
    hits,
    seconds: (performance.now() - begun) / 1000,
  };
}

function hitsOf(rules: readonly Rule[], acted: readonly number[]): Record<string, number> {
  const hits: Record<string, number> = {};
  for (const [index, { path }] of rules.entries()) hits[kindOf(path)] = (hits[kindOf(path)] ?? 0) + (acted[index] ?? 0);
  return hits;
}

interface Rule extends Record<string, unknown> {
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

/** What is asked for on the way to a create. */
const lookups = [
  "/api.twilio.com/2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/*",
  collections.PhoneNumber,
  "/pricing.twilio.com/*",
  `${services}/{ServiceSid}/Configuration`,
];

function kindOf(path: string): string {
  if (path.startsWith("/api.") || path.startsWith("/pricing.")) return "PhoneNumber";
  return path.includes("/Participants") ? "Participant" : path.includes("/Conversations") ? "Conversation" : "ConversationService";
}

/** The rules by which the fault hits each resource once in this operation. */
function rulesOf({ action, executes }: Fault, operation: Operation, live: readonly Live[], accountSid: string): Rule[] {
  const lasting = action?.forSeconds !== undefined;
  if (operation === "create") {
    const plan = everyKind(1);
    const posts = (Object.keys(collections) as Kind[]).flatMap((kind) => {
      // What was not carried out is asked for again, so that every other request is the next resource's first.
      const times = lasting ? [undefined] : itemsOf(plan, kind).map((_, index) => (executes ? index + 1 : 2 * index + 1));
      return times.map((nth) => ({ method: "POST", path: collections[kind], ...(nth && { nth }), ...action }));
    });
    return [...posts, ...lookups.map((path) => ({ method: "GET", path, ...(lasting ? {} : { nth: 1 }), ...action }))];
  }
  const method = { read: "GET", update: "POST", remove: "DELETE", destroy: "DELETE" }[operation];
  const hit = live.filter(
    ({ kind, shows }) =>
      // Twilio can change nothing of a service, and a number that is kept is not deleted.
      !(operation === "update" && kind === "ConversationService") && !(method === "DELETE" && String(shows.smsUrl).includes("/call-back/")),
  );
  return hit.map(({ kind, id }) => ({ method, path: pathOf(kind, id, accountSid), ...(lasting ? {} : { nth: 1 }), ...action }));
}

function pathOf(kind: Kind, id: string, accountSid: string): string {
  if (kind === "PhoneNumber") return `/api.twilio.com/2010-04-01/Accounts/${accountSid}/IncomingPhoneNumbers/${id}.json`;
  const names = ["Services", "Conversations", "Participants"];
  return `/conversations.twilio.com/v1/${id
    .split("/")
    .map((sid, index) => `${names[index]}/${sid}`)
    .join("/")}`;
}

/** An operation into which somebody else meddles: with what is there, before it; with what it creates, as soon as that is there. */
async function meddled(
  { outside, live, wanted }: Lab,
  { what, kinds }: NonNullable<Fault["byHand"]>,
  operation: Operation,
  operate: () => Promise<Outcome>,
): Promise<Outcome> {
  const struck = new Set<string>();
  const lost: string[] = [];
  const strike = async () => {
    for (const object of await live()) {
      if (struck.has(object.id) || !kinds.includes(object.kind)) continue;
      struck.add(object.id);
      await (what === "change" ? changeByHand : deleteByHand)(outside, object);
      if (what === "delete" && object.kind === "PhoneNumber") lost.push(String(object.shows.smsUrl).split("/").at(-2) as string);
    }
    // Each look is a dozen requests.
    await delay(50);
    return false;
  };
  if (operation !== "create") {
    await strike();
    for (const name of lost) wanted.lose(name);
    return operate();
  }
  const operating = operate();
  await until(strike, operating);
  const outcome = await operating;
  await strike();
  wanted.settle(everyKind(1));
  for (const [index, name] of lost.entries()) {
    if (lost.indexOf(name) === index) wanted.lose(name);
    else wanted.loseAgain();
  }
  return outcome;
}

async function changeByHand({ client }: Outside, { kind, id }: Live): Promise<void> {
  const [service = "", conversation = "", participant = ""] = id.split("/");
  const { conversations } = client.conversations.v1.services(service);
  const attributes = JSON.stringify({ revision: "theirs" });
  if (kind === "PhoneNumber") await client.incomingPhoneNumbers(id).update({ smsUrl: "https://theirs.example.com" });
  if (kind === "Conversation") await conversations(conversation).update({ friendlyName: "theirs", attributes });
  if (kind === "Participant") await conversations(conversation).participants(participant).update({ attributes });
}

async function deleteByHand({ client }: Outside, { kind, id }: Live): Promise<void> {
  const [service = "", conversation = "", participant = ""] = id.split("/");
  const one = client.conversations.v1.services(service);
  if (kind === "PhoneNumber") await client.incomingPhoneNumbers(id).remove();
  if (kind === "ConversationService") await one.remove();
  if (kind === "Conversation") await one.conversations(conversation).remove();
  if (kind === "Participant") await one.conversations(conversation).participants(participant).remove();
}
