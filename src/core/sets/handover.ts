import { setTimeout as wait } from "node:timers/promises";
import { resourceName } from "../lifecycle/check";
import type { RunRegistry } from "../lifecycle/identity";
import { declaredParents } from "../lifecycle/parents";
import { type Props, parentIdOf } from "../lifecycle/props";
import type { Run } from "../lifecycle/run";
import type { ItemLifecycle } from "./item-lifecycle";
import { type SetDefinition, setOfUrn } from "./set-definition";
import { unpacked } from "./set-state";

/** An object that this stack has, and that the program no longer declares where it was. */
export interface Former {
  readonly key: string;
  readonly id: string;
  readonly outputs: Props;
  /** The URN of what has it in the state: a set, or a resource of the same kind whose name is the key. */
  readonly owner: string;
}

/** An item that takes an object over. */
interface Claim {
  /** The URN of the item's set. */
  readonly by: string;
  /** Resolves once the item has the object or cannot get it; absent before the update begins. */
  settled?: Promise<boolean>;
}

/** For so long a set waits for another one to take an object over before it keeps the object for the next run. */
const patienceMs = 60_000;

/** The objects of one kind whose key moved to another set, or from a resource of the same name into a set. */
export class Handovers {
  private readonly offers = new Map<string, Former>();
  private readonly claims = new Map<string, Claim>();
  private formers: Promise<Former[]> | undefined;

  /** `items`: what the run knows of the objects; `sets`: what it knows of the sets. */
  constructor(
    private readonly definition: SetDefinition,
    private readonly cycle: ItemLifecycle,
    private readonly items: RunRegistry,
    private readonly sets: RunRegistry,
    private readonly open: () => Promise<Run>,
  ) {}

  /** A set no longer declares an item. */
  offer(former: Former): void {
    this.offers.set(former.id, former);
  }

  /** Waits until the engine has checked what the program declares, and reads what the state has besides. */
  async prepare(urn: string): Promise<void> {
    const { account } = await this.open();
    await account.allChecked();
    this.formers ??= this.formersInBackend(urn);
    await this.formers;
  }

  /**
   * The object that had a new item's key, or its place, under the same parent; claims it for this item. After {@link prepare}.
   */
  async claim(urn: string, key: string, news: Props): Promise<Former | undefined> {
    if (news.adopt !== undefined) return undefined;
    const parents = declaredParents(this.definition.item, news).join("/");
    const isThere = ({ id, outputs }: Former) =>
      parents === "" ? declaredParents(this.definition.item, outputs).length === 0 : parentIdOf(id) === parents;
    const isFree = ({ id }: Former) => !this.items.isRetained(id) && [undefined, urn].includes(this.claims.get(id)?.by);
    const isSame = (one: Former) => one.key === key || this.cycle.isInPlaceOf(news, one.outputs);
    const known = [...this.offers.values(), ...((await this.formers) ?? [])];
    const found = known.find((one) => isSame(one) && isThere(one) && isFree(one) && this.cycle.canBecome(one.outputs, news));
    if (found && !this.claims.has(found.id)) this.claims.set(found.id, { by: urn });
    return found;
  }

  /** Runs the update that takes an object over. */
  async taking<T>(id: string, task: () => Promise<T>): Promise<T> {
    const result = task();
    const claim = this.claims.get(id);
    if (claim)
      claim.settled = result.then(
        () => true,
        () => false,
      );
    return result;
  }

  /** The URN of the set that takes over an object which this set no longer declares. After {@link prepare}. */
  takerOf(id: string): string | undefined {
    return this.claims.get(id)?.by;
  }

  /** Whether the taker of an object has it now. `wait`: another set may still be at it. */
  async isTaken(id: string, { wait: mayWait }: { readonly wait: boolean }): Promise<boolean> {
    const until = Date.now() + (mayWait ? patienceMs : 0);
    while (this.claims.get(id)?.settled === undefined && Date.now() < until) await wait(50);
    return (await this.claims.get(id)?.settled) ?? false;
  }

  /** What the state on this machine's disk says of resources that the program does not declare any more. */
  private async formersInBackend(urn: string): Promise<Former[]> {
    const { resourcesOfStack } = await this.open();
    const { type, item } = this.definition;
    return (resourcesOfStack?.(urn) ?? []).flatMap((one): Former[] => {
      const owner = one.urn;
      if (one.type === `pulumi-nodejs:${item.type}` && !this.items.isDeclared(owner))
        return [{ key: owner.slice(owner.lastIndexOf("::") + 2), id: one.id, outputs: withoutSecrets(one.outputs), owner }];
      if (one.type !== `pulumi-nodejs:${type}` || this.sets.isDeclared(owner)) return [];
      return [...unpacked(item, withoutSecrets(one.outputs))].map(([key, { id, outputs }]) => ({ key, id, outputs, owner }));
    });
  }
}

/** A resource or a set in words. */
export function describeOwner(urn: string): string {
  const [, , type = "", name] = (setOfUrn(urn)?.setUrn ?? urn).split("::");
  return `${resourceName({ type })} "${name}"`;
}

/** The key under which the engine's state marks a value as secret; the value itself is encrypted. */
const signature = "4dabf18193072939515e22adb298388d";

/** The values that the state holds in plain; the others are set again. */
function withoutSecrets(value: Props): Props {
  const isSecret = (entry: unknown) => typeof entry === "object" && entry !== null && signature in entry;
  return JSON.parse(JSON.stringify(value, (_key, entry) => (isSecret(entry) ? undefined : entry)));
}
