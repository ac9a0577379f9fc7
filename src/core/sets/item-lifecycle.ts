import { ResourceLifecycle } from "../lifecycle/lifecycle";
import type { Note } from "../lifecycle/note";
import { PartialFailure, type ResourceState } from "../lifecycle/objects";
import { deletePolicy } from "../lifecycle/parents";
import { beginNote, identifying, noteKeyOf } from "../lifecycle/pending-create";
import { get, lastSid, type Props, same } from "../lifecycle/props";
import { expectReads } from "../lifecycle/sibling-reads";
import { differences, liveValue, replacements, toOutputsOfGet } from "../lifecycle/wire";
import { operation } from "../process/operation";
import type { Body } from "../twilio/twilio";

/** An object of a collection, as a list shows it. */
export interface Listed {
  readonly state: ResourceState;
  /** What people know it by. */
  readonly title: string;
  /** The resource of this run, or of a stack in this backend, that has it. */
  readonly holder: string | undefined;
}

/** The lifecycle of one object, with what the items of a set need besides. */
export class ItemLifecycle extends ResourceLifecycle {
  /** The objects whose deletion {@link verifyDelete} has allowed. */
  private readonly deletable = new Set<string>();

  /** Throws where the object must not be deleted; the delete does not look again. */
  async verifyDelete(id: string, olds: Props): Promise<void> {
    const isKept = this.run.isRetained(id) || this.deletion.isGone(id) || deletePolicy(this.definition, olds) === "retain";
    if (isKept || this.deletable.has(id)) return;
    const context = await this.contextOf(undefined, id);
    this.verifyAccount(id, olds, context);
    if ((await operation(() => super.beforeDelete(id, olds, context))) !== "keep") this.deletable.add(id);
  }

  protected override async beforeDelete(...[id, olds, context]: Parameters<ResourceLifecycle["beforeDelete"]>) {
    return this.deletable.has(id) ? undefined : super.beforeDelete(id, olds, context);
  }

  /** Gives an object of another resource of this stack, which no longer wants it, to the item with these inputs; also where the update fails. */
  async handOver(id: string, olds: Props, news: Props): Promise<ResourceState> {
    const { notes, urn, twilio, recordDone } = await this.contextOf(this.run.urnOf(news), id);
    const key = noteKeyOf(this.definition, news, urn);
    // The engine may be killed when the former owner is in its state without the object, and the new one is not in it yet.
    if (key !== undefined) notes.write(key, { ...beginNote(key, twilio), sid: lastSid(id) } satisfies Note);
    this.run.recordCreated(id);
    try {
      return await this.update(id, olds, news);
    } catch (error) {
      throw error instanceof PartialFailure ? error : this.objects.partial({ id, outputs: olds }, news, error as Error);
    } finally {
      if (key !== undefined) recordDone(key);
    }
  }

  /** Says which objects are about to be read, so that lists answer. */
  async expectReads(ids: readonly string[]): Promise<void> {
    expectReads(this.definition, ids, await this.contextOf(undefined));
  }

  /** All objects in the collection of these inputs. */
  async list(inputs: Props): Promise<Listed[]> {
    const context = await this.contextOf(undefined);
    const found: Listed[] = [];
    await operation(async () => {
      for await (const body of this.lookup.all(inputs, context)) {
        const id = this.objects.idOf(inputs, body);
        const outputs = { ...toOutputsOfGet(this.definition, id, body, context.twilio.accountSid), ...inputs };
        found.push({ state: { id, outputs }, title: this.titleOf(body), holder: context.holderOf(id) });
      }
    });
    return found;
  }

  /** Whether an object has the place that an item of these inputs gets: Twilio does not allow a second one. */
  isInPlaceOf(inputs: Props, live: Props): boolean {
    const { list } = this.definition;
    if (!list || list.allowsDuplicates?.(inputs)) return false;
    const values = identifying(list).map((property) => [get(inputs, property), get(live, property)]);
    return values.some(([wanted]) => wanted !== undefined) && values.every(([wanted, found]) => same(wanted, found));
  }

  /** Whether an update can bring an object to these inputs, without a replacement. */
  canBecome(olds: Props, news: Props): boolean {
    return replacements(this.definition, differences(this.definition, olds, news), olds, news).length === 0;
  }

  private titleOf(body: Body): string {
    const { list } = this.definition;
    const values = list ? identifying(list).flatMap((property) => liveValue(this.definition, property, body) ?? []) : [];
    return [body.sid, ...(values.length > 0 ? [`(${values.join(", ")})`] : [])].join(" ");
  }

  /**
   * Which of these inputs certainly have no object: a list of their collection has ended and none of its objects has their identifying values.
   * Reads at most `maxPages` pages.
   */
  async absent(inputs: readonly Props[], maxPages: number): Promise<Set<Props>> {
    const { list } = this.definition;
    const [first] = inputs;
    if (!list || first === undefined) return new Set();
    const pageSize = list.maxPageSize ?? 100;
    const valuesOf = (read: (property: string) => unknown) => JSON.stringify(identifying(list).map((property) => read(property) ?? null));
    const taken = new Set<string>();
    const context = await this.contextOf(undefined);
    let count = 0;
    for await (const body of this.lookup.all(first, context)) {
      if (++count > maxPages * pageSize) return new Set();
      taken.add(valuesOf((property) => liveValue(this.definition, property, body)));
    }
    return new Set(inputs.filter((one) => !taken.has(valuesOf((property) => get(one, property)))));
  }
}
