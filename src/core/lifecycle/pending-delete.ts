import { isUnclear, TwilioError, UsageError } from "../twilio/errors";
import type { Body, Request } from "../twilio/twilio";
import type { Context, Definition } from "./definition";
import type { Objects } from "./objects";
import { get, type Props, parentIdOf, set } from "./props";
import { differences, formKey, toInputs, toOutputs } from "./wire";

/** How long after its request Twilio may still carry out a delete, as for a create. */
const lateDeleteWindowMs = 90_000;
const lookEveryMs = 2_000;

/**
 * What was recorded of a delete before its requests were sent. An engine that ends too early does not record the deletion, so the object is gone
 * and still in the state. Nothing tells the provider what the engine has recorded, so the note stays until it expires. It cannot be mistaken for
 * a note of another object, because Twilio never uses a SID again.
 */
interface DeleteNote {
  /** When the last request was sent by this machine's clock, ISO 8601. */
  readonly deleting: string;
  /** The form keys that were sent. The values are not needed, and may be secret. */
  readonly changed: readonly string[];
  /** Twilio's response, once there was one; `gone` if Twilio said afterwards that there is no such object. */
  readonly answer?: "done" | "refused" | "gone";
}

/** What an interrupted delete has left of an object in the engine's state: nothing, or values that differ from those in the state. */
type Leftover = "gone" | { readonly values: Props; readonly properties: readonly string[] };

/** The deletes of objects of one kind, and what they left where the engine did not record them. */
export class PendingDelete {
  private readonly found = new Map<string, Leftover | undefined>();

  constructor(
    private readonly definition: Definition,
    private readonly objects: Objects,
  ) {}

  /** Runs a delete with a context that notes each write before it is sent. */
  async noted(id: string, context: Context, task: (context: Context) => Promise<void>): Promise<void> {
    let note: DeleteNote | undefined;
    const write = (next: DeleteNote) => {
      note = next;
      // A full disk must not make a delete impossible.
      if (!context.notes.write(this.keyOf(id), note)) context.log("debug", `Cannot write the note of the delete of ${this.name(id)}.`);
    };
    const beforeSend = ({ form = {} }: Request) =>
      write({ deleting: new Date().toISOString(), changed: [...(note?.changed ?? []), ...Object.keys(form)] });
    try {
      await task(withBeforeSend(context, beforeSend));
    } catch (error) {
      if (note && error instanceof TwilioError && error.status >= 400 && !isUnclear(error)) write({ ...note, answer: "refused" });
      throw error;
    }
    if (note) write({ ...note, answer: "done" });
  }

  /** What an earlier delete has left. Asks Twilio only if there is a note of one, and waits while Twilio may still carry it out. */
  async leftOf(id: string, olds: Props, context: Context): Promise<Leftover | undefined> {
    if (!this.found.has(id)) this.found.set(id, await this.findOut(id, olds, context));
    return this.found.get(id);
  }

  /** The outputs in the engine's state, with the values that {@link leftOf} has found. */
  withLeft(id: string, olds: Props): Props {
    const left = this.found.get(id);
    if (left === undefined || left === "gone") return olds;
    const result = structuredClone(olds);
    for (const property of left.properties) set(result, property, get(left.values, property) ?? null);
    return result;
  }

  /** Whether {@link leftOf} has found that the object is gone. */
  isGone(id: string): boolean {
    return this.found.get(id) === "gone";
  }

  /** The object has its declared values: no earlier delete is left. */
  settled(id: string, { notes }: Context): void {
    this.found.delete(id);
    notes.remove(this.keyOf(id));
  }

  /** A singleton is never deleted, and its id may be that of another object. */
  private keyOf(id: string): string {
    return `${this.definition.singleton ? "restore" : "delete"} ${id}`;
  }

  private name(id: string): string {
    return `${this.objects.label} ${id}`;
  }

  private async findOut(id: string, olds: Props, context: Context): Promise<Leftover | undefined> {
    const { notes, twilio, log } = context;
    const own = notes.read<DeleteNote>(this.keyOf(id));
    const above = ancestorsOf(id).flatMap((parent) => notes.read<DeleteNote>(`delete ${parent}`) ?? []);
    const all = [...(own ? [own] : []), ...above.filter(({ answer }) => answer !== "refused")];
    if (all.length === 0) return undefined;
    if (all.some(({ answer }) => answer === "gone")) return "gone";
    const until = Math.max(...all.map(endOfWindow));
    for (let times = 1; ; times += 1) {
      const body = await this.objects.read(context, id, olds);
      if (!body) {
        if (own) notes.write(this.keyOf(id), { ...own, answer: "gone" } satisfies DeleteNote);
        return "gone";
      }
      const leftMs = until - Date.now();
      const altered = own && this.alteredBy(own, olds, body, context);
      if (altered && (this.definition.singleton || leftMs <= 0)) return altered;
      if (leftMs <= 0) {
        notes.remove(this.keyOf(id));
        return undefined;
      }
      if (times === 1) {
        const forSeconds = Math.ceil(leftMs / 1000);
        log("info", `Twilio may still carry out an interrupted delete of ${this.name(id)}; looking for ${forSeconds} s.`);
      }
      if (!(await twilio.pause(Math.min(lookEveryMs, leftMs)))) throw stillUnknown(this.name(id));
    }
  }

  /** The values that the delete has changed and the state has otherwise. */
  private alteredBy({ changed }: DeleteNote, olds: Props, body: Body, { twilio }: Context): Leftover | undefined {
    const before = toInputs(this.definition, olds);
    const values = toOutputs(this.definition, before, body, twilio.accountSid);
    const isSent = (property: string) => changed.includes(String(formKey(property, this.definition.fields[property] ?? {})));
    const properties = differences(this.definition, values, before).filter(isSent);
    return properties.length > 0 ? { values, properties } : undefined;
  }
}

/** The ids of an object's parents, whose delete deletes the object too. */
function ancestorsOf(id: string): string[] {
  const parent = parentIdOf(id);
  return parent === "" ? [] : [parent, ...ancestorsOf(parent)];
}

function withBeforeSend(context: Context, beforeSend: (request: Request) => void): Context {
  const { twilio } = context;
  const send = (request: Request) =>
    twilio.send(request.method === "get" ? request : { ...request, beforeSend: () => beforeSend(request) });
  return { ...context, twilio: { ...twilio, send } };
}

/** Until when Twilio may carry out a delete, in milliseconds since 1970; not later where this machine's clock was set back. */
function endOfWindow({ deleting, answer }: DeleteNote): number {
  return answer === undefined ? lateDeleteWindowMs + Math.min(Date.parse(deleting), Date.now()) : 0;
}

const stillUnknown = (name: string) =>
  new UsageError(`It is not known yet whether Twilio carries out an interrupted delete of ${name}. Run \`pulumi up\` again.`);
