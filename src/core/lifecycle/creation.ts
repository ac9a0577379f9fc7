import { withMachineLock } from "../process/machine-lock";
import { isUnclear, TwilioError, UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import type { Adoption } from "./adoption";
import { type Action, decide, type Evidence } from "./creation-table";
import type { Context, Definition } from "./definition";
import type { RunRegistry } from "./identity";
import type { Found, Lookup } from "./lists";
import { type Note, noteNotWritten } from "./note";
import type { Objects, ResourceState } from "./objects";
import { matchesNote, noteKeyOf, windowLeftMs } from "./pending-create";
import type { Props } from "./props";
import { createForm, toOutputs } from "./wire";

const lookEveryMs = 5_000;
const maxTries = 3;
const maxOffers = 6;

/** What is known when a create has to be decided on. */
interface Circumstances {
  readonly note: Note | undefined;
  readonly isLastTry: boolean;
  readonly error?: unknown;
}

/** Creates objects of one kind, each once: every unclear response is resolved by a look-up before anything is sent again. */
export class Creation {
  constructor(
    private readonly definition: Definition,
    private readonly objects: Objects,
    private readonly lookup: Lookup,
    private readonly adoption: Adoption,
    private readonly run: RunRegistry,
  ) {}

  private get label(): string {
    return this.objects.label;
  }

  private allowsDuplicates(inputs: Props): boolean {
    return this.definition.list?.allowsDuplicates?.(inputs) ?? false;
  }

  /** Whether a create that was cut off can only be recognized by a note of it. */
  private needsNote(inputs: Props): boolean {
    return this.definition.purchase !== undefined || this.allowsDuplicates(inputs) || this.definition.isMarked?.(inputs) === false;
  }

  async createNew(inputs: Props, context: Context): Promise<ResourceState> {
    const { purchase } = this.definition;
    if (!purchase) return this.createOnce(inputs, context);
    return withMachineLock(purchase.lock(context), context.twilio.pause, () => this.createOnce(inputs, context));
  }

  /** One create: what an earlier run left, the request, and the decision after each failure. */
  private async createOnce(inputs: Props, context: Context): Promise<ResourceState> {
    const { notes } = context;
    const key = this.needsNote(inputs) ? noteKeyOf(this.definition, inputs, context.urn) : undefined;
    const earlier = key === undefined ? undefined : notes.read<Note>(key);
    if (earlier) {
      const { found } = await this.resolve("note", inputs, context, { note: earlier, isLastTry: false });
      if (found) return found;
    }
    const begun: Note = { at: new Date().toISOString(), ...(key === undefined ? {} : { key }) };
    if (key !== undefined && !notes.write(key, begun)) {
      throw noteNotWritten(`Cannot create ${this.label}`, "the note that makes an interrupted create recoverable");
    }

    let wanted = inputs;
    let isUnresolved = false;
    const refused = new Set<string>();
    for (let tries = 1; ; tries += 1) {
      let body: Body;
      try {
        const existing = await this.definition.purchase?.before(wanted, context);
        if (existing) return await this.adoption.takeOver(existing, inputs, context);
        body = await this.post(wanted, context);
      } catch (error) {
        const evidence = evidenceOf(error, this.definition);
        isUnresolved ||= evidence === "late response" || evidence === "lost response";
        const note = isUnresolved ? begun : earlier;
        try {
          const { found, action } = await this.resolve(evidence, inputs, context, { note, isLastTry: tries >= maxTries, error });
          if (found) return found;
          const other = action === "choose another" && (await this.another(wanted, refused, context));
          if (other) wanted = other;
          if (other || action === "send") continue;
        } catch (unexpected) {
          // The decision itself failed: the note stays as if nothing had been decided.
          if (key !== undefined) recordFailure(notes, key, { begun, earlier, isUnresolved, evidence: undefined });
          throw unexpected;
        }
        if (key !== undefined)
          recordFailure(notes, key, { begun, earlier, isUnresolved, evidence: this.allowsDuplicates(inputs) ? evidence : undefined });
        throw await this.explained(error, evidence, inputs, context, key);
      }
      if (key !== undefined) notes.write(key, { ...begun, sid: String(body.sid) } satisfies Note);
      return this.finish(body, inputs, context);
    }
  }

  private async finish(body: Body, inputs: Props, context: Context): Promise<ResourceState> {
    const id = this.objects.idOf(inputs, body);
    this.run.recordCreated(id);
    this.definition.purchase?.record(body, inputs, context);
    await this.definition.purchase?.afterPurchase(body, inputs, context);
    try {
      const outputs = await this.objects.outputsOf(inputs, body, context);
      // A purchase creates the object under another name first; the rest is done here.
      const changed = this.definition.purchase && (await this.objects.converge(id, outputs, inputs, context, body));
      return { id, outputs: changed ? await this.objects.outputsOf(inputs, changed, context) : outputs };
    } catch (error) {
      throw this.objects.partial(
        { id, outputs: toOutputs(this.definition, inputs, body, context.twilio.accountSid) },
        inputs,
        error as Error,
      );
    }
  }

  /** Looks for the object, waits for it where the table says so, and takes it over where it is ours. */
  private async resolve(evidence: Evidence, inputs: Props, context: Context, circumstances: Circumstances) {
    const { note, isLastTry, error } = circumstances;
    const look = async () => (evidence === "refusal" ? ({ whose: "none" } as Found) : await this.find(inputs, context, note));
    const next = (found: Found, isWindowOpen: boolean): Action =>
      decide({ evidence, found: found.whose, allowsDuplicates: this.allowsDuplicates(inputs), isWindowOpen, isLastTry });

    let found = await look();
    // A create without a note of its own cannot be recognized later, so waiting would show nothing.
    let action = next(found, note?.key !== undefined && windowLeftMs(note) > 0);
    if (action === "wait") {
      const seconds = Math.ceil(windowLeftMs(note) / 1000);
      context.log("info", `Twilio may still carry out an earlier create of this ${this.label}; looking for it for ${seconds} s.`);
      while (found.whose !== "ours" && windowLeftMs(note) > 0) {
        if (!(await context.twilio.pause(Math.min(lookEveryMs, windowLeftMs(note))))) throw stillUnknown(this.label);
        found = await look();
      }
      action = next(found, false);
    }
    if (action === "send" && error instanceof Error) context.log("debug", `${error.message}\nTwilio did not create it; retrying.`);
    return { action, found: action === "adopt" ? await this.takeOverFound(found.body as Body, inputs, context, note) : undefined };
  }

  /** The object of this resource, if no other resource has been faster. */
  private async find(inputs: Props, context: Context, note: Note | undefined): Promise<Found> {
    for (;;) {
      const found = await this.lookup.findOwn(inputs, context, note);
      const isTaken =
        found.whose === "ours" && found.body && this.allowsDuplicates(inputs) && this.run.has(this.objects.idOf(inputs, found.body));
      if (!isTaken) return found.body && !this.objects.isOne(found.body) ? { whose: "none" } : found;
    }
  }

  private async takeOverFound(body: Body, inputs: Props, context: Context, note: Note | undefined): Promise<ResourceState> {
    const id = this.objects.idOf(inputs, body);
    const old = this.run.replacedBy(inputs);
    if (old && (old.id === undefined ? !(note && matchesNote(note, body, context.twilio)) : old.id === id)) {
      throw new UsageError(
        `Cannot replace ${this.label} ${id} while it exists, because Twilio allows only one. Set the resource option deleteBeforeReplace: true.`,
      );
    }
    if (this.run.isRetained(id)) throw new UsageError(`Cannot create ${this.label}: ${id} belongs to another resource of this stack.`);
    context.log("info", `Recovered ${this.label} ${body.sid}, which an interrupted run created, or which had another resource name.`);
    return this.adoption.takeOver(body, inputs, context);
  }

  private async post(inputs: Props, context: Context): Promise<Body> {
    const { product } = this.definition;
    const plainForm = createForm(this.definition, inputs);
    const form = this.definition.createForm?.(plainForm, inputs, context) ?? plainForm;
    const request = {
      attempt: `Cannot create ${this.label}`,
      product,
      method: "post",
      path: this.objects.collection(inputs, context),
      form,
    } as const;
    const body = (await context.twilio.send(request)) as Body;
    this.objects.verifyKind(body, request.attempt);
    return body;
  }

  private async another(inputs: Props, refused: Set<string>, context: Context): Promise<Props | undefined> {
    if (!this.definition.purchase || refused.size >= maxOffers) return undefined;
    return this.definition.purchase.another(inputs, refused, context);
  }

  /** The error that the user sees: with the object that is in the way, or with what to do where nothing could ever be found. */
  private async explained(error: unknown, evidence: Evidence, inputs: Props, context: Context, key: string | undefined): Promise<unknown> {
    if (!(error instanceof TwilioError)) return error;
    if (evidence === "conflict") return error.explain(await this.definition.explainConflict?.(inputs, error, context));
    if (key === undefined && this.allowsDuplicates(inputs) && isUnclear(error)) {
      return new UsageError(
        `Cannot create ${this.label}: ${error.reason}. Twilio may still have created it, and nothing distinguishes it from others. ` +
          "Look for it at Twilio before you run `pulumi up` again, and adopt it with `adopt`.",
      );
    }
    return error;
  }
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

const stillUnknown = (label: string) =>
  new UsageError(`Cannot create ${label}: it is not known yet whether Twilio carried out an earlier create. Run \`pulumi up\` again.`);
