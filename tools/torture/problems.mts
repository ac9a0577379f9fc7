import type { Kind, LiveObject } from "../harness/live-objects.mts";
import { type Item, type Plan, urlOf } from "./plan.mts";
import type { Purchases } from "./purchases.mts";

/** A resource in the engine's state. */
export interface StateEntry {
  readonly name: string;
  readonly kind: Kind;
  readonly id: string;
}

/** The state after the recovery, and what it is compared with. */
export interface FinalState {
  readonly plan: Plan;
  /** The engine's state. */
  readonly state: readonly StateEntry[];
  /** The objects in the Twilio account. */
  readonly live: readonly LiveObject[];
  /** The numbers that the account keeps although the plan no longer declares them. */
  readonly retained: readonly Pick<StateEntry, "name" | "id">[];
  readonly expectedPurchases: Purchases;
  readonly purchases: Purchases;
  /** The result of the last `up`, which should change nothing. */
  readonly last: { readonly ok: boolean; readonly changes: readonly string[]; readonly writes: number };
}

/**
 * Compares the final state with the plan. Returns an empty list if exactly one object exists for each resource and no other, and no number
 * was bought or released unless the plans require it.
 */
export function findProblems({ plan, state, live, retained, expectedPurchases, purchases, last }: FinalState): string[] {
  const problems: string[] = [];
  const liveById = new Map(live.map((object) => [object.id, object]));
  const idOf = (name: string) => state.find((entry) => entry.name === name)?.id;

  for (const [name, item] of Object.entries(plan)) {
    const entries = state.filter((entry) => entry.name === name);
    if (entries.length !== 1) problems.push(`the state has ${entries.length} entries for ${name}`);
    const [entry] = entries;
    if (!entry) continue;
    const object = liveById.get(entry.id);
    if (!object) problems.push(`${name} (${entry.id}) does not exist at Twilio`);
    else
      problems.push(
        ...differences(
          name,
          object,
          expectedObject(name, item, (other) => liveById.get(idOf(other) ?? "")),
        ),
      );
  }
  for (const { name, id } of state)
    if (plan[name] === undefined) problems.push(`the state has ${name} (${id}), which the program does not declare`);

  const idsInState = new Set(state.map(({ id }) => id));
  for (const { kind, id, properties } of live) {
    if (idsInState.has(id) || retained.some((number) => number.id === id)) continue;
    problems.push(`${kind} ${id} ${JSON.stringify(properties)} is not expected`);
  }
  for (const { name, id } of retained) if (!liveById.has(id)) problems.push(`the number of ${name} (${id}) was not retained`);

  for (const what of ["bought", "released"] as const) {
    const [actual, expected] = [purchases[what], expectedPurchases[what]];
    if (actual !== expected) problems.push(`${actual} numbers were ${what}, not ${expected}`);
  }
  if (!last.ok) problems.push("the last up failed");
  if (last.changes.length > 0) problems.push(`the last up changed ${last.changes.join(", ")}`);
  if (last.writes > 0) problems.push(`the last up sent ${last.writes} writes`);
  return problems;
}

type ExpectedObject = Pick<LiveObject, "kind" | "properties"> & { readonly parent: string | undefined };

/** The object that Twilio must have for an item. */
function expectedObject(name: string, item: Item, liveOf: (name: string) => LiveObject | undefined): ExpectedObject {
  const attributes = { revision: item.kind === "ConversationService" ? undefined : item.revision };
  switch (item.kind) {
    case "PhoneNumber":
      return { kind: item.kind, parent: "", properties: { smsUrl: urlOf(name, item.revision) } };
    case "ConversationService":
      return { kind: item.kind, parent: "", properties: { friendlyName: item.friendlyName } };
    case "Conversation": {
      const properties = { friendlyName: `${name} ${item.revision}`, attributes };
      return { kind: item.kind, parent: liveOf(item.service)?.id, properties };
    }
    case "Participant": {
      const parent = liveOf(item.conversation)?.id;
      if ("identity" in item.who) return { kind: item.kind, parent, properties: { identity: item.who.identity, attributes } };
      const { channel, address, number } = item.who;
      const prefix = channel === "sms" ? "" : `${channel}:`;
      const proxyAddress = `${prefix}${liveOf(number)?.properties.phoneNumber}`;
      return { kind: item.kind, parent, properties: { identity: null, address: `${prefix}${address}`, proxyAddress, attributes } };
    }
  }
}

function differences(name: string, { kind, id, properties }: LiveObject, expected: ExpectedObject): string[] {
  const parent = id.slice(0, Math.max(0, id.lastIndexOf("/")));
  const problems = Object.entries(expected.properties)
    .filter(([property, value]) => JSON.stringify(properties[property]) !== JSON.stringify(value))
    .map(([property, value]) => `${property} of ${name} is ${JSON.stringify(properties[property])}, not ${JSON.stringify(value)}`);
  if (kind !== expected.kind) problems.push(`${name} is a ${kind}, not a ${expected.kind}`);
  if (parent !== expected.parent) problems.push(`${name} is in ${parent || "the account"}, not in ${expected.parent}`);
  return problems;
}
