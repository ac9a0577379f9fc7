/** A resource as tables name it. */
export interface Named {
  readonly urn: string;
  /** `Conversation`. */
  readonly type: string;
  readonly name: string;
  /** The resource's id, the path of SIDs at Twilio. */
  readonly id: string;
}

/** A declared property that has another value at Twilio. */
export interface DriftedProperty {
  /** `attributes.color`. */
  readonly property: string;
  /** The value of the last `pulumi up`; `[secret]` for a secret, missing for what the program does not declare. */
  readonly declared?: unknown;
  /** The value at Twilio; `[secret]` where a secret is declared or a URL contains credentials, missing where Twilio has none. */
  readonly actual?: unknown;
  /** What `pulumi up --refresh` does: `replace` deletes and recreates the object, `refuse` fails because Twilio refuses the change. */
  readonly repair: "update" | "replace" | "refuse";
}

/** A resource that differs from its declaration. */
export interface Drifted extends Named {
  /** The object does not exist: `pulumi up --refresh` creates it. */
  readonly gone: boolean;
  /** The object was adopted. `pulumi up --refresh` fails while the program declares `adopt` of an object that does not exist. */
  readonly adopted?: true;
  readonly properties: readonly DriftedProperty[];
}

/** A declared property whose drift cannot be detected. */
export interface Unseen extends Named {
  readonly property: string;
}

/** A property that Twilio sets and the program does not declare. `pulumi up` does not change it, so it is not drift. */
export interface LeftAlone extends Named {
  readonly property: string;
  /** The value in the state, for a property that Twilio sets by default. */
  readonly known?: unknown;
  /** The value at Twilio. Missing for keys of attributes: those belong to the application, and may be personal. */
  readonly actual?: unknown;
}

/** A resource that the state does not have as the program declares it. */
export interface Undeployed extends Drifted {
  /** Why the preview refuses the resource. */
  readonly refusal?: string;
}

/** What `drift --json` prints. */
export interface DriftReport {
  /** Whether `drifted` or `undeployed` has a resource. */
  readonly drift: boolean;
  readonly stack: string;
  /** What `pulumi up --refresh` would reset to the declaration. */
  readonly drifted: readonly Drifted[];
  /**
   * What the state does not have as the program declares it; `actual` is the value in the state. Compared only where the stack's last operation was
   * not a successful update: a refresh removes from the state what is gone at Twilio, and the comparison with Twilio cannot find it afterwards.
   */
  readonly undeployed: readonly Undeployed[];
  /** Conversations that are closed at Twilio, although the program declares no `state`. Not drift. */
  readonly closed: readonly Named[];
  /** Declared, but write-only: Twilio does not report them. */
  readonly unseen: readonly Unseen[];
  readonly leftAlone: readonly LeftAlone[];
  /** What the provider warned of when it read the objects: why a value is missing, for example. */
  readonly warnings: readonly string[];
  /** Which resources were not checked for undeclared properties, and why. */
  readonly notAsked?: string;
  /** Why the state could not be compared with the program, although it may lack what the program declares. */
  readonly notCompared?: string;
  /** With `--fix`: what was repaired, as it was found. */
  readonly fixed?: readonly Drifted[];
}

/** Counts drifted resources: `2 changed, 1 gone`. */
export function summaryOf(drifted: readonly Drifted[]): string {
  const gone = drifted.filter((one) => one.gone).length;
  const changed = drifted.length - gone;
  return [changed > 0 ? `${changed} changed` : "", gone > 0 ? `${gone} gone` : ""].filter(Boolean).join(", ");
}
