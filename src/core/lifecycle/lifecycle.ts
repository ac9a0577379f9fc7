import { operation } from "../process/operation";
import { UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import { type Adoption, adoption } from "./adoption";
import { announceChange, announcement } from "./announcement";
import { findProblems } from "./check";
import { asCorrected } from "./corrected";
import { Creation } from "./creation";
import type { Context, Definition, Problem } from "./definition";
import { identityKey, type ProgramRun, runKey, withIdentity } from "./identity";
import { type KindRun, kindRun } from "./kind-run";
import { Lookup } from "./lists";
import { missingValues } from "./missing-values";
import type { Note } from "./note";
import { type Objects, objects, type ResourceState } from "./objects";
import { type CheckOptions, changesOf, type Difference, type Lifecycle } from "./operations";
import { holders } from "./ownership";
import { declaredParents, deletePolicy, parentProperty, whyRetained } from "./parents";
import { noteKeyOf } from "./pending-create";
import { PendingDelete } from "./pending-delete";
import { missingReferences, recordOwn } from "./preview-lookups";
import { foundKey, type Props, parentIdOf, partialKey, same, topLevels } from "./props";
import type { Run } from "./run";
import { withSeals } from "./sealed";
import { formerNoteKey, type Singleton, singleton } from "./singleton";
import {
  carriedOver,
  differences,
  formerKey,
  replacements,
  toInputs,
  toOutputs,
  toOutputsOfGet,
  toOutputsSent,
  toOutputsUnsent,
  withKnownSecrets,
} from "./wire";

/** The lifecycle of one definition. `open` connects on first use. */
export class ResourceLifecycle implements Lifecycle {
  private readonly parent: string | undefined;
  protected readonly run: KindRun["registry"];
  /** The objects that this run has read. */
  private readonly wasRead = new Set<string>();
  protected readonly objects: Objects;
  protected readonly lookup: Lookup;
  private readonly announce: ReturnType<typeof announcement>;
  private readonly findMissing: ReturnType<typeof missingReferences>;
  private readonly adoption: Adoption;
  private readonly creation: Creation;
  private readonly singleton: Singleton | undefined;
  protected readonly deletion: PendingDelete;
  private readonly turns: KindRun["turns"];
  /** What the program says of the run, with each check. */
  private program: ProgramRun = {};

  constructor(
    protected readonly definition: Definition,
    private readonly open: () => Promise<Run>,
    { registry, turns }: KindRun = kindRun(),
  ) {
    this.run = registry;
    this.turns = turns;
    this.parent = parentProperty(definition);
    this.objects = objects(definition);
    this.lookup = new Lookup(definition, this.objects, this.run);
    const { lookup } = this;
    this.adoption = adoption(definition, this.objects, lookup, this.run);
    this.creation = new Creation(definition, this.objects, lookup, this.adoption, this.run);
    this.announce = announcement(definition, this.objects, lookup, this.run);
    this.findMissing = missingReferences(definition, lookup);
    this.singleton = definition.singleton && singleton(definition, this.objects, this.run);
    this.deletion = new PendingDelete(definition, this.objects);
  }

  async check(olds: Props, news: Props, { isSilent = false }: CheckOptions = {}): Promise<{ inputs: Props; problems: Problem[] }> {
    this.program = (news[runKey] ?? {}) as ProgramRun;
    // Before any problem, because connecting is what shows the user which account this run is about.
    const context = await this.contextOf(news.__urn);
    context.account.recordCheck();
    this.run.recordCheck(context.urn, olds);
    const missing = missingValues(news);
    const problems = missing.length > 0 ? missing : findProblems(this.definition, news, olds);
    if (problems.length > 0) return { inputs: news, problems };
    if (Object.keys(olds).length > 0) this.forgetNote(olds, context);
    const unmet = (await this.open()).previewLookups ? await this.findMissing({ olds, news }, context) : [];
    if (unmet.length > 0) return { inputs: news, problems: unmet };
    const given = withSeals(this.definition, withIdentity(news), olds, context.urn);
    if (this.program.isPreview && !isSilent) await this.announce(olds, given, context);
    try {
      const inputs = await operation(async () => (await this.definition.resolveInputs?.(given, olds, context)) ?? given);
      recordOwn(this.definition, inputs, context);
      return { inputs, problems: [] };
    } catch (error) {
      if (error instanceof UsageError && error.property)
        return { inputs: news, problems: [{ property: error.property, reason: error.message }] };
      throw error;
    }
  }

  async diff(id: string, olds: Props, declared: Props): Promise<Difference> {
    const { definition, run } = this;
    const urn = run.urnOf(declared);
    const context = await this.contextOf(urn, id);
    this.verifyAccount(id, olds, context);
    if (this.singleton && olds[formerKey] !== undefined) context.notes.remove(formerNoteKey(definition, id));
    // A refresh compares what it has read with inputs that the engine has not checked, and changes nothing.
    const isRefresh = this.wasRead.has(id) && !run.wasChecked(declared);
    const left = isRefresh ? undefined : await operation(() => this.deletion.leftOf(id, olds, context));
    if (left === "gone") return this.replaceGone(id, declared, context);
    const news = definition.normalizeInputs?.(declared, olds, context) ?? declared;
    const live = this.deletion.withLeft(id, olds);
    // To name the default service where none was named is not a move; only the id shows that.
    const namesParent = this.parent !== undefined && news[this.parent] !== undefined && parentIdOf(id) !== "";
    const seen: Props = namesParent ? { ...live, [this.parent as string]: parentIdOf(id) } : live;
    const changed = differences(definition, seen, news);
    // To declare `adopt` for an object that was found is to take full ownership of it.
    if (olds[foundKey] && news.adopt !== undefined) changed.push("adopt");
    const replaces = replacements(definition, changed, seen, news);
    if (changed.length > 0 && !isRefresh) {
      await operation(async () => definition.refuse?.({ definition, id, olds, news, changed, replaces }, context));
    }
    if (this.program.isPreview && !isRefresh)
      await announceChange(definition, this.objects, { id, changed, replaces, olds, declared, news }, context);
    if (isRefresh) run.recordSeen(id);
    else run.recordComparison(id, declared, replaces.length > 0);
    const deleteBeforeReplace = replaces.length > 0 && definition.deleteBeforeReplace === true;
    const isAtTwilio = (left !== undefined || olds[partialKey] !== undefined) && changed.length > 0;
    const changes = { changes: topLevels(changed), values: changesOf(changed, seen, news) };
    return { ...changes, replaces: topLevels(replaces), deleteBeforeReplace, ...(isAtTwilio ? { isAtTwilio } : {}) };
  }

  /** A delete that the engine did not record: the resource is created again. */
  private replaceGone(id: string, declared: Props, context: Context): Difference {
    this.definition.purchase?.recordGone(context);
    context.log("info", `${this.objects.label} ${id} was deleted by an interrupted run and is created again.`);
    this.run.recordComparison(id, declared, true);
    return { changes: ["sid"], values: [], replaces: ["sid"], deleteBeforeReplace: true, isAtTwilio: true };
  }

  async create(inputs: Props): Promise<ResourceState> {
    const context = await this.contextOf(this.run.urnOf(inputs));
    await context.account.confirmed();
    const created = await this.inTurn(declaredParents(this.definition, inputs).join("/"), async () => {
      if (this.singleton) return this.singleton.begin(inputs, context);
      return typeof inputs.adopt === "string"
        ? this.adoption.adopt(inputs.adopt, inputs, context)
        : this.creation.createNew(inputs, context);
    });
    // A number that left a messaging service and joins it again has the same id.
    this.deletion.settled(created.id, context);
    recordOwn(this.definition, created.outputs, context, created.id);
    return created;
  }

  read(id: string, olds: Props): Promise<{ outputs: Props; inputs?: Props } | undefined> {
    return operation(() => this.readOne(id, olds));
  }

  async update(id: string, olds: Props, declared: Props): Promise<ResourceState> {
    const { definition, singleton } = this;
    const urn = this.run.urnOf(declared);
    const context = await this.contextOf(urn, id);
    this.verifyAccount(id, olds, context);
    // An adopted object stays adopted, also when the program no longer says so: that decides what its end is.
    const normal = definition.normalizeInputs?.(declared, olds, context) ?? declared;
    const isTakenOver = olds[foundKey] !== undefined && normal.adopt !== undefined;
    const news = { ...normal, adopt: isTakenOver ? normal.adopt : olds.adopt };
    return this.inTurn(parentIdOf(id), async () => {
      // An output that is missing was not available when the object was created.
      const isComplete = Object.entries(definition.outputs).every(
        ([output, from]) => typeof from !== "string" || olds[output] !== undefined || definition.secretOutputs?.includes(output),
      );
      const target = singleton ? singleton.withFormer(olds, news, context) : news;
      const known = this.deletion.withLeft(id, olds);
      const changed = await this.objects.converge(id, known, target, context);
      this.deletion.settled(id, context);
      const body = changed ?? (isComplete ? undefined : await this.objects.send(context, "read", id));
      const outputs = body
        ? toOutputsSent(definition, await this.objects.outputsOf(news, body, context), known, news)
        : toOutputsUnsent(definition, olds, news);
      const kept = carriedOver(olds);
      if (isTakenOver) delete kept[foundKey];
      delete kept[partialKey];
      const { [foundKey]: _found, [partialKey]: _partial, ...shown } = outputs;
      return { id, outputs: withKnownSecrets(definition, { ...shown, ...kept }, olds) };
    });
  }

  async delete(id: string, olds: Props): Promise<void> {
    const { label, send } = this.objects;
    const context = await this.contextOf(undefined, id, olds.__urn);
    this.verifyAccount(id, olds, context);
    if (this.run.isRetained(id)) {
      context.log("info", `${label} ${id} now belongs to another resource of this stack and is not deleted.`);
      return;
    }
    this.forgetNote(olds, context);
    if (this.deletion.isGone(id)) return;
    if (deletePolicy(this.definition, olds) === "retain") {
      this.definition.purchase?.recordRetained(id, context);
      context.log("info", `${label} ${olds.phoneNumber ?? id} stays at Twilio: ${whyRetained(olds)}.`);
      return;
    }
    await this.inTurn(parentIdOf(id), () =>
      this.deletion.noted(id, context, async (noted) => {
        if (this.singleton) await this.singleton.restore(id, olds, noted);
        else if ((await this.beforeDelete(id, olds, noted)) !== "keep") await send(noted, "delete", id);
      }),
    );
  }

  protected async beforeDelete(id: string, olds: Props, context: Context): Promise<"keep" | undefined> {
    return this.definition.beforeDelete?.(id, olds, context);
  }

  private async readOne(id: string, olds: Props): Promise<{ outputs: Props; inputs?: Props } | undefined> {
    const { definition } = this;
    const { label, send, readAmong } = this.objects;
    const context = await this.contextOf(undefined, id, olds.__urn);
    // A read with nothing known is the program's own `get`: there, a wrong id is a mistake and not an absence.
    const isGet = olds.accountSid === undefined;
    const { accountSid } = context.twilio;
    if (!isGet) this.verifyAccount(id, olds, context);
    this.run.recordSeen(id);
    this.wasRead.add(id);
    const { missing } = await this.open();
    const recordEnd = missing.recordRead();
    const body = await (isGet ? send(context, "read", id) : readAmong(context, id, olds)).finally(recordEnd);
    if (body) missing.recordFound();
    if (!body && isGet) throw new UsageError(`${label}.get: account ${accountSid} has no ${label} ${JSON.stringify(id)}.`);
    if (!body) {
      await missing.confirmGone(id);
      return undefined;
    }
    if (isGet) this.refuseOtherSpelling(id, body);
    const complete = definition.complete ? await definition.complete(body, context) : body;
    if (isGet) {
      const outputs = toOutputsOfGet(definition, id, complete, accountSid);
      return { outputs, inputs: toInputs(definition, outputs) };
    }
    const before = toInputs(definition, olds);
    const found = asCorrected(toOutputs(definition, before, complete, accountSid), olds);
    const outputs = withKnownSecrets(definition, { ...found, ...carriedOver(olds) }, olds);
    const inputs = toInputs(definition, found);
    return same(inputs, before) ? { outputs } : { outputs, inputs: { ...inputs, ...(await this.identityOf(id)) } };
  }

  /** The identity in the inputs that the engine has, which the outputs do not repeat. */
  private async identityOf(id: string): Promise<Props> {
    const identity = (await this.open()).requestAbout?.(id)?.identity;
    return identity === undefined ? {} : { [identityKey]: identity };
  }

  /** Twilio also accepts names and, for the default service, shorter paths; but what follows from an id follows from SIDs. */
  private refuseOtherSpelling(id: string, body: Body): void {
    const { label, idWithin } = this.objects;
    const parents = this.definition.singleton ? (this.parent ? id : "") : parentIdOf(id);
    const canonical = idWithin(parents.split("/").filter(Boolean), body);
    if (canonical !== id) throw new UsageError(`${label}.get: ${JSON.stringify(id)} is not an id; write ${JSON.stringify(canonical)}.`);
  }

  /** The run's services, bound to one resource. */
  protected async contextOf(urn: unknown, id = "", recorded?: unknown): Promise<Context> {
    const { twilio, notes, account, recordDone, lock, log, requestAbout, holderInBackend, placeOf } = await this.open();
    // `recorded`: a state of an earlier release holds the URN of the resource's last update, which an alias may have changed since.
    const known = [urn, requestAbout?.(id)?.urn, recorded].find((one) => typeof one === "string") as string | undefined;
    const held = holders(known, this.run, account, holderInBackend);
    const write = (severity: "info" | "warn" | "debug", message: string) => log(severity, message, known);
    return { twilio, notes, account, recordDone, lock, urn: known, place: placeOf(this.program.organization), ...held, log: write };
  }

  /** Carries out an operation, whose time begins with its turn. */
  private inTurn<T>(key: string, task: () => Promise<T>): Promise<T> {
    return this.turns(this.definition.serialized ? key : "", () => operation(task));
  }

  protected verifyAccount(id: string, { accountSid }: Props, { account }: Context): void {
    account.verifyOwner(`${this.objects.label} ${id}`, accountSid);
  }

  /** The engine has the object in its state: of its creation only the SID is still needed. */
  private forgetNote(props: Props, { notes, urn }: Context): void {
    const key = noteKeyOf(this.definition, props, urn);
    const note = key === undefined ? undefined : notes.read<Note>(key);
    if (key === undefined || note === undefined) return;
    if (note.sid !== undefined) this.run.recordSeen([...declaredParents(this.definition, props), note.sid].join("/"));
    notes.remove(key);
  }
}
