import { isUnclear, TwilioError, UsageError } from "../twilio/errors";
import { type Body, type Context, type Definition, lateCreateWindowMs, matchesNote, type Note, type Props } from "./definition";
import type { Holdings } from "./holdings";
import type { Objects, ResourceState } from "./objects";
import { declaredParents } from "./props";
import { createForm, differences, fromBody, toOutputs } from "./wire";

// Twilio may carry out a request whose sender no longer waits, for `lateForMs`; and this long where the connection broke off, which seldom
// leaves a request at work.
const brokeOffForMs = 5_000;
const lookEveryMs = 5_000;

/** How objects of one kind come to be a resource's: adopted, found again, or made. */
export interface Creation {
  adopt(key: string, inputs: Props, context: Context): Promise<ResourceState>;
  createNew(inputs: Props, context: Context): Promise<ResourceState>;
}

export function creation(definition: Definition, objects: Objects, held: Holdings): Creation {
  const { label, collection, send, idOf, isOne, outputsOf, converge, partial } = objects;

  /** Brings an object that is there already to what the program declares. */
  async function takeOver(body: Body, inputs: Props, context: Context): Promise<ResourceState> {
    const id = idOf(inputs, body);
    held.recordCreated(id);
    let found = toOutputs(definition, inputs, body, context.twilio.accountSid);
    try {
      found = await outputsOf(inputs, body, context);
      const changed = await converge(id, found, inputs, context, body);
      return { id, outputs: changed ? await outputsOf(inputs, changed, context) : found };
    } catch (error) {
      throw partial({ id, outputs: found }, inputs, error as Error);
    }
  }

  async function adopt(key: string, inputs: Props, context: Context): Promise<ResourceState> {
    const isSid = new RegExp(`^${definition.sid}[0-9a-fA-F]{32}$`).test(key);
    const id = [...declaredParents(definition, inputs), key].join("/");
    const body = isSid ? await send(context, "read", id) : await definition.findByName?.(key, inputs, context);
    if (!body || !isOne(body)) {
      throw new UsageError(`Cannot adopt ${label} ${JSON.stringify(key)}: there is none in account ${context.twilio.accountSid}.`);
    }
    for (const property of differences(definition, await outputsOf(inputs, body, context), inputs)) {
      if (!definition.fields[property]?.createOnly) continue;
      const live = JSON.stringify(fromBody(property, definition.fields[property], body)) ?? "not set";
      throw new UsageError(
        `Cannot adopt ${label} ${JSON.stringify(key)}: its ${property} is ${live}, and Twilio cannot change that. Declare it as it is, or adopt another.`,
        property,
      );
    }
    return takeOver(body, inputs, context);
  }

  async function createNew(inputs: Props, context: Context): Promise<ResourceState> {
    const { notes: memory } = context;
    const key = definition.pendingCreateKey?.({ __urn: held.urnOf(inputs), ...inputs });
    const note = key === undefined ? undefined : memory.read<Note>(key);
    const lost = note && ((await findLost(inputs, context, note)) ?? (await arrivesLate(inputs, context, note)));
    if (lost) return lost;
    const begun: Note = { at: new Date().toISOString(), ...(key === undefined ? {} : { key }) };
    if (key !== undefined && !memory.write(key, begun)) {
      throw new UsageError(
        `Cannot create ${label}: the note by which an interrupted create is found again cannot be written; nothing was sent. ` +
          "Make room in the cache folder (XDG_CACHE_HOME, else ~/.cache), and see that it may be written to.",
      );
    }
    let body: Body | undefined;
    // What proves that an object in the way is our own: a note of an earlier run, or that this run cannot tell what became of its request.
    let evidence = note;
    let wasUnclear = false;
    for (let tries = 1; body === undefined; tries += 1) {
      try {
        const pending = wasUnclear ? begun : note?.sid === undefined ? note : undefined;
        body = definition.create ? await definition.create(inputs, context, pending) : await post(inputs, context);
        if (!isOne(body)) throw new TwilioError(`Cannot create ${label}`, { status: 0, message: `the answer tells of no ${label}` });
      } catch (error) {
        const unclear = isUnclear(error);
        if (unclear) evidence ??= begun;
        wasUnclear ||= unclear;
        const conflict = error instanceof TwilioError && error.status === 409;
        const found = unclear || conflict ? await findLost(inputs, context, unclear ? begun : evidence) : undefined;
        if (found) return found;
        if (conflict) error.explain(await definition.explainConflict?.(inputs, error, context));
        // Nothing of this run is there to be looked for later; what an earlier run began may be.
        if (!wasUnclear && key !== undefined) note ? memory.write(key, note) : memory.remove(key);
        if (unclear && definition.allowsDuplicates?.(inputs)) return watchFor(inputs, context, begun, error);
        // It is not there, so it may be sent again: Twilio takes one of the two.
        if (!unclear || tries === 3) throw error;
        body = undefined;
        context.log("debug", `${error.message}\nNothing of it is there; sending it again.`, inputs.__urn);
      }
    }
    if (key !== undefined) memory.write(key, { ...begun, sid: String(body.sid) } satisfies Note);
    const id = idOf(inputs, body);
    held.recordCreated(id);
    try {
      const outputs = await outputsOf(inputs, body, context);
      // A definition's own create may make the object under another name first; what is left to do is done here.
      const changed = definition.create && (await converge(id, outputs, inputs, context, body));
      return { id, outputs: changed ? await outputsOf(inputs, changed, context) : outputs };
    } catch (error) {
      throw partial({ id, outputs: toOutputs(definition, inputs, body, context.twilio.accountSid) }, inputs, error as Error);
    }
  }

  /** After a create without an answer, where another one would make a second object: found within the time, or the error. */
  async function watchFor(inputs: Props, context: Context, begun: Note, error: TwilioError): Promise<ResourceState> {
    if (begun.key === undefined) {
      throw new UsageError(
        `Cannot create ${label}: ${error.reason}. It may be there all the same, and nothing tells it from others: ` +
          "look for it at Twilio before you run `pulumi up`, and take it over with `adopt`.",
      );
    }
    if (!error.isLate) {
      // Whoever broke the connection off is not likely to go on with the request; the next run sees.
      context.notes.write(begun.key, { ...begun, connectionLost: true } satisfies Note);
      throw error;
    }
    const found = await arrivesLate(inputs, context, begun);
    if (found) return found;
    context.notes.write(begun.key, { ...begun, searched: true } satisfies Note);
    throw error;
  }

  /** Waits for an object whose create may still be under way at Twilio. */
  async function arrivesLate(inputs: Props, context: Context, note: Note): Promise<ResourceState | undefined> {
    const leftMs = () => Date.parse(note.at) + (note.connectionLost ? brokeOffForMs : lateCreateWindowMs) - Date.now();
    if (note.sid !== undefined || note.searched || !definition.allowsDuplicates?.(inputs) || leftMs() <= 0) return undefined;
    const seconds = Math.ceil(leftMs() / 1000);
    context.log("info", `${label} may still be on its way from a create without an answer; looking for it for ${seconds} s.`, inputs.__urn);
    while (leftMs() > 0) {
      if (!(await context.twilio.pause(Math.min(lookEveryMs, leftMs())))) {
        throw new UsageError(
          `Cannot create ${label}: whether an earlier create was carried out is not known yet. Run \`pulumi up\` again.`,
        );
      }
      const found = await findLost(inputs, context, note);
      if (found) return found;
    }
    return undefined;
  }

  async function post(inputs: Props, context: Context): Promise<Body> {
    const { product } = definition;
    const form = createForm(definition, inputs);
    const request = { attempt: `Cannot create ${label}`, product, method: "post", path: collection(inputs, context), form } as const;
    return (await context.twilio.send(request)) as Body;
  }

  async function findLost(inputs: Props, context: Context, note: Note | undefined): Promise<ResourceState | undefined> {
    let body: Body | undefined;
    do {
      body = await definition.findLost?.(inputs, context, note, held);
      if (!body || !isOne(body)) return undefined;
      // Of two that look for the same at once, one was faster.
    } while (definition.allowsDuplicates?.(inputs) && held.has(idOf(inputs, body)));
    const id = idOf(inputs, body);
    const old = held.replacedBy(inputs);
    if (old && (old.id === undefined ? !(note && matchesNote(note, body, context.twilio)) : old.id === id)) {
      throw new UsageError(
        `Cannot replace ${label} ${id} while it is there, for there can be only one of it. Set the resource option deleteBeforeReplace: true.`,
      );
    }
    if (held.isRetained(id)) throw new UsageError(`Cannot create ${label}: ${id} is another resource's of this stack.`);
    context.log("info", `${label} ${body.sid} was made by an interrupted run or under another name, and is taken over.`, inputs.__urn);
    return takeOver(body, inputs, context);
  }

  return { adopt, createNew };
}
