import type { NoteStore } from "../process/notes";
import type { TwilioError } from "../twilio/errors";
import type { Twilio } from "../twilio/transport";
import type { Format } from "./formats";
import type { Holdings } from "./holdings";
import type { StackAccount } from "./stack-account";

/** What a resource's properties look like once Pulumi has resolved them: plain JSON. */
export type Props = Record<string, unknown>;

/** A JSON answer of Twilio, in Twilio's own names. */
export type Body = Record<string, unknown>;

/** Twilio's products, by the first label of their host name. */
export type Product = "api" | "conversations" | "pricing";

/** How a value is written in a form and read from an answer. */
export type ValueType = "text" | "boolean" | "integer" | "json" | "object" | "duration";

/** One property of a resource. Only what differs from a plain optional, updatable text is written down. */
export interface Field {
  /** Twilio's form key. Default: the property in Pascal case, `timers.inactive` becoming `Timers.Inactive`. `false`: never sent. */
  readonly wire?: string | false;
  /** Where the answer holds it. Default: the property in snake case. `false`: write-only, drift cannot be seen. */
  readonly from?: string | false | ((body: Body) => unknown);
  readonly type?: ValueType;
  /** Refuses a bad value at preview. */
  readonly format?: Format;
  readonly required?: true;
  /** The id of the resource of this class that this one lives in. A change replaces. */
  readonly parent?: string;
  /** Twilio cannot change it: a change replaces. */
  readonly createOnly?: true;
  /** Twilio chooses a value when the program does not, so leaving it out is not a change. */
  readonly computed?: true;
  /** Read only when the object is created or deleted; a change is recorded and nothing is sent. */
  readonly local?: "create" | "delete";
  /** What to send when the program no longer declares it. Default: an empty value, and nothing for what is computed. */
  readonly cleared?: string;
}

/** What a definition's own functions get to work with. */
export interface Context {
  readonly twilio: Twilio;
  readonly notes: NoteStore;
  readonly account: StackAccount;
  /** A line under the resource in the engine's display, where its URN is known; else under the stack. */
  log(severity: "info" | "warn" | "debug", message: string, urn?: unknown): void;
}

/** What was noted of a create before its request was sent. */
export interface Note {
  /** What it is a note of, see {@link Definition.pendingCreateKey}. */
  readonly key?: string;
  /** When it began by our clock, ISO 8601. */
  readonly at: string;
  /** What Twilio answered, when it did. */
  readonly sid?: string;
  /** No answer came, and the object was looked for afterwards and was not there. */
  readonly searched?: true;
  /** No answer came, because the connection broke off. */
  readonly connectionLost?: true;
}

/** How long after its request began Twilio may make an object: whatever is younger is somebody else's. */
export const lateCreateWindowMs = 90_000;

/** Whether an object is the one that a note is about: of that SID, or made in the time in which that create may have made it. */
export function matchesNote(note: Note, body: Body, twilio: Pick<Twilio, "skewMs">): boolean {
  if (note.sid !== undefined) return body.sid === note.sid;
  const sinceBegun = Date.parse(body.date_created as string) - Date.parse(note.at) - twilio.skewMs();
  // Twilio tells whole seconds, and how far its clock is from ours is known to a second or two.
  const toleranceMs = 5_000;
  return sinceBegun >= -toleranceMs && sinceBegun <= lateCreateWindowMs + toleranceMs;
}

/** A problem with one property, said at preview. */
export interface Problem {
  readonly property: string;
  readonly reason: string;
}

/** A change that the engine is about to plan. */
export interface Change {
  readonly definition: Definition;
  readonly id: string;
  readonly olds: Props;
  readonly news: Props;
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
}

/**
 * Everything that makes one resource differ from the others. The vocabulary is kept small on purpose: what a word cannot say is one of the
 * named functions at the end.
 */
export interface Definition {
  /** Pulumi's type token without its package, `twilio/conversations:Conversation`. */
  readonly type: string;
  readonly product: Product;
  /** The prefix of its SIDs, `CH`. */
  readonly sid: string;
  /** The collection's path, from the SIDs of the parents and the account. */
  readonly path: (parents: readonly string[], account: string) => string;
  /** What follows the path of the 2010 API, `.json`. */
  readonly suffix?: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** Outputs by name: where the answer holds them. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Outputs that follow from the id alone, and so stay known in every preview. */
  readonly derived?: Readonly<Record<string, (id: string) => string>>;
  /** Twilio allows one of its kind: the old one goes before the new one comes. */
  readonly deleteBeforeReplace?: true;
  /** Whether Twilio makes two of the same create without complaint: an unclear one is then not sent again but looked for by the next run. */
  readonly allowsDuplicates?: (inputs: Props) => boolean;
  /** Twilio conflicts when two of one parent are written at once. */
  readonly serial?: true;
  /** The text property that gets a deterministic name when the program gives none, so that a lost create can be found again. */
  readonly autoname?: string;
  /** Whether the program wants no such name. */
  readonly unnamed?: (args: Props) => boolean;
  /** The resource keeps its URN in the state: it is the owner's mark, and the provider speaks of it. */
  readonly owned?: true;
  /** Stays at Twilio when the resource is destroyed, unless the program says otherwise. */
  readonly retainByDefault?: true;
  /** What one program may declare only once, by the values of these properties. */
  readonly unique?: readonly { readonly by: readonly string[]; readonly explain: string }[];

  /** The parents' SIDs of a new object, where the answer knows better than the program. */
  readonly parentsOf?: (body: Body, parents: readonly string[]) => readonly string[];
  /** Rules across properties. `olds` is empty for a new object. */
  readonly validate?: (news: Props, olds: Props) => Problem[];
  /** Fills in what is decided once and then kept; the only place in a preview that may ask Twilio. */
  readonly resolveInputs?: (news: Props, olds: Props, context: Context) => Promise<Props>;
  /** The program's properties as they count against what is there, where something was decided once and for all. */
  readonly normalizeInputs?: (news: Props, olds: Props) => Props;
  /** Extra form fields of a create. */
  readonly extra?: (news: Props) => Record<string, string>;
  /** Creates in another way than by one POST to the collection. `pending` is a note of a request for it that Twilio may still carry out. */
  readonly create?: (news: Props, context: Context, pending: Note | undefined) => Promise<Body>;
  /** Adds to an answer what stands elsewhere at Twilio. */
  readonly complete?: (body: Body, context: Context) => Promise<Body>;
  /** The object that the program adopts by a name instead of a SID. */
  readonly findByName?: (name: string, news: Props, context: Context) => Promise<Body | undefined>;
  /**
   * The object that this very resource made before, in a create whose answer or whose state was lost. `held` tells which objects resources of
   * this run have, so that one is not taken for another.
   */
  readonly findLost?: (news: Props, context: Context, note: Note | undefined, held: Pick<Holdings, "has">) => Promise<Body | undefined>;
  /**
   * What identifies a create that is under way, where Twilio would take the same create twice or cannot tell whose object is in the way. It is
   * noted before the request is sent and forgotten once the engine has the object in its state. `__urn` is in the properties.
   */
  readonly pendingCreateKey?: (news: Props) => string | undefined;
  /** Throws when a planned change must not be. */
  readonly refuse?: (change: Change, context: Context) => Promise<void> | void;
  /** What is in the way of a create that Twilio refused with a conflict, as words for the error; nothing where it cannot be told. */
  readonly explainConflict?: (news: Props, error: TwilioError, context: Context) => Promise<string | undefined>;
  /** Throws when the object must not be deleted, or prepares for it. `"keep"`: it stays, for a reason that was told. */
  readonly beforeDelete?: (id: string, props: Props, context: Context) => Promise<"keep" | undefined>;
}

/** The dotted names of all properties of `A`, down to the leaves: `"friendlyName" | "timers.inactive"`. */
export type Leaves<A> = {
  [K in keyof A & string]-?: Plain<NonNullable<A[K]>> extends infer V
    ? V extends string | number | boolean | readonly unknown[]
      ? K
      : string extends keyof V
        ? K
        : `${K}.${Leaves<V>}`
    : never;
}[keyof A & string];

// An Input<T> of the program side, seen as its plain value; a resource stands for its id.
type Plain<I> = I extends { readonly urn: unknown } ? string : I extends { apply: unknown } | Promise<unknown> ? never : I;

/** Checks a definition against the types its users see: a forgotten, misspelt or extra property is a compile error here. */
export function define<Args, Outputs>(
  definition: Omit<Definition, "fields" | "outputs" | "derived"> & {
    fields: { [K in Leaves<Args>]: Field };
    outputs: { [K in Exclude<keyof Outputs & string, "sid">]?: string };
    derived?: { [K in Exclude<keyof Outputs & string, "sid">]?: (id: string) => string };
  },
): Definition {
  return definition as Definition;
}
