import { isUnclear, TwilioError, UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import type { Adoption } from "./adoption";
import { withCorrections } from "./corrected";
import { type Action, decide, type Evidence } from "./creation-table";
import type { Bought, Context, Definition } from "./definition";
import { discarded } from "./discard";
import { Doubles } from "./doubles";
import { evidenceOf, isInvalid } from "./evidence";
import type { RunRegistry } from "./identity";
import type { Found, Lookup } from "./lists";
import { type Note, noteNotWritten } from "./note";
import { type Objects, PartialFailure, type ResourceState } from "./objects";
import { renameAdvice, takenOver } from "./ownership";
import { beginNote, noteKeyOf, recordFailure, recordSent, windowLeftMs } from "./pending-create";
import { foundKey, type Props } from "./props";
import { createForm, toOutputs } from "./wire";

const lookEveryMs = 5_000;
const maxTries = 3;
const maxOffers = 6;

/** What is known when a create has to be decided on. */
interface Circumstances {
  readonly note: Note | undefined;
  /** A request without a clear response may still be carried out. */
  readonly mayArrive: boolean;
  readonly isLastTry: boolean;
  readonly error?: unknown;
}

/** A create in progress: what the program declares, and what is tried now in its place. */
interface Attempt {
  readonly planned: Props;
  wanted: Props;
  readonly refused: Props[];
  begun: Note;
  readonly earlier: Note | undefined;
  /** The form of the create does not carry all that the program declares. */
  leavesOut?: boolean;
  /** A request of this run had no clear response. */
  isUnresolved: boolean;
}

/** Creates objects of one kind, each once: every unclear response is resolved by a look-up before anything is sent again. */
export class Creation {
  private readonly doubles: Doubles;

  constructor(
    private readonly definition: Definition,
    private readonly objects: Objects,
    private readonly lookup: Lookup,
    private readonly adoption: Adoption,
    private readonly run: RunRegistry,
  ) {
    this.doubles = new Doubles(definition, objects, lookup);
  }

  private get label(): string {
    return this.objects.label;
  }

  private allowsDuplicates(inputs: Props): boolean {
    return this.definition.list?.allowsDuplicates?.(inputs) ?? false;
  }

  /** One create, whose note is no longer needed once the engine has what it returns or, after a partial failure, keeps. */
  async createNew(inputs: Props, context: Context): Promise<ResourceState> {
    const key = noteKeyOf(this.definition, inputs, context.urn);
    try {
      const state = await this.createOnce(inputs, key, context);
      if (key !== undefined) context.recordDone(key);
      return state;
    } catch (error) {
      if (key !== undefined && error instanceof PartialFailure) context.recordDone(key);
      throw error;
    }
  }

  /** What an earlier run left, the request, and the decision after each failure. */
  private async createOnce(inputs: Props, key: string | undefined, context: Context): Promise<ResourceState> {
    const { notes } = context;
    const earlier = key === undefined ? undefined : notes.read<Note>(key);
    if (earlier) {
      const { found } = await this.resolve("note", inputs, inputs, context, { note: earlier, mayArrive: true, isLastTry: false });
      if (found) return found;
    }
    const marked = earlier ? undefined : await this.findMarked(inputs, context);
    if (marked) return marked;
    if (this.allowsDuplicates(inputs)) await this.learnClock(inputs, context);
    const begun = beginNote(key, context.twilio);
    if (key !== undefined && !notes.write(key, begun)) {
      throw noteNotWritten(`Cannot create ${this.label}`, "the note that makes an interrupted create recoverable");
    }
    const attempt: Attempt = { planned: inputs, wanted: inputs, refused: [], begun, earlier, isUnresolved: false };
    return this.doubles.during(inputs, async () => {
      for (let tries = 1; ; tries += 1) {
        const created = await this.tryOnce(attempt, context, key, tries);
        if (created) return created;
      }
    });
  }

  /** What carries a mark of this resource although no note is left of its create: another one would be a duplicate. */
  private async findMarked(inputs: Props, context: Context): Promise<ResourceState | undefined> {
    // A purchase looks by itself.
    if (!this.definition.findOwn || this.definition.purchase) return undefined;
    const { whose, body } = await this.find(inputs, context, undefined);
    return whose === "adopted" && body ? this.takeOver({ whose, body }, inputs, inputs, context) : undefined;
  }

  /** One request. Returns nothing where another one is to be sent. */
  private async tryOnce(attempt: Attempt, context: Context, key: string | undefined, tries: number): Promise<ResourceState | undefined> {
    const { planned, earlier } = attempt;
    const { notes } = context;
    let body: Body;
    try {
      const first = await this.firstRequest(attempt, context);
      if ("existing" in first) return await this.takeOver(first.existing, planned, planned, context);
      body = first.created;
    } catch (error) {
      const evidence = evidenceOf(error, this.definition);
      attempt.isUnresolved ||= evidence === "late response" || evidence === "lost response";
      const { begun } = attempt;
      const note = attempt.isUnresolved ? begun : earlier;
      let holder: string | undefined;
      const failed = { begun, earlier, isUnresolved: attempt.isUnresolved };
      try {
        const isLastTry = tries >= maxTries || isInvalid(error);
        const circumstances = { note, mayArrive: attempt.isUnresolved || note === earlier, isLastTry, error };
        const resolved = await this.resolve(evidence, attempt.wanted, planned, context, circumstances);
        if (resolved.found) return resolved.found;
        if (resolved.action === "choose another" && (await this.chooseAnother(attempt, context))) return undefined;
        if (resolved.action === "send") return undefined;
        holder = resolved.holder;
      } catch (unexpected) {
        // The decision itself failed: the note stays as if nothing had been decided.
        if (key !== undefined) recordFailure(notes, key, { ...failed, evidence: undefined });
        throw unexpected;
      }
      if (key !== undefined) recordFailure(notes, key, { ...failed, evidence: this.allowsDuplicates(planned) ? evidence : undefined });
      throw await this.explained(error, evidence, attempt.wanted, context, { key, holder });
    }
    // Where values or names cannot tell objects apart, the SID does.
    if (key !== undefined && (this.allowsDuplicates(planned) || this.definition.purchase))
      notes.write(key, { ...attempt.begun, sid: String(body.sid) } satisfies Note);
    return this.finish(body, attempt, context);
  }

  /** Sends the request. A purchase first looks for what was bought before, and only one process at a time does both. */
  private async firstRequest(attempt: Attempt, context: Context): Promise<{ existing: Bought } | { created: Body }> {
    const { wanted, begun, earlier, isUnresolved } = attempt;
    const { purchase } = this.definition;
    if (!purchase) return { created: await this.post(attempt, context) };
    return context.lock(purchase.lock(wanted, context), context.twilio.pause, async () => {
      const look = () => purchase.before(wanted, context, isUnresolved ? begun : earlier);
      const existing = await this.lookTwice(look, context);
      if (existing) return { existing };
      const created = await this.post(attempt, context);
      await purchase.verifyBought(created, wanted, begun, context);
      return { created };
    });
  }

  /** Objects with equal values are told apart by the time of their creation, so Twilio's time must be known before the first request. */
  private async learnClock(inputs: Props, context: Context): Promise<void> {
    const { twilio } = context;
    if (twilio.skewMs() !== undefined) return;
    const query = { ...this.definition.listQuery?.(twilio.accountSid), PageSize: "1" };
    const attempt = `Cannot read Twilio's time before ${this.label} is created`;
    const path = this.objects.collection(inputs, context);
    await twilio.send({ attempt, product: this.definition.product, method: "get", path, query });
  }

  private async finish(body: Body, { planned, wanted, begun, leavesOut }: Attempt, context: Context): Promise<ResourceState> {
    const { purchase } = this.definition;
    const id = this.objects.idOf(wanted, body);
    this.run.recordCreated(id);
    purchase?.record(body, planned, context, true);
    await purchase?.afterPurchase(body, planned, context);
    if (this.allowsDuplicates(planned) && !this.definition.findOwn) await this.doubles.report(body, planned, begun, context);
    try {
      const outputs = withCorrections(this.definition, await this.objects.outputsOf(wanted, body, context), wanted);
      // A purchase creates the object under another name first; the rest is done here.
      const changed = (purchase || leavesOut) && (await this.objects.converge(id, outputs, wanted, context, body));
      return { id, outputs: changed ? await this.objects.outputsOf(wanted, changed, context) : outputs };
    } catch (error) {
      const outputs = toOutputs(this.definition, wanted, body, context.twilio.accountSid);
      throw this.objects.partial({ id, outputs }, wanted, error as Error);
    }
  }

  /** Looks for the object, waits for it where the table says so, and takes it over where it is ours. */
  private async resolve(evidence: Evidence, inputs: Props, planned: Props, context: Context, circumstances: Circumstances) {
    const { note, mayArrive, isLastTry, error } = circumstances;
    const look = async () => (evidence === "refusal" ? ({ whose: "none" } as Found) : await this.find(inputs, context, note));
    const next = (found: Found, isWindowOpen: boolean): Action =>
      decide({ evidence, found: found.whose, allowsDuplicates: this.allowsDuplicates(inputs), isWindowOpen, isLastTry });
    const isWindowOpen = () => mayArrive && note?.key !== undefined && windowLeftMs(note, context.twilio) > 0;

    let found = await look();
    // A create without a note of its own cannot be recognized later, so waiting would show nothing.
    let action = next(found, isWindowOpen());
    if (action === "wait") {
      const seconds = Math.ceil(windowLeftMs(note, context.twilio) / 1000);
      context.log("info", `Twilio may still carry out an earlier create of this ${this.label}; looking for it for ${seconds} s.`);
      while (next(found, true) === "wait" && isWindowOpen()) {
        const left = windowLeftMs(note, context.twilio);
        if (!(await context.twilio.pause(Math.min(left, lookEveryMs)))) throw stillUnknown(this.label);
        found = await look();
      }
      action = next(found, false);
    }
    if (action === "send" && error instanceof Error) context.log("debug", `${error.message}\nTwilio did not create it; retrying.`);
    const body = found.body as Body;
    if (action !== "adopt") {
      const holder = body && context.holderOf(this.objects.idOf(inputs, body));
      return { action, found: undefined, holder };
    }
    const whose = found.whose === "adopted" ? "adopted" : "ours";
    if (whose === "ours" && (await discarded(this.definition, this.objects, body, this.objects.idOf(inputs, body), context)))
      return { action: isLastTry ? "fail" : "send", found: undefined, holder: undefined };
    return { action, found: await this.takeOver({ body, whose }, inputs, planned, context) };
  }

  /** What is in the place of this resource's object. */
  private async find(inputs: Props, context: Context, note: Note | undefined): Promise<Found> {
    const found = await this.lookTwice(() => this.lookup.findOwn(inputs, context, note), context);
    return found.body && !this.objects.isOne(found.body) ? { whose: "none" } : found;
  }

  /** A resource that the program declares later may have what carries the mark of this one; it shows that when the engine checks it. */
  private async lookTwice<T extends Partial<Found> | undefined>(look: () => Promise<T>, { account }: Context): Promise<T> {
    const first = await look();
    if (first?.whose !== "adopted") return first;
    await account.allChecked();
    return look();
  }

  private async takeOver({ body, whose }: Bought, inputs: Props, planned: Props, context: Context): Promise<ResourceState> {
    context.log(whose === "ours" ? "info" : "warn", takenOver(this.label, String(body.sid), whose, this.definition));
    this.definition.purchase?.record(body, planned, context, false);
    return this.adoption.takeOver(body, inputs, context, whose === "adopted" ? { [foundKey]: true } : {});
  }

  private async post(attempt: Attempt, context: Context): Promise<Body> {
    const inputs = attempt.wanted;
    const { product } = this.definition;
    const plainForm = createForm(this.definition, inputs);
    const form = this.definition.createForm?.(plainForm, inputs, context) ?? plainForm;
    attempt.leavesOut = Object.keys(plainForm).some((key) => !(key in form));
    const collection = this.objects.collection(inputs, context);
    const request = {
      attempt: `Cannot create ${this.label}`,
      product,
      method: "post",
      path: this.definition.createPath?.(collection) ?? collection,
      form,
      beforeSend: () => recordSent(attempt, context),
    } as const;
    const begunAt = Date.now();
    const body = (await context.twilio.send(request)) as Body;
    this.objects.verifyCreated(body, inputs, context, begunAt);
    return (await this.definition.afterCreate?.(body, inputs, context)) ?? body;
  }

  /** Whether there is something else to try, which is then the wanted. */
  private async chooseAnother(attempt: Attempt, context: Context): Promise<boolean> {
    attempt.refused.push(attempt.wanted);
    if (attempt.refused.length >= maxOffers) return false;
    const other = await this.definition.another?.(attempt.wanted, attempt.refused, context);
    if (other) attempt.wanted = other;
    return other !== undefined;
  }

  /** The error that the user sees: with the object that is in the way, or with what to do where nothing could ever be found. */
  private async explained(
    error: unknown,
    evidence: Evidence,
    inputs: Props,
    context: Context,
    { key, holder }: { readonly key: string | undefined; readonly holder: string | undefined },
  ): Promise<unknown> {
    if (!(error instanceof TwilioError)) return error;
    if (evidence === "conflict" && holder !== undefined) return error.explain(renameAdvice(holder));
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

const stillUnknown = (label: string) =>
  new UsageError(`Cannot create ${label}: it is not known yet whether Twilio carried out an earlier create. Run \`pulumi up\` again.`);
