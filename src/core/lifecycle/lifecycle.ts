import type { EngineRequest } from "../process/engine-requests";
import { operation } from "../process/operation";
import { TwilioError, UsageError } from "../twilio/errors";
import type { Body } from "../twilio/twilio";
import { adoption } from "./adoption";
import { findProblems } from "./check";
import { creation } from "./creation";
import type { Context, Definition, Problem } from "./definition";
import { identityKey, runRegistry, withIdentity } from "./identity";
import { lookup } from "./lists";
import { objects, type ResourceState } from "./objects";
import { declaredParents, deletePolicy, parentProperty } from "./parents";
import { type Note, noteKeyOf } from "./pending-create";
import { type Props, parentIdOf, topLevels } from "./props";
import { singleton } from "./singleton";
import { differences, formerKey, replacements, toInputs, toOutputs, toOutputsOfGet, toOutputsUnsent } from "./wire";

/** The answer to the engine's question whether a resource changes. */
export interface Difference {
  /** Properties by their top-level names; empty when there is nothing to do. */
  readonly changes: readonly string[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** What Pulumi asks of any resource, for any definition. Knows neither Pulumi's process nor how requests travel. */
export interface Lifecycle {
  check(olds: Props, news: Props): Promise<{ inputs: Props; problems: Problem[] }>;
  diff(id: string, olds: Props, news: Props): Promise<Difference>;
  create(inputs: Props): Promise<ResourceState>;
  read(id: string, known: Props): Promise<{ outputs: Props; inputs: Props } | undefined>;
  update(id: string, olds: Props, news: Props): Promise<ResourceState>;
  delete(id: string, known: Props): Promise<void>;
}

/** What a run lends to all resources. */
export interface Run extends Pick<Context, "twilio" | "notes" | "account"> {
  log(severity: "info" | "warn" | "debug", message: string, urn?: string): void;
  /** The engine's last request about an object, where it can be had. */
  requestAbout?(id: string): EngineRequest | undefined;
}

/** The lifecycle of one definition. `open` connects on first use. */
export function lifecycle(definition: Definition, open: () => Promise<Run>): Lifecycle {
  const parent = parentProperty(definition);
  const run = runRegistry();
  /** The objects that this run has read. */
  const read = new Set<string>();
  const kind = objects(definition);
  const { label, send, idWithin, isOne, outputsOf, converge } = kind;
  const lookups = lookup(definition, kind, run);
  const adopting = adoption(definition, kind, lookups, run);
  const { createNew } = creation(definition, kind, lookups, adopting, run);
  const one = definition.singleton && singleton(definition, kind);
  const turns = takingTurns();

  /** The run's services, bound to one resource. */
  async function contextOf(urn: unknown, id = ""): Promise<Context> {
    const { twilio, notes, account, log, requestAbout } = await open();
    // A state of an earlier release holds the URN that the resource had when it was last updated, which an alias may have changed since.
    const known = requestAbout?.(id)?.urn ?? (typeof urn === "string" ? urn : undefined);
    return { twilio, notes, account, urn: known, log: (severity, message) => log(severity, message, known) };
  }

  /** Carries out an operation, whose time begins with its turn. */
  const inTurn = <T>(key: string, task: () => Promise<T>): Promise<T> => turns(definition.serialized ? key : "", () => operation(task));

  const verifyAccount = (id: string, { accountSid }: Props, { account }: Context): void =>
    account.verifyOwner(`${label} ${id}`, accountSid);

  /** The engine has the object in its state: of its creation only the SID is still needed. */
  function forgetNote(props: Props, { notes, urn }: Context): void {
    const key = noteKeyOf(definition, props, urn);
    const note = key === undefined ? undefined : notes.read<Note>(key);
    if (key === undefined || note === undefined) return;
    if (note.sid !== undefined) run.recordSeen([...declaredParents(definition, props), note.sid].join("/"));
    notes.remove(key);
  }

  async function readOne(id: string, olds: Props): Promise<{ outputs: Props; inputs: Props } | undefined> {
    const context = await contextOf(olds.__urn, id);
    // A read with nothing known is the program's own `get`: there, a wrong id is a mistake and not an absence.
    const isGet = olds.accountSid === undefined;
    const { accountSid } = context.twilio;
    if (!isGet) verifyAccount(id, olds, context);
    run.recordSeen(id);
    read.add(id);
    const body = await send(context, "read", id);
    if (!body && isGet) throw new UsageError(`${label}.get: account ${accountSid} has no ${label} ${JSON.stringify(id)}.`);
    if (!body) return undefined;
    if (isGet) refuseOtherSpelling(id, body);
    else if (!isOne(body))
      throw new TwilioError(`Cannot read ${label} ${id}`, { status: 0, message: `the response is not about a ${label}` });
    const complete = definition.complete ? await definition.complete(body, context) : body;
    const outputs = isGet
      ? toOutputsOfGet(definition, id, complete, accountSid)
      : toOutputs(definition, toInputs(definition, olds), complete, accountSid);
    const former = olds[formerKey] === undefined ? {} : { [formerKey]: olds[formerKey] };
    const identity = (await open()).requestAbout?.(id)?.identity;
    const inputs = { ...toInputs(definition, outputs), ...(identity === undefined ? {} : { [identityKey]: identity }) };
    return { outputs: { ...outputs, ...former }, inputs };
  }

  /** Twilio also accepts names and, for the default service, shorter paths; but what follows from an id follows from SIDs. */
  function refuseOtherSpelling(id: string, body: Body): void {
    const parents = definition.singleton ? (parent ? id : "") : parentIdOf(id);
    const canonical = idWithin(parents.split("/").filter(Boolean), body);
    if (canonical !== id) throw new UsageError(`${label}.get: ${JSON.stringify(id)} is not an id; write ${JSON.stringify(canonical)}.`);
  }

  return {
    async check(olds, news) {
      // First, because connecting is what shows the user which account this run is about.
      const context = await contextOf(news.__urn);
      context.account.recordCheck();
      run.recordCheck(context.urn, olds);
      const problems = findProblems(definition, news, olds);
      if (problems.length > 0) return { inputs: news, problems };
      if (Object.keys(olds).length > 0) forgetNote(olds, context);
      const given = withIdentity(news);
      try {
        return { inputs: await operation(async () => (await definition.resolveInputs?.(given, olds, context)) ?? given), problems: [] };
      } catch (error) {
        if (error instanceof UsageError && error.property)
          return { inputs: news, problems: [{ property: error.property, reason: error.message }] };
        throw error;
      }
    },

    async diff(id, olds, declared) {
      const urn = run.urnOf(declared);
      const context = await contextOf(urn, id);
      verifyAccount(id, olds, context);
      const news = definition.normalizeInputs?.(declared, olds, urn) ?? declared;
      // To name the default service where none was named is not a move; only the id shows that.
      const seen: Props = parent && news[parent] !== undefined && parentIdOf(id) ? { ...olds, [parent]: parentIdOf(id) } : olds;
      const changed = differences(definition, seen, news);
      const replaces = replacements(definition, changed, seen, news);
      // A refresh compares what it has read with inputs that the engine has not checked, and changes nothing.
      const isRefresh = read.has(id) && !run.wasChecked(declared);
      if (changed.length > 0 && !isRefresh) {
        await operation(async () => definition.refuse?.({ definition, id, olds, news, changed, replaces }, context));
      }
      if (isRefresh) run.recordSeen(id);
      else run.recordComparison(id, declared, replaces.length > 0);
      const deleteBeforeReplace = replaces.length > 0 && definition.deleteBeforeReplace === true;
      return { changes: topLevels(changed), replaces: topLevels(replaces), deleteBeforeReplace };
    },

    async create(inputs) {
      const context = await contextOf(run.urnOf(inputs));
      await context.account.confirmed();
      return inTurn(declaredParents(definition, inputs).join("/"), () => {
        if (one) return one.begin(inputs, context);
        return typeof inputs.adopt === "string" ? adopting.adopt(inputs.adopt, inputs, context) : createNew(inputs, context);
      });
    },

    read: (id, olds) => operation(() => readOne(id, olds)),

    async update(id, olds, declared) {
      const urn = run.urnOf(declared);
      const context = await contextOf(urn, id);
      verifyAccount(id, olds, context);
      // An adopted object stays adopted, also when the program no longer says so: that decides what its end is.
      const news = { ...(definition.normalizeInputs?.(declared, olds, urn) ?? declared), adopt: olds.adopt };
      return inTurn(parentIdOf(id), async () => {
        // An output that is missing was not available when the object was created.
        const isComplete = Object.entries(definition.outputs).every(
          ([output, from]) => typeof from !== "string" || olds[output] !== undefined,
        );
        const target = one ? one.withFormer(olds, news) : news;
        const body = (await converge(id, olds, target, context)) ?? (isComplete ? undefined : await send(context, "read", id));
        const outputs = body ? await outputsOf(news, body, context) : toOutputsUnsent(definition, olds, news);
        return { id, outputs: one ? { ...outputs, [formerKey]: olds[formerKey] } : outputs };
      });
    },

    async delete(id, olds) {
      const context = await contextOf(olds.__urn, id);
      verifyAccount(id, olds, context);
      if (run.isRetained(id)) {
        context.log("info", `${label} ${id} now belongs to another resource of this stack and is not deleted.`);
        return;
      }
      forgetNote(olds, context);
      if (deletePolicy(definition, olds) === "retain") {
        const reason =
          olds.onDelete === "retain"
            ? 'onDelete: "retain"'
            : olds.adopt === undefined
              ? 'onDelete: "retain", the default'
              : "it was adopted";
        context.log("info", `${label} ${olds.phoneNumber ?? id} stays at Twilio: ${reason}.`);
        return;
      }
      await inTurn(parentIdOf(id), async () => {
        if (one) await one.restore(id, olds, context);
        else if ((await definition.beforeDelete?.(id, olds, context)) !== "keep") await send(context, "delete", id);
      });
    },
  };
}

/** Runs tasks of one key one after the other, where Twilio refuses two writes at once; tasks with an empty key run at once. */
function takingTurns() {
  const turns = new Map<string, Promise<unknown>>();
  return <T>(key: string, task: () => Promise<T>): Promise<T> => {
    if (key === "") return task();
    const turn = (turns.get(key) ?? Promise.resolve()).then(task, task);
    turns.set(key, turn);
    return turn;
  };
}
