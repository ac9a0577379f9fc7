/** A resource in the CLI's JSON. Secrets read `[secret]`, or are objects that contain ciphertext. */
export interface ResourceState {
  readonly id?: string;
  /** `false` for components and the stack. */
  readonly custom?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  /** The program reads it and does not manage it. */
  readonly external?: boolean;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  /** By the top-level name of an input: the URNs of the resources that its value comes from. */
  readonly propertyDependencies?: Readonly<Record<string, readonly string[] | null>> | null;
}

/** What the engine would do to one resource. */
export interface Step {
  /** `create`, `update`, `replace`, `delete`, `same`, `read`, `import`, `discard`; in a refresh, `refresh` for an unchanged resource. */
  readonly op: string;
  readonly urn: string;
  readonly oldState?: ResourceState;
  readonly newState?: ResourceState;
  /** By the path of the property, `attributes.color` or `list[0]`: how it changes. */
  readonly detailedDiff?: Readonly<Record<string, { readonly kind: string }>> | null;
  /** The properties that require a replacement, by their top-level names. */
  readonly replaceReasons?: readonly string[];
}

/** A message in the engine's display; without a URN, it is about the stack. */
export interface Diagnostic {
  readonly urn?: string;
  readonly severity: string;
  readonly message: string;
}

/** What `pulumi preview --json` and `pulumi refresh --preview-only --json` print. */
export interface Digest {
  readonly steps: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
  /** The number of resources by operation. Missing where the engine failed. */
  readonly changeSummary?: Readonly<Record<string, number>>;
  /** How many unchanged resources have no step; `pulumi preview --show-sames` prints them. */
  readonly omitted: number;
}
