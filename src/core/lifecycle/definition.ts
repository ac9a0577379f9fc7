import type { NoteStore } from "../process/notes";
import type { TwilioError } from "../twilio/errors";
import type { Body, Form, Product, Request, Twilio } from "../twilio/twilio";
import type { CatalogFacts } from "./catalog-facts";
import type { Format } from "./formats";
import type { Note } from "./note";
import type { Props } from "./props";
import type { StackAccount } from "./stack-account";
import type { Codec, ValueType } from "./value-type";

/** One property of a resource. A field declares only what differs from a plain, optional, updatable string. */
export interface Field {
  /** Twilio's form key. Default: the property in Pascal case, `Timers.Inactive`. `false`: functions send it. Users: most. */
  readonly wire?: string | false;
  /** Where the response holds it. Default: the property in snake case. `false`: write-only, drift cannot be detected. Users: most. */
  readonly from?: string | false | ((body: Body) => unknown);
  /** How the value travels, see {@link ValueType}. Users: most. */
  readonly type?: ValueType | Codec;
  /** Rejects a bad value at preview. Users: all. */
  readonly format?: Format;
  /** The program must declare it; in a group, only where it declares the group. Users: most. */
  readonly required?: true;
  /** The class of the resource that this one belongs to; the property takes that resource or its id. A change replaces. Users: most. */
  readonly parent?: string;
  /** The object at Twilio that the property names, see {@link Referent}. Users: most. */
  readonly reference?: Referent;
  /** Twilio cannot change it: a change replaces. `"presence"`: it cannot be added or removed, but changed. Users: most. */
  readonly createOnly?: true | "presence";
  /**
   * Twilio reads it at creation only and never returns it: a later change is recorded and sends nothing. Users: ConversationMessage,
   * ConversationWebhook.
   */
  readonly sentOnCreate?: true;
  /** Twilio chooses a value when the program does not, so a program that leaves it out does not change it. Users: most. */
  readonly computed?: true;
  /**
   * Never sent: the provider reads it when it creates or deletes the object. A change is recorded; of `"replace"`, it replaces. Users:
   * most.
   */
  readonly local?: "create" | "delete" | "replace";
  /** What to send when the program no longer declares it. Default: an empty value, and nothing for `computed`. Users: most. */
  readonly cleared?: string;
}

/** An object at Twilio that a property names. A check asks Twilio whether it exists, before anything is written. */
export interface Referent {
  /** The class of the resource that creates one, if there is one. */
  readonly resource?: string;
  /** The output of that resource to pass. `"sid"`: the property also takes the resource itself. */
  readonly output?: string;
  /**
   * Why Twilio would refuse the value, as the end of an error, without the value, which may be secret. `undefined` unless that is certain: a
   * request that fails throws, and the value is then left to Twilio.
   */
  refusal(value: string, inquiry: Inquiry): Promise<string | undefined>;
}

/** What a look-up reads. */
export type Question = Pick<Request, "product" | "path" | "query">;

/** What a {@link Referent} gets to work with. */
export interface Inquiry {
  /** The resource's properties, of which some may not be known yet. */
  readonly inputs: Props;
  readonly context: Context;
  /** Reads at Twilio, once per path and run. `undefined`: there is no such object. */
  ask(question: Question): Promise<Body | undefined>;
  /** Whether this run's program declares a resource of this class with this identifying value. It may not exist yet. */
  isDeclared(resource: string, value: string): boolean;
}

/** How objects of one kind are listed at Twilio and distinguished. */
export interface Listing {
  /** The key of the list in a response, `conversations`. Users: most. */
  readonly key: string;
  /**
   * The properties that identify an object under its parent: two objects with equal values are the same one to the program. Users: most.
   */
  readonly by: readonly string[];
  /** The property whose value Twilio accepts in the object's path in place of its SID. Users: most. */
  readonly fetchBy?: string;
  /** The property whose value `adopt` accepts beside the SID. Users: most. */
  readonly name?: string;
  /**
   * The largest page that Twilio returns. Default: 100. Users: AddressConfiguration, ConversationRole, ConversationUser,
   * ConversationWebhook.
   */
  readonly maxPageSize?: number;
  /** Whether Twilio creates a second object with the same values. Default: it refuses with a conflict. Users: most. */
  readonly allowsDuplicates?: (inputs: Props) => boolean;
}

/** Alternatives of which a program declares exactly one. */
export interface Groups {
  /**
   * The properties that hold the alternatives, `webhook`, `trigger`, `studio`. The last part of each is Twilio's word for it. Users:
   * AddressConfiguration, ConversationWebhook, MessagingServiceSender, PushCredential.
   */
  readonly names: readonly string[];
  /**
   * What Twilio calls the choice, `target`: the form and the response have it under that name. Absent with `collections`. Users:
   * AddressConfiguration, ConversationWebhook, PushCredential.
   */
  readonly by?: string;
  /**
   * A switch updates, and sends every property of the new alternative. Default: it replaces. Users: AddressConfiguration, PushCredential.
   */
  readonly switchable?: true;
  /**
   * The collection of each alternative, where Twilio keeps them apart; the definition's `path` is then what precedes it. Users:
   * MessagingServiceSender.
   */
  readonly collections?: Readonly<Record<string, Collection>>;
}

/** Where the objects of one alternative are. */
export interface Collection {
  /** The last part of the path, `ShortCodes`. */
  readonly path: string;
  /** The key of the list in a response, `short_codes`. */
  readonly key: string;
  /** The prefix of the SIDs, `SC`. */
  readonly sid: string;
}

/** What a definition's functions get to work with: the run's services, bound to one resource. */
export interface Context {
  readonly twilio: Twilio;
  readonly notes: NoteStore;
  readonly account: StackAccount;
  /** The resource's URN. The engine does not pass it to every read and delete. */
  readonly urn: string | undefined;
  /** A digest of the stack's organization and backend; empty where it is not known. */
  readonly place: string;
  /** Which other resource has an object, in words: one of this run, or of a stack in this backend. */
  holderOf(id: string): string | undefined;
  /**
   * Whether only a resource of this stack has an object, and no longer wants it: its program does not declare that resource any more, or this
   * run replaces it.
   */
  isGivenUp(id: string): Promise<boolean>;
  /** A create is done: its note is removed once the engine has saved the object. */
  recordDone(noteKey: string): void;
  /** Runs a task while no other process of this machine runs one with the same key. `pause` returns whether there is time to wait longer. */
  lock<T>(key: string, pause: (ms: number) => Promise<boolean>, task: () => Promise<T>): Promise<T>;
  /** Writes a line under the resource in the engine's display; under the stack where the URN is not known. */
  log(severity: "info" | "warn" | "debug", message: string): void;
}

/** A problem with one property, reported at preview. */
export interface Problem {
  readonly property: string;
  readonly reason: string;
}

/** A change that the engine is about to plan. */
export interface Change<Inputs = Props> {
  readonly definition: Definition;
  readonly id: string;
  readonly olds: Partial<Inputs>;
  readonly news: Inputs;
  readonly changed: readonly string[];
  readonly replaces: readonly string[];
}

/** A rule that two resources of one program must not share values. */
export interface Unique {
  /** The properties whose values together occur once in a program. */
  readonly by: readonly string[];
  /** The rule in words, as the end of an error. */
  readonly explain: string;
}

/**
 * Everything that makes one resource differ from the others: the words that describe it, and after them the functions for what no word can
 * say. A word has several users, now or in the resources that follow; a function belongs to one resource and is in its file. A test
 * compares the users that the comments name with the catalog.
 */
export interface Definition<Inputs = Props> extends Hooks<Inputs> {
  /** Pulumi's type token without its package, `twilio/conversations:Conversation`. Users: all. */
  readonly type: string;
  /** The product whose API serves it. Users: all. */
  readonly product: Product;
  /** The prefix of its SIDs, `CH`. A singleton has the SID of what it belongs to. Users: all. */
  readonly sid: string;
  /** The collection's path (a singleton's own path) from the SIDs of the parents and the account. Users: all. */
  readonly path: (parents: readonly string[], account: string) => string;
  /** One object that always exists: never created or deleted. Destroy restores the values that were found at first. Users: most. */
  readonly singleton?: true;
  /** Absent for a singleton. Users: most. */
  readonly list?: Listing;
  /** Its properties, by their dotted names. Users: all. */
  readonly fields: Readonly<Record<string, Field>>;
  /**
   * Outputs by name: where the response holds them, or how they follow from the id alone and so stay known in every preview. Users: all.
   */
  readonly outputs: Readonly<Record<string, string | ((id: string) => string)>>;
  /** Outputs that are secret. Twilio does not return them in every response, so the last value stays. Users: ApiKey, Subaccount. */
  readonly secretOutputs?: readonly string[];
  /** Alternatives, see {@link Groups}. Users: AddressConfiguration, ConversationWebhook, MessagingServiceSender, PushCredential. */
  readonly groups?: Groups;
  /** What `onDelete` accepts, the default first. Default: `"delete"`, `"retain"`. Users: most. */
  readonly onDelete?: readonly [string, string, ...string[]];
  /** What one program may declare only once. Users: most. */
  readonly unique?: readonly Unique[];
  /** How many of its kind Twilio allows under one parent. Users: ConversationWebhook. */
  readonly atMost?: number;
  /** Twilio allows one of its kind with these values: the old one is deleted before the new one is created. Users: most. */
  readonly deleteBeforeReplace?: true;
  /** Twilio refuses two writes under one parent at once. Users: ConversationWebhook, Participant. */
  readonly serialized?: true;
  /** What the command line needs to know about the type. Users: all. */
  readonly facts?: CatalogFacts;
}

/** What words cannot say. Every function is optional and receives the resolved arguments of its resource. */
export interface Hooks<Inputs = Props> {
  /** In the program: arguments that the program leaves out. */
  addDefaults?(args: Props, resource: { readonly name: string; readonly urn: string; readonly place: string }): Props;
  /** Rules across properties. `olds` is empty for a new object. */
  validate?(news: Inputs, olds: Partial<Inputs>): Problem[];
  /** Decides once what is then kept in the inputs; in a preview, this function and `refuse` may ask Twilio. */
  resolveInputs?(news: Inputs, olds: Partial<Inputs>, context: Context): Promise<Inputs>;
  /** The program's properties as they are compared, where something was decided once for all. */
  normalizeInputs?(news: Inputs, olds: Partial<Inputs> & Props, context: Pick<Context, "urn" | "place">): Inputs;
  /** What a request for the list must name. */
  listQuery?(accountSid: string): Readonly<Record<string, string>>;
  /** Where a create is sent, where that is not the collection. */
  createPath?(collection: string): string;
  /** What is left of a create after its response, which is then the body. Throws where the object is of no use, and has deleted it. */
  afterCreate?(body: Body, news: Inputs, context: Context): Promise<Body>;
  /** Sends what an update changes elsewhere than in the object. Returns whether anything was sent. */
  updateElsewhere?(id: string, olds: Partial<Inputs> & Props, news: Inputs, context: Context): Promise<boolean>;
  /** Changes the form of a create. What it leaves out is sent in an update. */
  createForm?(form: Form, news: Inputs, context: Context): Form;
  /** Adds to the form of an update what Twilio reads only together with it. */
  updateForm?(form: Form, news: Inputs): Form;
  /** How a create is carried out where that is more than one request to the collection. */
  purchase?: Purchase<Inputs>;
  /** Other inputs to try after Twilio has refused those in `refused`, because the object that they name is somebody else's. */
  another?(news: Inputs, refused: readonly Inputs[], context: Context): Promise<Inputs | undefined> | Inputs | undefined;
  /** Adds to a response what Twilio keeps elsewhere. */
  complete?(body: Body, context: Pick<Context, "twilio" | "log">): Promise<Body>;
  /** The SIDs of the parents, where the response knows better than the program. */
  parentsOf?(body: Body, parents: readonly string[]): readonly string[];
  /** Whether a name is the mark of this resource, so that an object that carries it needs no further proof. */
  isMarked?(news: Inputs): boolean;
  /** Whether Twilio may refuse a create in this way because the object exists. It is then looked up. Default: with status 409 only. */
  isConflict?(error: TwilioError): boolean;
  /** Finds the object that this resource created before, where the list's words cannot. */
  findOwn?(news: Inputs, context: Context, note: Note | undefined): Promise<Bought | undefined>;
  /** Why an object of an interrupted create is of no use; it is deleted and created again. */
  isUseless?(body: Body): string | undefined;
  /** Finds the object that `adopt` names, where the list's words cannot. */
  findByName?(name: string, news: Inputs, context: Context): Promise<Body | undefined>;
  /** Whether Twilio still returns an object that is gone for good. `known`: what the state has. */
  isGone?(body: Body, known: Partial<Inputs>): boolean;
  /** Throws where the response to an update shows that Twilio did not carry it out. */
  verifyUpdated?(body: Body, news: Inputs): void;
  /** Throws when a planned change must not happen. */
  refuse?(change: Change<Inputs>, context: Context): Promise<void> | void;
  /** Explains a conflict: which object is in the way. */
  explainConflict?(news: Inputs, error: TwilioError, context: Context): Promise<string | undefined>;
  /** Throws when the object must not be deleted, or prepares the deletion. `"keep"`: it stays; the function has said why. */
  beforeDelete?(id: string, props: Partial<Inputs> & Props, context: Context): Promise<"keep" | undefined>;
}

/** What a purchase finds of its own before it buys. */
export interface Bought {
  readonly body: Body;
  readonly whose: "ours" | "adopted";
}

/** A create that chooses among offers which others may take first. */
export interface Purchase<Inputs> {
  /** Only one process of this machine looks and buys at a time, by this key. */
  lock(news: Inputs, context: Context): string;
  /** Last look before the request: what was bought for this resource before. Throws when nothing must be bought. */
  before(news: Inputs, context: Context, note: Note | undefined): Promise<Bought | undefined>;
  /** Whether Twilio says that somebody else was faster. */
  isTaken(error: TwilioError): boolean;
  /** Throws where the response is about an object that existed before the request, which `begun` notes. */
  verifyBought(body: Body, news: Inputs, begun: Note, context: Context): Promise<void>;
  /** Notes which object the resource has, whether bought now or before. */
  record(body: Body, planned: Inputs, context: Context, isBought: boolean): void;
  /** The object of this resource is gone: what has the same values now is another one. */
  recordGone(context: Context): void;
  /** Notes that a destroy keeps the object. */
  recordRetained(id: string, context: Context): void;
  /** What the object costs for as long as it exists: `1.15 USD a month`; nothing where that is not known. */
  monthlyCost(props: Props, context: Context): Promise<string | undefined>;
  /** Reports what only shows after the purchase. */
  afterPurchase(body: Body, planned: Inputs, context: Context): Promise<void>;
}
