import { UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import { resourceName } from "./check";
import type { Context, Definition } from "./definition";
import type { RunRegistry } from "./identity";
import type { Note } from "./note";
import type { Objects } from "./objects";
import { matchesNote, noteKeyPrefix } from "./pending-create";
import { get, type Props } from "./props";
import { equal, liveValue } from "./wire";

/** What a search for a resource's own object found: it, somebody else's object with the same values, or nothing. */
export interface Found {
  readonly whose: "ours" | "other" | "none";
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

  /** The object that an earlier create of this resource made. */
  async findOwn(inputs: Props, context: Context, note: Note | undefined): Promise<Found> {
    const { list, findOwn, isMarked } = this.definition;
    if (findOwn) {
      const body = await findOwn(inputs, context, note);
      return body ? { whose: "ours", body } : nothing;
    }
    if (!list) return nothing;
    if (list.allowsDuplicates?.(inputs)) return this.findAmongDuplicates(inputs, context, note);
    const hasMark = isMarked?.(inputs);
    // A name that others may choose, and neither a mark nor a note: nothing that is found could be proven to be ours.
    if (hasMark === false && !note) return nothing;
    const name = list.fetchBy === undefined ? undefined : get(inputs, list.fetchBy);
    const body = typeof name === "string" ? await this.fetchBy(name, inputs, context) : (await this.matches(inputs, list.by, context))[0];
    if (!body) return nothing;
    // The program names the parent, and the key is unique under it: the object needs no further proof.
    if (hasMark === undefined) return { whose: "ours", body };
    const isProven = hasMark || (note !== undefined && matchesNote(note, body, context.twilio));
    return { whose: isProven ? "ours" : "other", body };
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
  private fetchBy(name: string, inputs: Props, context: Context): Promise<Body | undefined> {
    const path = `${this.objects.collection(inputs, context)}/${encodeURIComponent(name)}`;
    const attempt = `Cannot look up ${this.objects.label} "${name}"`;
    return context.twilio.send({ attempt, product: this.definition.product, method: "get", path });
  }

  /** All objects of the collection for which the listed properties have these values. */
  private async matches(inputs: Props, properties: readonly string[], context: Context): Promise<Body[]> {
    const { list, product, fields } = this.definition;
    const found: Body[] = [];
    const attempt = `Cannot list objects of kind ${this.objects.label}`;
    const request = {
      attempt,
      product,
      path: this.objects.collection(inputs, context),
      query: { PageSize: String(list?.maxPageSize ?? 100) },
    };
    for await (const body of context.twilio.list(request, list?.key as string)) {
      const isMatch = properties.every((property) => {
        const field = fields[property];
        return field && equal(field, get(inputs, property), liveValue(this.definition, property, body));
      });
      if (isMatch) found.push(body);
    }
    return found;
  }

  /** Twilio allows several with the same values: ours is the one that was created within the window of our request. */
  private async findAmongDuplicates(inputs: Props, context: Context, note: Note | undefined): Promise<Found> {
    const { list } = this.definition;
    const prefix = noteKeyPrefix(this.definition, inputs);
    if (!list || !note || prefix === undefined) return nothing;
    const others = (context.notes.all() as Note[]).filter(({ key }) => key !== note.key && key?.startsWith(prefix));
    const recorded = new Set<unknown>(others.map(({ sid }) => sid));
    const isFree = (body: Body) => !this.run.has(this.objects.idOf(inputs, body)) && !recorded.has(body.sid);
    const all = await this.matches(inputs, list.by, context);
    const candidates = all.filter((body) => isFree(body) && matchesNote(note, body, context.twilio));
    // Of several creates that were interrupted together, each takes any of the objects.
    const interrupted = 1 + others.filter(({ sid }) => sid === undefined).length;
    if (candidates.length > interrupted) throw ambiguous(this.definition, list.by, inputs, candidates);
    const [body] = candidates;
    return body ? { whose: "ours", body } : nothing;
  }
}

function ambiguous(definition: Definition, by: readonly string[], inputs: Props, found: readonly Body[]): UsageError {
  // Names only: a value may be secret.
  const equals = by.filter((property) => get(inputs, property) !== undefined).join(", ");
  const sids = found.map(({ sid }) => sid).join(", ");
  return new UsageError(
    `${found.length} objects of kind ${resourceName(definition)} have the same ${equals} (${sids}). Name the right one with adopt: "${definition.sid}…".`,
  );
}
