import { setTimeout as wait } from "node:timers/promises";
import { resourceName } from "../lifecycle/check";
import type { RunRegistry } from "../lifecycle/identity";
import type { ResourceState } from "../lifecycle/objects";
import { declaredParents } from "../lifecycle/parents";
import { type Props, parentIdOf } from "../lifecycle/props";
import type { Run } from "../lifecycle/run";
import { secretSignature } from "../lifecycle/secrets";
import { itemUrn, setOfUrn } from "../process/item-urn";
import { declaresItem, type KindOfProgram, nameOf, setsWanting } from "./declared";
import { type Former, Formers } from "./formers";
import type { ItemLifecycle } from "./item-lifecycle";
import type { SetDefinition } from "./set-definition";
import { unpacked } from "./set-state";

/** An item that takes an object over. */
interface Claim {
  /** The URN of the item. */
  readonly by: string;
  /** Resolves once the item's set has the object; absent before the update begins. */
  settled?: Promise<unknown>;
}

/** What a set that takes an object over knows of its new item. */
interface Taker {
  /** The URN of the set. */
  readonly urn: string;
  readonly key: string;
  readonly news: Props;
  readonly accountSid: string;
}

/** For so long a set waits for the update that takes an object over to begin. */
const patienceMs = 20_000;
/** For so long it waits until the engine compares that set, which may depend on this one and be compared only after it. */
const plannedWithinMs = 3_000;

/** The objects of one kind whose key moved to another set, or from a resource of the same name into a set. */
export class Handovers {
  private readonly offers = new Map<string, Former>();
  private readonly claims = new Map<string, Claim>();
  /** What this run knows of sets by their names: the objects that they have by key, and whether they have claimed all that they want. */
  private readonly plans = new Map<string, { readonly states: ReadonlyMap<string, ResourceState>; readonly isFinal: boolean }>();
  private inBackend: Formers | undefined;
  /** The offers by what they are looked for; absent where there are others since. */
  private offered: Formers | undefined;

  /** `items`: what the run knows of the objects; `sets`: what it knows of the sets; `kind`: what the program says of both. */
  constructor(
    private readonly definition: SetDefinition,
    private readonly cycle: ItemLifecycle,
    private readonly known: { readonly items: RunRegistry; readonly sets: RunRegistry; readonly kind: () => KindOfProgram },
    private readonly open: () => Promise<Run>,
  ) {}

  /** A set no longer declares an item. */
  offer(former: Former): void {
    this.offers.set(former.id, former);
    this.offered = undefined;
  }

  /** Waits until the engine has checked what the program declares, and reads what the state has. */
  async prepare(urn: string): Promise<void> {
    const { account, resourcesOfStack } = await this.open();
    await account.allChecked();
    const { type, item } = this.definition;
    if (this.inBackend) return;
    const formers = (resourcesOfStack?.(urn) ?? []).flatMap((one): Former[] => {
      const { urn: owner, id } = one;
      if (one.type === `pulumi-nodejs:${item.type}`) return [{ key: nameOf(owner), id, outputs: withoutSecrets(one.outputs), owner }];
      if (one.type !== `pulumi-nodejs:${type}`) return [];
      return [...unpacked(item, withoutSecrets(one.outputs))].map(([key, state]) => ({ key, ...state, owner }));
    });
    this.inBackend = new Formers(item, formers);
  }

  /** A set has claimed what it takes over. `isUpdate`: the engine has compared every set before. */
  recordPlan(urn: string, states: ReadonlyMap<string, ResourceState>, isUpdate: boolean): void {
    this.plans.set(nameOf(urn), { states, isFinal: isUpdate || this.inBackend?.isEmpty === false });
  }

  /** The object that had a new item's place, or its key, under the same parent; claims it for this item. After {@link prepare}. */
  claim(taker: Taker, by: "place" | "key"): Former | undefined {
    const { urn, key, news } = taker;
    if (news.adopt !== undefined) return undefined;
    const own = itemUrn(urn, key);
    this.offered ??= new Formers(this.definition.item, [...this.offers.values()]);
    const looked = (formers: Formers | undefined) => (by === "key" ? formers?.withKey(key) : formers?.inPlaceOf(news)) ?? [];
    const given = [...looked(this.offered), ...looked(this.inBackend).filter((one) => !this.isDeclared(one))];
    const found = given.find((one) => {
      const isSame = by === "key" || this.cycle.isInPlaceOf(news, one.outputs);
      return isSame && this.isFree(one.id, own) && this.isWithin(one, taker) && this.cycle.canBecome(one.outputs, news);
    });
    if (found && !this.claims.has(found.id)) this.claims.set(found.id, { by: own });
    return found;
  }

  private isFree(id: string, own: string): boolean {
    return !this.known.items.isRetained(id) && [undefined, own].includes(this.claims.get(id)?.by);
  }

  /** Whether an object is in the account and under the parent that an item declares. */
  private isWithin({ id, outputs }: Former, { news, accountSid }: Taker): boolean {
    const parents = declaredParents(this.definition.item, news).join("/");
    const isUnderParent = parents === "" ? declaredParents(this.definition.item, outputs).length === 0 : parentIdOf(id) === parents;
    return isUnderParent && outputs.accountSid === accountSid;
  }

  /** Whether the program still declares what has an object in the state. */
  private isDeclared(former: Former): boolean {
    const { items, sets, kind } = this.known;
    const { owner, key, id } = former;
    if (this.offers.has(id)) return false;
    if (!this.isOfSet(former)) return items.isDeclared(owner) || (kind().resources ?? []).includes(nameOf(owner));
    return declaresItem(kind(), owner, key) ?? sets.isDeclared(owner);
  }

  /** Runs the update that takes an object over. */
  taking<T>(id: string, task: () => Promise<T>): Promise<T> {
    const result = task();
    const claim = this.claims.get(id);
    if (claim) claim.settled = result.catch(() => {});
    return result;
  }

  /** The URN of the set that takes over an object which this set no longer declares. After {@link prepare}. */
  takerOf(former: Former): string | undefined {
    const claim = this.claims.get(former.id);
    if (claim) return setOfUrn(claim.by)?.setUrn;
    const { owner } = former;
    const name = setsWanting(this.definition.item, this.known.kind(), former, owner).find((one) => this.mayTake(one, former));
    return name && owner.slice(0, owner.lastIndexOf("::") + 2) + name;
  }

  /** Whether a set that declares an object's key or place may take it: not where it has chosen already, or has another object there. */
  private mayTake(name: string, { key, id }: Former): boolean {
    const plan = this.plans.get(name);
    const isOwn = (one: Former) => nameOf(one.owner) === name && this.isOfSet(one);
    const own = plan?.states.get(key) ?? this.inBackend?.withKey(key).find(isOwn);
    return own ? own.id === id : !plan?.isFinal;
  }

  private isOfSet({ owner }: Former): boolean {
    return owner.split("::")[2]?.endsWith(`:${this.definition.type}`) ?? false;
  }

  /** Whether the taker of an object has it now; `"undecided"` where the run does not show that yet. */
  async isTaken(id: string, taker: string): Promise<boolean | "undecided"> {
    // An earlier run gave it, and this set could not know that.
    if (this.inBackend?.withId(id).some((one) => nameOf(one.owner) === nameOf(taker) && this.isOfSet(one))) return true;
    for (const begun = Date.now(); Date.now() < begun + patienceMs; await wait(50)) {
      if (this.known.items.isRetained(id)) return true;
      const claim = this.claims.get(id);
      if (claim?.settled) await claim.settled;
      else if (!claim && this.plans.get(nameOf(taker))?.isFinal) return false;
      else if (!claim && Date.now() > begun + plannedWithinMs) return "undecided";
    }
    return "undecided";
  }
}

/** A resource or a set in words. */
export function describeOwner(urn: string): string {
  const [, , type = "", name] = (setOfUrn(urn)?.setUrn ?? urn).split("::");
  return `${resourceName({ type })} "${name}"`;
}

/** The values that the state holds in plain; the others are set again. */
function withoutSecrets(value: Props): Props {
  const isSecret = (entry: unknown) => typeof entry === "object" && entry !== null && secretSignature in entry;
  return JSON.parse(JSON.stringify(value, (_key, entry) => (isSecret(entry) ? undefined : entry)));
}
