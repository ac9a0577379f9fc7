import type { Body } from "../twilio/twilio";
import type { Props } from "./props";

/**
 * What export, graph, drift and comments need to know about a resource type beyond its definition. Most types need none of it: declare only what
 * differs from the defaults.
 */
export interface CatalogFacts {
  /** Several objects of this type, in reports and in `export --include`. Default: the key of the list, `conversations`. */
  readonly plural?: string;
  /** The properties that people know an object by, best first. Default: `friendlyName`, `uniqueName`. */
  readonly titleProperties?: readonly string[];
  /** One object of this type, in graphs and in the names of exported resources. Default: the class name in words, `conversation webhook`. */
  readonly singular?: string;
  /** What Twilio deletes together with an object: `messages`. */
  readonly contents?: string;
  /** What creating, deleting and retaining an object is called. Default: created, deleted, left at Twilio; of settings: set, restored. */
  readonly verbs?: { readonly created: string; readonly deleted: string; readonly retained: string };
  /** By property: the resource, other than the parent, that the value refers to. A field with a `reference` need not be repeated. */
  readonly references?: Readonly<Record<string, Reference>>;
  /** The property that names the object around this one in graphs, where that is not its parent. Not set, it is the account's default one. */
  readonly drawnIn?: string;
  /** By property: the setting that Twilio takes the value from by default. A program need not repeat it. */
  readonly inherited?: Readonly<Record<string, Setting>>;
  /** The setting that holds the SID of the account's default object of this type, and what to say about that object. */
  readonly accountDefault?: Setting & { readonly comment: string };
  /** Keys of `attributes` that this package writes itself: nobody declares them, and they are no drift. */
  readonly ownAttributes?: readonly string[];
  /** The credentials that manage objects of this type, where a standard API key does not. */
  readonly managedWith?: string;
  /** Why there may be no object to set, and what to do, as the end of an error. Only for settings that do not always exist. */
  readonly absent?: string;
  readonly export?: ExportFacts;
  readonly terraform?: TerraformFacts;
}

/** A property that refers to another resource. */
export interface Reference {
  /** The class of the other resource: `PhoneNumber`. */
  readonly to: string;
  /** The property of the other resource that the value repeats. Default: its SID, and the program then passes the resource itself. */
  readonly by?: string;
  /** What precedes the repeated value, on a channel that has a prefix: `whatsapp:`. */
  readonly prefix?: string;
  /** In graphs, what reaches this object goes on to the other resource. */
  readonly isReached?: true;
}

/** A value in the settings of the account or of a parent. */
export interface Setting {
  readonly path: (parents: readonly string[]) => string;
  /** Where the response holds it. */
  readonly key: string;
}

/** How `export` writes an object of this type. */
export interface ExportFacts {
  /** Why no program declares the objects of this type. They are not read, and the program's comments say why. */
  readonly leftOut?: string;
  /** The objects of this type are read and declared as those of other types. */
  readonly isDeclaredAsOthers?: true;
  /** Twilio shows these objects to the account's auth token only: with an API key, they are left out. */
  readonly needsAuthToken?: true;
  /** The property to adopt an object by, where that says more than its SID. */
  readonly adoptBy?: string;
  /** Names for the resource, best first. Default: the friendly name, the unique name. */
  readonly names?: (body: Body) => readonly unknown[];
  /** The parent's name precedes the object's name. */
  readonly isNamedAfterParent?: true;
  /** Properties that a program must not declare, although Twilio reports them. */
  readonly omitted?: (body: Body) => readonly string[];
  /** Whether the object carries the ownership mark of a Pulumi stack. */
  readonly isMarked?: (body: Body) => boolean;
  /** What to call an object that no program can or need manage, and why; nothing for the others. `inherited`: the properties with the default value. */
  readonly excluded?: (body: Body, inherited: readonly string[]) => { readonly what: string; readonly why: string } | undefined;
  /** Properties that are set although Twilio does not report their values, and why. */
  readonly unreadable?: (body: Body) => readonly { readonly property: string; readonly why: string }[];
  /** What to call an object that the definition refuses. Default: the plural. */
  readonly unsupported?: (body: Body) => string;
}

/** Which resources of a Terraform state are of this type. */
export interface TerraformFacts {
  /** Terraform's types, without `twilio_` and without the API's version. */
  readonly types: readonly string[];
  /** The attributes by which the resources inside an object name it. */
  readonly parentKeys?: readonly string[];
  /** The object as Twilio reports it, and arguments that only Terraform knows. Default: the attributes as they are. */
  readonly read?: (attributes: Body) => { readonly body: Body; readonly args?: Props };
}

/** The first block with a name; Terraform keeps blocks in lists. */
export const firstBlock = (attributes: Body, name: string): Props => ((attributes[name] as Props[] | undefined) ?? [])[0] ?? {};
