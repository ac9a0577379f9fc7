import { noun, problems } from "./check";
import type { Body, Context, Definition, Note, Problem, Props } from "./definition";
import { TwilioError, UsageError } from "./errors";
import type { Memory } from "./memory";
import { declaredParents, get, isUnknown, parentProperty } from "./props";
import { changedForm, createForm, differences, fromBody, toInputs, toOutputs, toOutputsOfGet, toOutputsUnsent, topLevels } from "./wire";

/** A resource as the engine keeps it: its id and what is known of it. */
export interface Kept {
  readonly id: string;
  readonly outputs: Props;
}

/** The engine's question whether a resource changes, answered. */
export interface Difference {
  /** Properties by their top-level names; empty when nothing is to be done. */
  readonly changes: readonly string[];
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** An object was made, but not all of it: the engine must keep it and try the rest again. */
export class PartialFailure extends Error {
  override readonly name = "PartialFailure";

  constructor(
    readonly kept: Kept,
    override readonly cause: Error,
  ) {
    super(cause.message);
  }
}

/** What Pulumi asks of any resource, for any definition. Knows nothing of Pulumi's process, nor of the wire below {@link Context.twilio}. */
export interface Lifecycle {
  check(olds: Props, news: Props): Promise<{ inputs: Props; problems: Problem[] }>;
  diff(id: string, olds: Props, news: Props): Promise<Difference>;
  create(inputs: Props): Promise<Kept>;
  read(id: string, known: Props): Promise<{ outputs: Props; inputs: Props } | undefined>;
  update(id: string, olds: Props, news: Props): Promise<Kept>;
  delete(id: string, known: Props): Promise<void>;
}

const lastSid = (id: string) => id.slice(id.lastIndexOf("/") + 1);
const parentOf = (id: string) => id.slice(0, Math.max(0, id.lastIndexOf("/")));

/** The lifecycle of one definition. `open` connects on first use. */
export function lifecycle(definition: Definition, open: () => Promise<Context>, memory: Memory): Lifecycle {
  const label = noun(definition);
  const parent = parentProperty(definition);
  const inTurn = takingTurns();

  function collection(inputs: Props, context: Context): string {
    return definition.path(declaredParents(definition, inputs), context.twilio.accountSid) + (definition.suffix ?? "");
  }

  function item(id: string, context: Context): string {
    const parents = parentOf(id).split("/").filter(Boolean);
    return `${definition.path(parents, context.twilio.accountSid)}/${encodeURIComponent(lastSid(id))}${definition.suffix ?? ""}`;
  }

  function send(context: Context, verb: "read" | "update" | "delete", id: string, form?: Record<string, string | string[]>) {
    const method = ({ read: "get", update: "post", delete: "delete" } as const)[verb];
    const request = { attempt: `Cannot ${verb} ${label} ${id}`, product: definition.product, method, path: item(id, context) };
    return context.twilio.send(form ? { ...request, form } : request);
  }

  async function outputsOf(inputs: Props, body: Body, context: Context): Promise<Props> {
    const whole = definition.complete ? await definition.complete(body, context) : body;
    return toOutputs(definition, inputs, whole, context.twilio.accountSid);
  }

  /** Whether an answer is about an object of this kind: in a path, the name `..` means something else. */
  const isOne = ({ sid }: Body) => String(sid).startsWith(definition.sid);

  function idOf(inputs: Props, body: Body): string {
    const parents = declaredParents(definition, inputs);
    return [...(definition.parentsOf?.(body, parents) ?? parents), String(body.sid)].join("/");
  }

  /** Sends what differs, and nothing when nothing does. JSON is merged into what is there, so it is read first if it is not at hand. */
  async function converge(id: string, olds: Props, news: Props, context: Context, live?: Body): Promise<Body | undefined> {
    const changed = differences(definition, olds, news);
    const merges = changed.some((property) => definition.fields[property]?.shape === "json");
    const before = live ?? (merges ? await send(context, "read", id) : undefined);
    const form = changedForm(definition, changed, olds, news, before);
    if (Object.keys(form).length === 0) return undefined;
    try {
      return await send(context, "update", id, form);
    } catch (error) {
      if (!isUnclear(error)) throw error;
      // It may have been done, and doing it again may be refused (a conversation that is closed now): what Twilio holds decides.
      const now = await send(context, "read", id);
      if (!now) throw error;
      const unseen = changed.filter((property) => definition.fields[property]?.from === false);
      const left = differences(definition, toOutputs(definition, news, now, context.twilio.accountSid), news);
      return left.length + unseen.length === 0 ? now : send(context, "update", id, form);
    }
  }

  /** Brings an object that is there already to what the program declares. */
  async function takeOver(body: Body, inputs: Props, context: Context): Promise<Kept> {
    const id = idOf(inputs, body);
    const found = await outputsOf(inputs, body, context);
    try {
      const changed = await converge(id, found, inputs, context, body);
      return { id, outputs: changed ? await outputsOf(inputs, changed, context) : found };
    } catch (error) {
      throw new PartialFailure({ id, outputs: found }, error as Error);
    }
  }

  async function adopt(key: string, inputs: Props, context: Context): Promise<Kept> {
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

  async function createNew(inputs: Props, context: Context): Promise<Kept> {
    const key = definition.noteKey?.(inputs);
    const note = key === undefined ? undefined : memory.recall<Note>(key);
    const lost = note && (await findLost(inputs, context, note));
    if (lost) return lost;
    const begun: Note = { at: new Date().toISOString() };
    if (key !== undefined) memory.remember(key, begun);
    let body: Body | undefined;
    for (let tries = 1; body === undefined; tries += 1) {
      try {
        body = definition.create ? await definition.create(inputs, context) : await post(inputs, context);
      } catch (error) {
        // A conflict, or an answer that never came: what we want to make may be there, made by this run or by an interrupted one.
        const unclear = isUnclear(error);
        const conflict = error instanceof TwilioError && error.status === 409;
        const found = unclear || conflict ? await findLost(inputs, context, unclear ? begun : note) : undefined;
        if (found) return found;
        // Twilio refused, so there is nothing to look for later.
        if (!unclear && key !== undefined) memory.forget(key);
        // It is not there, so it may be sent again; unless it may still arrive and Twilio would take both.
        if (!unclear || definition.twins || tries === 3) throw error;
      }
    }
    if (key !== undefined) memory.remember(key, { ...begun, sid: String(body.sid) } satisfies Note);
    const id = idOf(inputs, body);
    try {
      const outputs = await outputsOf(inputs, body, context);
      // A definition's own create may make the object under another name first; what is left to do is done here.
      const changed = definition.create && (await converge(id, outputs, inputs, context, body));
      return { id, outputs: changed ? await outputsOf(inputs, changed, context) : outputs };
    } catch (error) {
      throw new PartialFailure({ id, outputs: toOutputs(definition, inputs, body, context.twilio.accountSid) }, error as Error);
    }
  }

  async function post(inputs: Props, context: Context): Promise<Body> {
    const { product } = definition;
    const form = createForm(definition, inputs);
    const request = { attempt: `Cannot create ${label}`, product, method: "post", path: collection(inputs, context), form } as const;
    return (await context.twilio.send(request)) as Body;
  }

  async function findLost(inputs: Props, context: Context, note: Note | undefined): Promise<Kept | undefined> {
    const body = await definition.findLost?.(inputs, context, note);
    if (!body || !isOne(body)) return undefined;
    context.log("info", `${label} ${body.sid} was made by an interrupted run; it is taken over.`, inputs.__urn);
    return takeOver(body, inputs, context);
  }

  /** Twilio also answers to names and, for the default service, to shorter paths; but what follows from an id follows from SIDs. */
  function canonical(id: string, body: Body): void {
    const parents = parentOf(id).split("/").filter(Boolean);
    const whole = [...(definition.parentsOf?.(body, parents) ?? parents), String(body.sid)].join("/");
    if (whole !== id) throw new UsageError(`${label}.get: ${JSON.stringify(id)} is not an id; write ${JSON.stringify(whole)}.`);
  }

  function sameAccount(id: string, known: Props, context: Context): void {
    const { accountSid } = context.twilio;
    if (typeof known.accountSid === "string" && known.accountSid !== accountSid) {
      throw new UsageError(
        `${label} ${id} belongs to account ${known.accountSid}, but the credentials are those of account ${accountSid}. ` +
          "Nothing was changed. Use the account of this stack, or another stack for the other account.",
      );
    }
  }

  return {
    async check(olds, news) {
      // First of all, since connecting is what tells the user which account this run is about.
      const context = await open();
      const found = problems(definition, news, olds);
      if (found.length > 0) return { inputs: news, problems: found };
      const key = Object.keys(olds).length > 0 ? definition.noteKey?.(olds) : undefined;
      if (key !== undefined) memory.forget(key);
      if (!definition.settle) return { inputs: news, problems: [] };
      try {
        return { inputs: await definition.settle(news, olds, context), problems: [] };
      } catch (error) {
        if (error instanceof UsageError && error.property)
          return { inputs: news, problems: [{ property: error.property, reason: error.message }] };
        throw error;
      }
    },

    async diff(id, olds, declared) {
      const context = await open();
      sameAccount(id, olds, context);
      const news = definition.align?.(declared, olds) ?? declared;
      // Naming the default service where none was named is no move; only the id tells.
      const seen: Props = parent && news[parent] !== undefined && parentOf(id) ? { ...olds, [parent]: parentOf(id) } : olds;
      const changed = differences(definition, seen, news);
      const replaces = changed.filter((property) => {
        const field = definition.fields[property];
        return field?.parent || (field?.createOnly && !isUnknown(get(news, property)));
      });
      if (changed.length > 0) await definition.refuse?.({ id, olds, news, changed, replaces }, context);
      const deleteBeforeReplace = replaces.length > 0 && definition.deleteBeforeReplace === true;
      return { changes: topLevels(changed), replaces: topLevels(replaces), deleteBeforeReplace };
    },

    async create(inputs) {
      const context = await open();
      return inTurn(definition.serial && declaredParents(definition, inputs).join("/"), () =>
        typeof inputs.adopt === "string" ? adopt(inputs.adopt, inputs, context) : createNew(inputs, context),
      );
    },

    async read(id, known) {
      const context = await open();
      // A read with nothing known is the program's own `get`: there a wrong id is a mistake, not an absence.
      const isGet = known.accountSid === undefined;
      const { accountSid } = context.twilio;
      if (!isGet) sameAccount(id, known, context);
      const body = await send(context, "read", id);
      if (!body && isGet) throw new UsageError(`${label}.get: there is no ${label} ${JSON.stringify(id)} in account ${accountSid}.`);
      if (!body) return undefined;
      if (isGet) canonical(id, body);
      const whole = definition.complete ? await definition.complete(body, context) : body;
      const outputs = isGet
        ? toOutputsOfGet(definition, id, whole, accountSid)
        : toOutputs(definition, toInputs(definition, known), whole, accountSid);
      return { outputs, inputs: toInputs(definition, outputs) };
    },

    async update(id, olds, declared) {
      const context = await open();
      sameAccount(id, olds, context);
      // What was adopted stays so, for that decides on its end, also when the program no longer says it.
      const news = { ...(definition.align?.(declared, olds) ?? declared), adopt: olds.adopt };
      const body = await inTurn(definition.serial && parentOf(id), () => converge(id, olds, news, context));
      return { id, outputs: body ? await outputsOf(news, body, context) : toOutputsUnsent(definition, olds, news) };
    },

    async delete(id, known) {
      const context = await open();
      sameAccount(id, known, context);
      const key = definition.noteKey?.(known);
      if (key !== undefined) memory.forget(key);
      const wish = known.onDelete ?? (definition.precious || known.adopt !== undefined ? "retain" : "delete");
      if (wish === "retain") {
        context.log("info", `${label} ${known.phoneNumber ?? id} stays at Twilio, as onDelete: "retain" says.`, known.__urn);
        return;
      }
      await definition.beforeDelete?.(id, known, context);
      await inTurn(definition.serial && parentOf(id), () => send(context, "delete", id));
    },
  };
}

/** Whether nobody can tell if a request was carried out: no answer came, or one of a server in trouble. */
const isUnclear = (error: unknown): boolean => error instanceof TwilioError && (error.status === 0 || error.status >= 500);

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
