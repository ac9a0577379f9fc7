import { withMachineLock } from "../process/machine-lock";
import { isUnclear, TwilioError, UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import type { Adoption } from "./adoption";
import { type Action, decide, type Evidence } from "./creation-table";
import type { Context, Definition } from "./definition";
import type { RunRegistry } from "./identity";
import type { Found, Lookup } from "./lists";
import type { Objects, ResourceState } from "./objects";
import { matchesNote, type Note, noteKeyOf, windowLeftMs } from "./pending-create";
import type { Props } from "./props";
import { createForm, toOutputs } from "./wire";

const lookEveryMs = 5_000;
const maxTries = 3;
const maxOffers = 6;

/** Creates objects of one kind, each once: every unclear response is resolved by a look-up before anything is sent again. */
export function creation(definition: Definition, objects: Objects, { findOwn }: Lookup, { takeOver }: Adoption, run: RunRegistry) {
  const { label, collection, idOf, isOne, outputsOf, converge, partial } = objects;
  const allowsDuplicates = (inputs: Props) => definition.list?.allowsDuplicates?.(inputs) ?? false;

  /** Whether a create that was cut off can only be recognized by a note of it. */
  const needsNote = (inputs: Props) =>
    definition.purchase !== undefined || allowsDuplicates(inputs) || definition.isMarked?.(inputs) === false;

  async function createNew(inputs: Props, context: Context): Promise<ResourceState> {
    const { purchase } = definition;
    if (!purchase) return createOnce(inputs, context);
    return withMachineLock(purchase.lock(context), context.twilio.pause, () => createOnce(inputs, context));
  }

  /** One create: what an earlier run left, the request, and the decision after each failure. */
  async function createOnce(inputs: Props, context: Context): Promise<ResourceState> {
    const { notes } = context;
    const key = needsNote(inputs) ? noteKeyOf(definition, inputs, context.urn) : undefined;
    const earlier = key === undefined ? undefined : notes.read<Note>(key);
    if (earlier) {
      const { found } = await resolve("note", inputs, context, { note: earlier, isLastTry: false });
      if (found) return found;
    }
    const begun: Note = { at: new Date().toISOString(), ...(key === undefined ? {} : { key }) };
    if (key !== undefined && !notes.write(key, begun)) throw noteNotWritten(label);

    let wanted = inputs;
    let isUnresolved = false;
    const refused = new Set<string>();
    for (let tries = 1; ; tries += 1) {
      let body: Body;
      try {
        const existing = await definition.purchase?.before(wanted, context);
        if (existing) return await takeOver(existing, inputs, context);
        body = await post(wanted, context);
      } catch (error) {
        const evidence = evidenceOf(error, definition);
        isUnresolved ||= evidence === "late response" || evidence === "lost response";
        const note = isUnresolved ? begun : earlier;
        const { found, action } = await resolve(evidence, inputs, context, { note, isLastTry: tries >= maxTries, error });
        if (found) return found;
        const other = action === "choose another" && (await another(wanted, refused, context));
        if (other) wanted = other;
        if (other || action === "send") continue;
        if (key !== undefined)
          recordFailure(notes, key, { begun, earlier, isUnresolved, evidence: allowsDuplicates(inputs) ? evidence : undefined });
        throw await explained(error, evidence, inputs, context, key);
      }
      if (key !== undefined) notes.write(key, { ...begun, sid: String(body.sid) } satisfies Note);
      return finish(body, inputs, context);
    }
  }

  async function finish(body: Body, inputs: Props, context: Context): Promise<ResourceState> {
    const id = idOf(inputs, body);
    run.recordCreated(id);
    definition.purchase?.record(body, inputs, context);
    await definition.purchase?.afterPurchase(body, inputs, context);
    try {
      const outputs = await outputsOf(inputs, body, context);
      // A form of its own may create the object under another name first; the rest is done here.
      const changed = definition.createForm && (await converge(id, outputs, inputs, context, body));
      return { id, outputs: changed ? await outputsOf(inputs, changed, context) : outputs };
    } catch (error) {
      throw partial({ id, outputs: toOutputs(definition, inputs, body, context.twilio.accountSid) }, inputs, error as Error);
    }
  }

  interface Circumstances {
    readonly note: Note | undefined;
    readonly isLastTry: boolean;
    readonly error?: unknown;
  }

  /** Looks for the object, waits for it where the table says so, and takes it over where it is ours. */
  async function resolve(evidence: Evidence, inputs: Props, context: Context, circumstances: Circumstances) {
    const { note, isLastTry, error } = circumstances;
    const look = async () => (evidence === "refusal" ? ({ whose: "none" } as Found) : await find(inputs, context, note));
    const next = (found: Found, isWindowOpen: boolean): Action =>
      decide({ evidence, found: found.whose, allowsDuplicates: allowsDuplicates(inputs), isWindowOpen, isLastTry });

    let found = await look();
    let action = next(found, windowLeftMs(note) > 0);
    if (action === "wait") {
      const seconds = Math.ceil(windowLeftMs(note) / 1000);
      context.log("info", `Twilio may still carry out an earlier create of this ${label}; looking for it for ${seconds} s.`);
      while (found.whose !== "ours" && windowLeftMs(note) > 0) {
        if (!(await context.twilio.pause(Math.min(lookEveryMs, windowLeftMs(note))))) throw stillUnknown(label);
        found = await look();
      }
      action = next(found, false);
    }
    if (action === "send" && error instanceof Error) context.log("debug", `${error.message}\nTwilio did not create it; sending it again.`);
    return { action, found: action === "adopt" ? await takeOverFound(found.body as Body, inputs, context, note) : undefined };
  }

  /** The object of this resource, if no other resource has been faster. */
  async function find(inputs: Props, context: Context, note: Note | undefined): Promise<Found> {
    for (;;) {
      const found = await findOwn(inputs, context, note);
      const isTaken = found.whose === "ours" && found.body && allowsDuplicates(inputs) && run.has(idOf(inputs, found.body));
      if (!isTaken) return found.body && !isOne(found.body) ? { whose: "none" } : found;
    }
  }

  async function takeOverFound(body: Body, inputs: Props, context: Context, note: Note | undefined): Promise<ResourceState> {
    const id = idOf(inputs, body);
    const old = run.replacedBy(inputs);
    if (old && (old.id === undefined ? !(note && matchesNote(note, body, context.twilio)) : old.id === id)) {
      throw new UsageError(
        `Cannot replace ${label} ${id} while it exists, because Twilio allows only one. Set the resource option deleteBeforeReplace: true.`,
      );
    }
    if (run.isRetained(id)) throw new UsageError(`Cannot create ${label}: ${id} belongs to another resource of this stack.`);
    context.log("info", `Recovered ${label} ${body.sid}, which an interrupted run created, or which had another resource name.`);
    return takeOver(body, inputs, context);
  }

  async function post(inputs: Props, context: Context): Promise<Body> {
    const { product } = definition;
    const plainForm = createForm(definition, inputs);
    const form = definition.createForm?.(plainForm, inputs, context) ?? plainForm;
    const request = { attempt: `Cannot create ${label}`, product, method: "post", path: collection(inputs, context), form } as const;
    const body = (await context.twilio.send(request)) as Body;
    if (!isOne(body)) throw new TwilioError(`Cannot create ${label}`, { status: 0, message: `the response is not about a ${label}` });
    return body;
  }

  async function another(inputs: Props, refused: Set<string>, context: Context): Promise<Props | undefined> {
    if (!definition.purchase || refused.size >= maxOffers) return undefined;
    return definition.purchase.another(inputs, refused, context);
  }

  /** The error that the user sees: with the object that is in the way, or with what to do where nothing could ever be found. */
  async function explained(error: unknown, evidence: Evidence, inputs: Props, context: Context, key: string | undefined): Promise<unknown> {
    if (!(error instanceof TwilioError)) return error;
    if (evidence === "conflict") return error.explain(await definition.explainConflict?.(inputs, error, context));
    if (key === undefined && allowsDuplicates(inputs) && isUnclear(error)) {
      return new UsageError(
        `Cannot create ${label}: ${error.reason}. Twilio may have created it all the same, and nothing distinguishes it from others. ` +
          "Look for it at Twilio before you run `pulumi up` again, and take it over with `adopt`.",
      );
    }
    return error;
  }

  return { createNew };
}

/** What a failed create says about the object. */
function evidenceOf(error: unknown, { purchase }: Definition): Evidence {
  if (isUnclear(error)) return error.isLate ? "late response" : "lost response";
  const isConflict = error instanceof TwilioError && (error.status === 409 || purchase?.isTaken(error));
  return isConflict ? "conflict" : "refusal";
}

interface FailedCreate {
  readonly begun: Note;
  readonly earlier: Note | undefined;
  /** A request of this run had no clear response. */
  readonly isUnresolved: boolean;
  /** Only where Twilio allows duplicates, so that the next run has to wait. */
  readonly evidence: Evidence | undefined;
}

/** Leaves the note for the next run: it waits only as long as this run did not. What this run cannot have created leaves no note of it. */
function recordFailure(notes: Context["notes"], key: string, { begun, earlier, isUnresolved, evidence }: FailedCreate): void {
  if (!isUnresolved) earlier ? notes.write(key, earlier) : notes.remove(key);
  else if (evidence === "late response") notes.write(key, { ...begun, searched: true } satisfies Note);
  else if (evidence === "lost response") notes.write(key, { ...begun, connectionLost: true } satisfies Note);
}

const noteNotWritten = (label: string) =>
  new UsageError(
    `Cannot create ${label}: the note that makes an interrupted create recoverable cannot be written; nothing was sent. ` +
      "Make room in the cache folder (XDG_CACHE_HOME, else ~/.cache) and make it writable.",
  );

const stillUnknown = (label: string) =>
  new UsageError(`Cannot create ${label}: it is not known yet whether Twilio carried out an earlier create. Run \`pulumi up\` again.`);
