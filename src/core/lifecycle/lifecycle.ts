import { operation } from "../process/operation";
import { TwilioError, UsageError } from "../twilio/errors";
import { findProblems } from "./check";
import { creation } from "./creation";
import type { Body, Context, Definition, Note, Problem, Props } from "./definition";
import { holdings } from "./holdings";
import { objects, parentOf, type ResourceState } from "./objects";
import { declaredParents, deletePolicy, get, isUnknown, parentProperty } from "./props";
import { differences, toInputs, toOutputs, toOutputsOfGet, toOutputsUnsent, topLevels } from "./wire";

/** The engine's question whether a resource changes, answered. */
export interface Difference {
  /** Properties by their top-level names; empty when nothing is to be done. */
  readonly changes: readonly string[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** What Pulumi asks of any resource, for any definition. Knows nothing of Pulumi's process, nor of the wire below {@link Context.twilio}. */
export interface Lifecycle {
  check(olds: Props, news: Props): Promise<{ inputs: Props; problems: Problem[] }>;
  diff(id: string, olds: Props, news: Props): Promise<Difference>;
  create(inputs: Props): Promise<ResourceState>;
  read(id: string, known: Props): Promise<{ outputs: Props; inputs: Props } | undefined>;
  update(id: string, olds: Props, news: Props): Promise<ResourceState>;
  delete(id: string, known: Props): Promise<void>;
}

/** The lifecycle of one definition. `open` connects on first use. */
export function lifecycle(definition: Definition, open: () => Promise<Context>): Lifecycle {
  const parent = parentProperty(definition);
  const held = holdings();
  /** What this run has read. */
  const read = new Set<string>();
  const kind = objects(definition);
  const { label, send, idWithin, isOne, outputsOf, converge } = kind;
  const { adopt, createNew } = creation(definition, kind, held);
  const turns = takingTurns();

  /** Carries out an operation, whose time begins with its turn. */
  const inTurn = <T>(key: string | false | undefined, task: () => Promise<T>): Promise<T> => turns(key || undefined, () => operation(task));

  /** Twilio also answers to names and, for the default service, to shorter paths; but what follows from an id follows from SIDs. */
  function canonical(id: string, body: Body): void {
    const whole = idWithin(parentOf(id).split("/").filter(Boolean), body);
    if (whole !== id) throw new UsageError(`${label}.get: ${JSON.stringify(id)} is not an id; write ${JSON.stringify(whole)}.`);
  }

  const sameAccount = (id: string, { accountSid }: Props, { account }: Context): void => account.verifyOwner(`${label} ${id}`, accountSid);

  /** The engine has it in its state: of its creation nothing needs to be remembered any more but whose it is. */
  function forgetNote(props: Props, { notes: memory }: Context): void {
    const key = definition.pendingCreateKey?.(props);
    if (key === undefined) return;
    const sid = memory.read<Note>(key)?.sid;
    if (sid !== undefined) held.recordSeen([...declaredParents(definition, props), sid].join("/"));
    memory.remove(key);
  }

  async function readOne(id: string, olds: Props): Promise<{ outputs: Props; inputs: Props } | undefined> {
    const context = await open();
    // A read with nothing known is the program's own `get`: there a wrong id is a mistake, not an absence.
    const isGet = olds.accountSid === undefined;
    const { accountSid } = context.twilio;
    if (!isGet) sameAccount(id, olds, context);
    held.recordSeen(id);
    read.add(id);
    const body = await send(context, "read", id);
    if (!body && isGet) throw new UsageError(`${label}.get: there is no ${label} ${JSON.stringify(id)} in account ${accountSid}.`);
    if (!body) return undefined;
    if (isGet) canonical(id, body);
    else if (!isOne(body)) throw new TwilioError(`Cannot read ${label} ${id}`, { status: 0, message: `the answer tells of no ${label}` });
    const whole = definition.complete ? await definition.complete(body, context) : body;
    const outputs = isGet
      ? toOutputsOfGet(definition, id, whole, accountSid)
      : toOutputs(definition, toInputs(definition, olds), whole, accountSid);
    return { outputs, inputs: toInputs(definition, outputs) };
  }

  return {
    async check(olds, news) {
      // First of all, since connecting is what tells the user which account this run is about.
      const context = await open();
      context.account.recordCheck();
      const found = findProblems(definition, news, olds);
      if (found.length > 0) return { inputs: news, problems: found };
      if (Object.keys(olds).length > 0) forgetNote({ ...olds, __urn: news.__urn }, context);
      const { __urn, ...rest } = news;
      const { resolveInputs: settle = async (props: Props) => props } = definition;
      try {
        const inputs = await operation(() => settle(definition.owned ? news : rest, olds, context));
        held.checked(olds, news, inputs);
        return { inputs, problems: [] };
      } catch (error) {
        if (error instanceof UsageError && error.property)
          return { inputs: news, problems: [{ property: error.property, reason: error.message }] };
        throw error;
      }
    },

    async diff(id, olds, declared) {
      const context = await open();
      sameAccount(id, olds, context);
      const news = definition.normalizeInputs?.(declared, olds) ?? declared;
      // Naming the default service where none was named is no move; only the id tells.
      const seen: Props = parent && news[parent] !== undefined && parentOf(id) ? { ...olds, [parent]: parentOf(id) } : olds;
      const changed = differences(definition, seen, news);
      const replaces = changed.filter((property) => {
        const field = definition.fields[property];
        return field?.parent || (field?.createOnly && !isUnknown(get(news, property)));
      });
      // A refresh compares what it has read with inputs that nobody has checked, and only looks.
      const isLook = read.has(id) && held.urnOf(declared) === undefined;
      if (changed.length > 0 && !isLook) {
        await operation(async () => definition.refuse?.({ definition, id, olds, news, changed, replaces }, context));
      }
      // So it does not say either that the program keeps it.
      if (isLook) held.recordSeen(id);
      else held.compared(id, declared, replaces.length > 0);
      const deleteBeforeReplace = replaces.length > 0 && definition.deleteBeforeReplace === true;
      return { changes: topLevels(changed), replaces: topLevels(replaces), deleteBeforeReplace };
    },

    async create(inputs) {
      const context = await open();
      await context.account.confirmed();
      return inTurn(definition.serial && declaredParents(definition, inputs).join("/"), () =>
        typeof inputs.adopt === "string" ? adopt(inputs.adopt, inputs, context) : createNew(inputs, context),
      );
    },

    read: (id, olds) => operation(() => readOne(id, olds)),

    async update(id, olds, declared) {
      const context = await open();
      sameAccount(id, olds, context);
      // What was adopted stays so, for that decides on its end, also when the program no longer says it.
      const news = { ...(definition.normalizeInputs?.(declared, olds) ?? declared), adopt: olds.adopt };
      return inTurn(definition.serial && parentOf(id), async () => {
        // An output that is missing was not to be had when the object was made.
        const isWhole = Object.keys(definition.outputs).every((output) => olds[output] !== undefined);
        const body = (await converge(id, olds, news, context)) ?? (isWhole ? undefined : await send(context, "read", id));
        return { id, outputs: body ? await outputsOf(news, body, context) : toOutputsUnsent(definition, olds, news) };
      });
    },

    async delete(id, olds) {
      const context = await open();
      sameAccount(id, olds, context);
      if (held.isRetained(id)) {
        context.log("info", `${label} ${id} is another resource's of this stack by now and stays.`, olds.__urn);
        return;
      }
      forgetNote(olds, context);
      if (deletePolicy(definition, olds) === "retain") {
        context.log("info", `${label} ${olds.phoneNumber ?? id} stays at Twilio, as onDelete: "retain" says.`, olds.__urn);
        return;
      }
      await inTurn(definition.serial && parentOf(id), async () => {
        if ((await definition.beforeDelete?.(id, olds, context)) !== "keep") await send(context, "delete", id);
      });
    },
  };
}

/** Runs tasks of one key one after the other, where Twilio cannot take two writes at once; tasks without a key run at once. */
function takingTurns() {
  const turns = new Map<string, Promise<unknown>>();
  return <T>(key: string | undefined, task: () => Promise<T>): Promise<T> => {
    if (!key) return task();
    const turn = (turns.get(key) ?? Promise.resolve()).then(task, task);
    turns.set(key, turn);
    return turn;
  };
}
