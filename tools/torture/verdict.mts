import type { Live } from "./inventory.mts";
import { type Item, type Kind, type Plan, urlOf } from "./plan.mts";
import type { Purchases } from "./purchases.mts";

/** A resource as the engine's state names it. */
export interface Known {
  readonly name: string;
  readonly kind: Kind;
  readonly id: string;
}

/** What is compared when all is over. */
export interface Findings {
  readonly plan: Plan;
  /** The engine's state. */
  readonly state: readonly Known[];
  /** Twilio's account. */
  readonly live: readonly Live[];
  /** Numbers that the plan does not declare any more and that stay in the account nevertheless. */
  readonly kept: readonly Pick<Known, "name" | "id">[];
  readonly wanted: Purchases;
  readonly purchases: Purchases;
  /** What the last `up`, which has nothing to do, did. */
  readonly last: { readonly ok: boolean; readonly changes: readonly string[]; readonly writes: number };
}

/** What is wrong; empty when exactly one of everything exists and nothing else, and no number was bought or released beyond the program. */
export function judge({ plan, state, live, kept, wanted, purchases, last }: Findings): string[] {
  const wrong: string[] = [];
  const liveById = new Map(live.map((object) => [object.id, object]));
  const idOf = (name: string) => state.find((known) => known.name === name)?.id;

  for (const [name, item] of Object.entries(plan)) {
    const known = state.filter((one) => one.name === name);
    if (known.length !== 1) wrong.push(`the state has ${known.length} of ${name}`);
    const [one] = known;
    if (!one) continue;
    const object = liveById.get(one.id);
    if (!object) wrong.push(`${name} (${one.id}) is not at Twilio`);
    else
      wrong.push(
        ...differences(
          name,
          object,
          expected(name, item, (other) => liveById.get(idOf(other) ?? "")),
        ),
      );
  }
  for (const { name, id } of state)
    if (plan[name] === undefined) wrong.push(`the state has ${name} (${id}), which the program does not declare`);

  const ofState = new Set(state.map(({ id }) => id));
  for (const { kind, id, shows } of live) {
    if (ofState.has(id) || kept.some((number) => number.id === id)) continue;
    wrong.push(`${kind} ${id} ${JSON.stringify(shows)} is nobody's`);
  }
  for (const { name, id } of kept) if (!liveById.has(id)) wrong.push(`the number of ${name} (${id}) was not kept`);

  for (const what of ["bought", "released"] as const) {
    if (purchases[what] !== wanted[what]) wrong.push(`${purchases[what]} numbers were ${what}, not ${wanted[what]}`);
  }
  if (!last.ok) wrong.push("the last up failed");
  if (last.changes.length > 0) wrong.push(`the last up changed ${last.changes.join(", ")}`);
  if (last.writes > 0) wrong.push(`the last up wrote ${last.writes} times`);
  return wrong;
}

type Shown = Pick<Live, "kind" | "shows"> & { readonly parent: string | undefined };

/** What Twilio must show for an item. */
function expected(name: string, item: Item, liveOf: (name: string) => Live | undefined): Shown {
  const attributes = { revision: item.kind === "ConversationService" ? undefined : item.revision };
  switch (item.kind) {
    case "PhoneNumber":
      return { kind: item.kind, parent: "", shows: { smsUrl: urlOf(name, item.revision) } };
    case "ConversationService":
      return { kind: item.kind, parent: "", shows: { friendlyName: item.friendlyName } };
    case "Conversation": {
      const shows = { friendlyName: `${name} ${item.revision}`, attributes };
      return { kind: item.kind, parent: liveOf(item.service)?.id, shows };
    }
    case "Participant": {
      const parent = liveOf(item.conversation)?.id;
      if ("identity" in item.who) return { kind: item.kind, parent, shows: { identity: item.who.identity, attributes } };
      const { channel, address, number } = item.who;
      const prefix = channel === "sms" ? "" : `${channel}:`;
      const proxyAddress = `${prefix}${liveOf(number)?.shows.phoneNumber}`;
      return { kind: item.kind, parent, shows: { identity: null, address: `${prefix}${address}`, proxyAddress, attributes } };
    }
  }
}

function differences(name: string, { kind, id, shows }: Live, wanted: Shown): string[] {
  const parent = id.slice(0, Math.max(0, id.lastIndexOf("/")));
  const wrong = Object.entries(wanted.shows)
    .filter(([property, value]) => JSON.stringify(shows[property]) !== JSON.stringify(value))
    .map(([property, value]) => `${property} of ${name} is ${JSON.stringify(shows[property])}, not ${JSON.stringify(value)}`);
  if (kind !== wanted.kind) wrong.push(`${name} is a ${kind}, not a ${wanted.kind}`);
  if (parent !== wanted.parent) wrong.push(`${name} is in ${parent || "the account"}, not in ${wanted.parent}`);
  return wrong;
}
