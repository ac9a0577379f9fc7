import { UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import { resourceName } from "./check";
import type { Context, Definition } from "./definition";
import type { RunRegistry } from "./identity";
import type { Objects } from "./objects";
import { matchesNote, type Note, noteKeyPrefix } from "./pending-create";
import { get, type Props } from "./props";
import { equal, liveValue } from "./wire";

/** What a search for a resource's own object found: it, somebody else's object with the same values, or nothing. */
export interface Found {
  readonly whose: "ours" | "other" | "none";
  readonly body?: Body;
}

const nothing: Found = { whose: "none" };

/** Looks objects of one kind up: by what identifies them, by name, by their collection. */
export interface Lookup {
  /** The object that an earlier create of this resource made. */
  findOwn(inputs: Props, context: Context, note: Note | undefined): Promise<Found>;
  /** The object that `adopt` names in another way than by its SID. */
  findByName(name: string, inputs: Props, context: Context): Promise<Body | undefined>;
}

export function lookup(definition: Definition, { collection, idOf, label }: Objects, run: RunRegistry): Lookup {
  const { list, product, fields } = definition;

  /** The object that Twilio finds by a name in its path. */
  function fetchBy(name: string, inputs: Props, context: Context): Promise<Body | undefined> {
    const path = `${collection(inputs, context)}/${encodeURIComponent(name)}`;
    return context.twilio.send({ attempt: `Cannot look up ${label} "${name}"`, product, method: "get", path });
  }

  /** All objects of the collection for which the listed properties have these values. */
  async function matches(inputs: Props, properties: readonly string[], { twilio, ...context }: Context): Promise<Body[]> {
    const found: Body[] = [];
    const path = collection(inputs, { ...context, twilio });
    const request = { attempt: `Cannot list objects of kind ${label}`, product, path, query: { PageSize: "100" } };
    for await (const body of twilio.list(request, list?.key as string)) {
      const isMatch = properties.every((property) => {
        const field = fields[property];
        return field && equal(field, get(inputs, property), liveValue(definition, property, body));
      });
      if (isMatch) found.push(body);
    }
    return found;
  }

  /** Twilio allows several with the same values: ours is the one that was created within the window of our request. */
  async function findAmongDuplicates(inputs: Props, context: Context, note: Note | undefined): Promise<Found> {
    const prefix = noteKeyPrefix(definition, inputs);
    if (!list || !note || prefix === undefined) return nothing;
    const others = (context.notes.all() as Note[]).filter(({ key }) => key !== note.key && key?.startsWith(prefix));
    const recorded = new Set<unknown>(others.map(({ sid }) => sid));
    const candidates = (await matches(inputs, list.by, context)).filter(
      (body) => !run.has(idOf(inputs, body)) && !recorded.has(body.sid) && matchesNote(note, body, context.twilio),
    );
    // Of several creates that were interrupted together, each takes any of the objects.
    const interrupted = 1 + others.filter(({ sid }) => sid === undefined).length;
    if (candidates.length > interrupted) throw ambiguous(definition, list.by, inputs, candidates);
    // Of two that look at once, one was faster.
    const [body] = candidates;
    return body ? { whose: "ours", body } : nothing;
  }

  async function findOwn(inputs: Props, context: Context, note: Note | undefined): Promise<Found> {
    if (definition.findOwn) {
      const body = await definition.findOwn(inputs, context, note);
      return body ? { whose: "ours", body } : nothing;
    }
    if (!list) return nothing;
    if (list.allowsDuplicates?.(inputs)) return findAmongDuplicates(inputs, context, note);
    const isMarked = definition.isMarked?.(inputs);
    // A name that others may choose, and neither a mark nor a note: nothing that is found could be proven to be ours.
    if (isMarked === false && !note) return nothing;
    const name = list.fetchBy === undefined ? undefined : get(inputs, list.fetchBy);
    const body = typeof name === "string" ? await fetchBy(name, inputs, context) : (await matches(inputs, list.by, context))[0];
    if (!body) return nothing;
    // The program names the parent, and the key is unique under it: the object needs no further proof.
    if (isMarked === undefined) return { whose: "ours", body };
    const isProven = isMarked || (note !== undefined && matchesNote(note, body, context.twilio));
    return { whose: isProven ? "ours" : "other", body };
  }

  async function findByName(name: string, inputs: Props, context: Context): Promise<Body | undefined> {
    if (definition.findByName) return definition.findByName(name, inputs, context);
    if (list?.fetchBy !== undefined) return fetchBy(name, inputs, context);
    if (list?.name === undefined) return undefined;
    const found = await matches({ ...inputs, [list.name]: name }, [list.name], context);
    if (found.length > 1) throw ambiguous(definition, [list.name], { [list.name]: name }, found);
    return found[0];
  }

  return { findOwn, findByName };
}

function ambiguous(definition: Definition, by: readonly string[], inputs: Props, found: readonly Body[]): UsageError {
  const values = by.map((property) => `${property} ${JSON.stringify(get(inputs, property))}`).join(", ");
  const sids = found.map(({ sid }) => sid).join(", ");
  return new UsageError(
    `${found.length} objects of kind ${resourceName(definition)} have ${values} (${sids}). Name the right one with adopt: "${definition.sid}…".`,
  );
}
