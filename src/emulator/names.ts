/** Names that users choose. A name is also the name of a file. */

/** A request with a name that cannot be used, with its HTTP status. */
export class RefusedName extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const MAX_LISTED = 10;

/** Nothing has this name. */
export class UnknownName extends RefusedName {
  constructor(kind: string, name: string, existing: readonly string[]) {
    const more = existing.length > MAX_LISTED ? ", …" : "";
    const list = existing.length === 0 ? "there is none yet" : `there are ${existing.slice(0, MAX_LISTED).join(", ")}${more}`;
    super(404, `there is no ${kind} ${name}; ${list}`);
  }
}

/** Throws if this cannot be a name. */
export function checkName(what: string, name: unknown): asserts name is string {
  if (typeof name === "string" && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) return;
  const rule = "1 to 64 letters, digits, dots, hyphens and underscores, and begin with a letter or digit";
  throw new RefusedName(400, `the name of ${what} must have ${rule}, but is ${JSON.stringify(name)?.slice(0, 100)}`);
}
