import { noun, problems } from "./check";
import { type Body, type Context, type Definition, isOf, lateForMs, type Note, type Problem, type Props } from "./definition";
import { isUnclear, TwilioError, UsageError } from "./errors";
import { holdings } from "./holdings";
import { operation } from "./operation";
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
    what: string,
    override readonly cause: Error,
  ) {
    super(`${what} is there and kept in the state, but not as declared yet. ${cause.message}\n  The next \`pulumi up\` does the rest.`);
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

// Twilio may carry out a request whose sender no longer waits, for `lateForMs`; and this long where the connection broke off, which seldom leaves a request at work.
const brokeOffForMs = 5_000;
const lookEveryMs = 5_000;

/** The lifecycle of one definition. `open` connects on first use. */
export function lifecycle(definition: Definition, open: () => Promise<Context>): Lifecycle {
  const label = noun(definition);
  const parent = parentProperty(definition);
  const held = holdings();
  const turns = takingTurns();

  /** Carries out an operation, whose time begins with its turn. */
  const inTurn = <T>(key: string | false | undefined, task: () => Promise<T>): Promise<T> => turns(key || undefined, () => operation(task));

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
      if (left.length + unseen.length === 0) return now;
      context.log("debug", `${error.message}\nIt was not done; sending it again.`, news.__urn);
      return send(context, "update", id, form);
    }
  }

  /** Brings an object that is there already to what the program declares. */
  async function takeOver(body: Body, inputs: Props, context: Context): Promise<Kept> {
    const id = idOf(inputs, body);
    held.took(id);
    let found = toOutputs(definition, inputs, body, context.twilio.accountSid);
    try {
      found = await outputsOf(inputs, body, context);
      const changed = await converge(id, found, inputs, context, body);
      return { id, outputs: changed ? await outputsOf(inputs, changed, context) : found };
    } catch (error) {
      throw partial({ id, outputs: found }, inputs, error as Error);
    }
  }

  /** What was made stays, and what is missing is said. */
  function partial(kept: Kept, inputs: Props, error: Error): PartialFailure {
    const missing = differences(definition, kept.outputs, inputs);
    return new PartialFailure(kept, `${label} ${kept.id}${missing.length > 0 ? ` (without ${missing.join(", ")})` : ""}`, error);
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
    const { memory } = context;
    const key = definition.noteKey?.({ __urn: held.urnOf(inputs), ...inputs });
    const note = key === undefined ? undefined : memory.recall<Note>(key);
    const lost = note && ((await findLost(inputs, context, note)) ?? (await arrivesLate(inputs, context, note)));
    if (lost) return lost;
    const begun: Note = { at: new Date().toISOString(), ...(key === undefined ? {} : { key }) };
    if (key !== undefined && !memory.remember(key, begun)) {
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
        body = definition.create ? await definition.create(inputs, context) : await post(inputs, context);
        if (!isOne(body)) throw new TwilioError(`Cannot create ${label}`, { status: 0, message: `the answer tells of no ${label}` });
      } catch (error) {
        const unclear = isUnclear(error);
        if (unclear) evidence ??= begun;
        wasUnclear ||= unclear;
        const conflict = error instanceof TwilioError && error.status === 409;
        const found = unclear || conflict ? await findLost(inputs, context, unclear ? begun : evidence) : undefined;
        if (found) return found;
        if (conflict) error.explain(await definition.inTheWay?.(inputs, error, context));
        // Nothing of this run is there to be looked for later; what an earlier run began may be.
        if (!wasUnclear && key !== undefined) note ? memory.remember(key, note) : memory.forget(key);
        if (unclear && definition.twins?.(inputs)) return watchFor(inputs, context, begun, error);
        // It is not there, so it may be sent again: Twilio takes one of the two.
        if (!unclear || tries === 3) throw error;
        body = undefined;
        context.log("debug", `${error.message}\nNothing of it is there; sending it again.`, inputs.__urn);
      }
    }
    if (key !== undefined) memory.remember(key, { ...begun, sid: String(body.sid) } satisfies Note);
    const id = idOf(inputs, body);
    held.took(id);
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
  async function watchFor(inputs: Props, context: Context, begun: Note, error: TwilioError): Promise<Kept> {
    if (begun.key === undefined) {
      throw error.explain(
        `It may be there all the same, and nothing tells it from others: look for it at Twilio before you run \`pulumi up\`.`,
      );
    }
    if (!error.isLate) {
      // Whoever broke the connection off is not likely to go on with the request; the next run sees.
      context.memory.remember(begun.key, { ...begun, brokeOff: true } satisfies Note);
      throw error;
    }
    const found = await arrivesLate(inputs, context, begun);
    if (found) return found;
    context.memory.remember(begun.key, { ...begun, sought: true } satisfies Note);
    throw error;
  }

  /** Waits for an object whose create may still be under way at Twilio. */
  async function arrivesLate(inputs: Props, context: Context, note: Note): Promise<Kept | undefined> {
    const leftMs = () => Date.parse(note.at) + (note.brokeOff ? brokeOffForMs : lateForMs) - Date.now();
    if (note.sid !== undefined || note.sought || !definition.twins?.(inputs) || leftMs() <= 0) return undefined;
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

  async function findLost(inputs: Props, context: Context, note: Note | undefined): Promise<Kept | undefined> {
    let body: Body | undefined;
    do {
      body = await definition.findLost?.(inputs, context, note, held);
      if (!body || !isOne(body)) return undefined;
      // Of two that look for the same at once, one was faster.
    } while (definition.twins?.(inputs) && held.has(idOf(inputs, body)));
    const id = idOf(inputs, body);
    if (held.isReplacement(inputs) && !(note && isOf(note, body, context.twilio))) {
      throw new UsageError(
        `Cannot replace ${label} ${id} while it is there, for there can be only one of it. Set the resource option deleteBeforeReplace: true.`,
      );
    }
    if (held.keeps(id)) throw new UsageError(`Cannot create ${label}: ${id} is another resource's of this stack.`);
    context.log("info", `${label} ${body.sid} was made by an interrupted run, or under another name; it is taken over.`, inputs.__urn);
    return takeOver(body, inputs, context);
  }

  /** Twilio also answers to names and, for the default service, to shorter paths; but what follows from an id follows from SIDs. */
  function canonical(id: string, body: Body): void {
    const parents = parentOf(id).split("/").filter(Boolean);
    const whole = [...(definition.parentsOf?.(body, parents) ?? parents), String(body.sid)].join("/");
    if (whole !== id) throw new UsageError(`${label}.get: ${JSON.stringify(id)} is not an id; write ${JSON.stringify(whole)}.`);
  }

  const sameAccount = (id: string, { accountSid }: Props, { account }: Context): void => account.see(`${label} ${id}`, accountSid);

  /** The engine has it in its state: of its creation nothing needs to be remembered any more but whose it is. */
  function forgetNote(props: Props, { memory }: Context): void {
    const key = definition.noteKey?.(props);
    if (key === undefined) return;
    const sid = memory.recall<Note>(key)?.sid;
    if (sid !== undefined) held.see([...declaredParents(definition, props), sid].join("/"));
    memory.forget(key);
  }

  async function read(id: string, olds: Props): Promise<{ outputs: Props; inputs: Props } | undefined> {
    const context = await open();
    // A read with nothing known is the program's own `get`: there a wrong id is a mistake, not an absence.
    const isGet = olds.accountSid === undefined;
    const { accountSid } = context.twilio;
    if (!isGet) sameAccount(id, olds, context);
    held.see(id);
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
      context.account.asked();
      const found = problems(definition, news, olds);
      if (found.length > 0) return { inputs: news, problems: found };
      if (Object.keys(olds).length > 0) forgetNote({ ...olds, __urn: news.__urn }, context);
      const { __urn, ...rest } = news;
      const { settle = async (props: Props) => props } = definition;
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
      const news = definition.align?.(declared, olds) ?? declared;
      // Naming the default service where none was named is no move; only the id tells.
      const seen: Props = parent && news[parent] !== undefined && parentOf(id) ? { ...olds, [parent]: parentOf(id) } : olds;
      const changed = differences(definition, seen, news);
      const replaces = changed.filter((property) => {
        const field = definition.fields[property];
        return field?.parent || (field?.createOnly && !isUnknown(get(news, property)));
      });
      if (changed.length > 0) await operation(async () => definition.refuse?.({ definition, id, olds, news, changed, replaces }, context));
      held.compared(id, declared, replaces.length > 0);
      const deleteBeforeReplace = replaces.length > 0 && definition.deleteBeforeReplace === true;
      return { changes: topLevels(changed), replaces: topLevels(replaces), deleteBeforeReplace };
    },

    async create(inputs) {
      const context = await open();
      await context.account.certain();
      return inTurn(definition.serial && declaredParents(definition, inputs).join("/"), () =>
        typeof inputs.adopt === "string" ? adopt(inputs.adopt, inputs, context) : createNew(inputs, context),
      );
    },

    read: (id, olds) => operation(() => read(id, olds)),

    async update(id, olds, declared) {
      const context = await open();
      sameAccount(id, olds, context);
      // What was adopted stays so, for that decides on its end, also when the program no longer says it.
      const news = { ...(definition.align?.(declared, olds) ?? declared), adopt: olds.adopt };
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
      if (held.keeps(id)) {
        context.log("info", `${label} ${id} is another resource's of this stack by now and stays.`, olds.__urn);
        return;
      }
      forgetNote(olds, context);
      if (wishAtEnd(definition, olds) === "retain") {
        context.log("info", `${label} ${olds.phoneNumber ?? id} stays at Twilio, as onDelete: "retain" says.`, olds.__urn);
        return;
      }
      await inTurn(definition.serial && parentOf(id), async () => {
        if ((await definition.beforeDelete?.(id, olds, context)) !== "keep") await send(context, "delete", id);
      });
    },
  };
}

/** What becomes of the object when its resource goes. */
export const wishAtEnd = ({ precious }: Definition, { onDelete, adopt }: Props): unknown =>
  onDelete ?? (precious || adopt !== undefined ? "retain" : "delete");

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
