import { UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import { resourceName } from "./check";
import type { Context, Definition } from "./definition";
import { declaredCollection } from "./groups";
import type { RunRegistry } from "./identity";
import type { Note } from "./note";
import type { Objects } from "./objects";
import { type Ownership, ownershipOf } from "./ownership";
import { declaredParents, parentProperty } from "./parents";
import { identifying, isOlder, matchesNote, noteKeyPrefix } from "./pending-create";
import { get, isUnknown, type Props } from "./props";
import { equal, liveValue } from "./wire";

/** What a search for a resource's own object found. */
export interface Found {
  readonly whose: Ownership | "none";
  readonly body?: Body;
}

const nothing: Found = { whose: "none" };

/** Looks objects of one kind up: by what identifies them, by name, by their collection. */
export class Lookup {
  constructor(
    private readonly definition: Definition,
    private readonly objects: Objects,
    private readonly run: RunRegistry,
  ) {}

  /** What is in the place of this resource's object, and whose it is. */
  async findOwn(inputs: Props, context: Context, note: Note | undefined): Promise<Found> {
    const { list, findOwn, isMarked } = this.definition;
    if (findOwn) return (await findOwn(inputs, context, note)) ?? nothing;
    if (!list) return nothing;
    if (list.allowsDuplicates?.(inputs)) return this.findAmongDuplicates(inputs, context, note);
    const body = await this.findByKey(inputs, context);
    if (!body) return nothing;
    this.refuseReplaced(inputs, body, context, note);
    const whose = ownershipOf({
      isHeldByAnother: context.holderOf(this.objects.idOf(inputs, body)) !== undefined,
      isOfUnfinishedCreate: note !== undefined && matchesNote(note, body, context.twilio),
      // Where no name is a mark, the place is one: the program names the parent, and the key is unique under it.
      carriesMark: isMarked?.(inputs) ?? true,
    });
    return { whose, body };
  }

  /** Whether an object can be recognized by its name or place alone: all of it is known, and only this resource gives it. */
  canTellByKey(inputs: Props): boolean {
    const { list, isMarked, fields } = this.definition;
    if (!list || list.allowsDuplicates?.(inputs) || isMarked?.(inputs) === false) return false;
    const parent = parentProperty(this.definition);
    const known = [...identifying(list), ...(parent ? [parent] : [])].map((property) => get(inputs, property));
    if (identifying(list).every((property) => get(inputs, property) === undefined)) return false;
    return !known.some(isUnknown) && (parent === undefined || !fields[parent]?.required || inputs[parent] !== undefined);
  }

  /** Whether an object can be recognized by a note of its create: all that it is compared by is known. */
  canTellByNote(inputs: Props): boolean {
    const { list } = this.definition;
    if (!list) return false;
    const values = (list.allowsDuplicates?.(inputs) ? list.by : identifying(list)).map((property) => get(inputs, property));
    return values.some((value) => value !== undefined) && ![...values, ...declaredParents(this.definition, inputs)].some(isUnknown);
  }

  /** The object that has the place of this resource's under its parent. */
  async findByKey(inputs: Props, context: Context): Promise<Body | undefined> {
    const { list } = this.definition;
    if (!list) return undefined;
    const name = list.fetchBy === undefined ? undefined : get(inputs, list.fetchBy);
    if (typeof name === "string" && !isPathStep(name)) return this.fetchBy(name, inputs, context);
    return (await this.matches(inputs, identifying(list), context))[0];
  }

  /** Throws where the place is still taken by the object that is to be replaced. */
  private refuseReplaced(inputs: Props, body: Body, context: Context, note: Note | undefined): void {
    const old = this.run.replacedBy(inputs);
    if (!old) return;
    const id = this.objects.idOf(inputs, body);
    if (old.id === undefined ? note && matchesNote(note, body, context.twilio) : old.id !== id) return;
    throw new UsageError(
      `Cannot replace ${this.objects.label} ${id} while it exists, because Twilio allows only one. Set the resource option deleteBeforeReplace: true.`,
    );
  }

  /** The object that `adopt` names in another way than by its SID. */
  async findByName(name: string, inputs: Props, context: Context): Promise<Body | undefined> {
    const { list, findByName } = this.definition;
    if (findByName) return findByName(name, inputs, context);
    if (list?.fetchBy !== undefined) return this.fetchBy(name, inputs, context);
    if (list?.name === undefined) return undefined;
    const found = await this.matches({ ...inputs, [list.name]: name }, [list.name], context);
    if (found.length > 1) throw ambiguous(this.definition, [list.name], { [list.name]: name }, found);
    return found[0];
  }

  /** The object that Twilio finds by a name in its path. */
  private async fetchBy(name: string, inputs: Props, context: Context): Promise<Body | undefined> {
    const path = `${this.objects.collection(inputs, context)}/${encodeURIComponent(name)}`;
    const attempt = `Cannot look up ${this.objects.label} "${name}"`;
    const body = await context.twilio.send({ attempt, product: this.definition.product, method: "get", path });
    if (body) this.objects.verifyFound(body, inputs, context, name);
    return body;
  }

  /** All objects of the collection for which the listed properties have these values, up to the first for which `isPast` holds. */
  async matches(
    inputs: Props,
    properties: readonly string[],
    context: Context,
    isPast: (body: Body) => boolean = () => false,
  ): Promise<Body[]> {
    const { fields } = this.definition;
    const found: Body[] = [];
    for await (const body of this.all(inputs, context)) {
      if (isPast(body)) break;
      const isMatch = properties.every((property) => {
        const field = fields[property];
        return field && equal(field, get(inputs, property), liveValue(this.definition, property, body));
      });
      if (isMatch) found.push(body);
    }
    return found;
  }

  /** All objects of the collection that these inputs name, page by page. `query` is what the request adds. */
  async *all(inputs: Props, context: Context, query: Readonly<Record<string, string>> = {}): AsyncGenerator<Body> {
    const { list, product, listQuery } = this.definition;
    const key = (declaredCollection(this.definition, inputs) ?? list)?.key as string;
    const request = {
      attempt: `Cannot list objects of kind ${this.objects.label}`,
      product,
      path: this.objects.collection(inputs, context),
      query: { ...listQuery?.(context.twilio.accountSid), PageSize: String(list?.maxPageSize ?? 100), ...query },
    };
    for await (const body of context.twilio.list(request, key)) {
      this.objects.verifyFound(body, inputs, context);
      yield body;
    }
  }

  /** Twilio allows several with the same values: ours is the one that was created within the window of our request. */
  private async findAmongDuplicates(inputs: Props, context: Context, note: Note | undefined): Promise<Found> {
    const { list } = this.definition;
    // Without a key, nothing but the time distinguishes the object.
    if (!list || note?.key === undefined) return nothing;
    const { candidates, unfinished } = await this.unclaimed(inputs, note, context);
    // Of several creates that were interrupted together, each takes any of the objects.
    if (candidates.length > 1 + unfinished) throw ambiguous(this.definition, list.by, inputs, candidates);
    const [body] = candidates;
    return body ? { whose: "ours", body } : nothing;
  }

  /** The objects with these values that fit a note, and that neither a resource nor the note of another create has; and how many other creates are unfinished. */
  async unclaimed(inputs: Props, note: Note, context: Context): Promise<{ candidates: Body[]; unfinished: number }> {
    const prefix = noteKeyPrefix(this.definition, inputs);
    // Nothing distinguishes an object without identifying values, so its create has no note.
    const others =
      prefix === undefined ? [] : (context.notes.all() as Note[]).filter(({ key }) => key !== note.key && key?.startsWith(prefix));
    const noted = new Set<unknown>(others.map(({ sid }) => sid));
    const isFree = (id: string) => !this.run.has(id) && context.holderOf(id) === undefined;
    // Such a list may be long; Twilio returns the newest conversation first.
    const isPast = (body: Body) => prefix === undefined && isOlder(note, body, context.twilio);
    const all = await this.matches(inputs, this.definition.list?.by ?? [], context, isPast);
    const candidates = all.filter(
      (body) => matchesNote(note, body, context.twilio) && !noted.has(body.sid) && isFree(this.objects.idOf(inputs, body)),
    );
    return { candidates, unfinished: others.filter(({ sid }) => sid === undefined).length };
  }
}

/** In a path, these names mean another object. */
const isPathStep = (name: string): boolean => name === "." || name === "..";

function ambiguous(definition: Definition, by: readonly string[], inputs: Props, found: readonly Body[]): UsageError {
  // Names only: a value may be secret.
  const equals = by.filter((property) => get(inputs, property) !== undefined).join(", ");
  const sids = found.map(({ sid }) => sid).join(", ");
  return new UsageError(
    `${found.length} objects of kind ${resourceName(definition)} have the same ${equals} (${sids}). Name the right one with adopt: "${definition.sid}…".`,
  );
}
