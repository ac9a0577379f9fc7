/** Replaces a secret. */
const mask = "***";

// Names of credentials in forms, JSON, headers and settings, each with its value.
const named =
  /((?:auth[_-]?token|api[_-]?secret|client[_-]?secret|account[_-]?secret|password|secret)["']?\s*[=:]\s*["']?)([^\s"'&,;}]+)/gi;
const header = /(authorization["']?\s*[=:]\s*["']?(?:basic|bearer)\s+)[^\s"',;}]+/gi;
const login = /(\/\/[^\s/:@]+:)[^\s/@]+(?=@)/g;

/** Removes secrets from a text: known secrets by their value in every encoding, other secrets by their name. */
export function redactor(secrets: readonly string[], username: string): (text: string) => string {
  const values = secretValues();
  values.add(secrets, username);
  return (text) => byName(values.redact(text));
}

function formsOf(secret: string, username: string): string[] {
  // Without padding, which is optional.
  const base64 = (text: string, alphabet: "base64" | "base64url") => Buffer.from(text).toString(alphabet).replace(/=+$/, "");
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    // JSON in JSON, as in an event log.
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    ...(["base64", "base64url"] as const).flatMap((alphabet) => [base64(`${username}:${secret}`, alphabet), base64(secret, alphabet)]),
  ];
}

/** Removes the values of names that denote a secret, even if no credentials are known yet. */
export function byName(text: string): string {
  return text.replace(header, `$1${mask}`).replace(named, `$1${mask}`).replace(login, `$1${mask}`);
}

/** The secret values that a process has seen. Two lists would not do: what one removes may be part of a value of the other, whose rest would stay. */
export interface SecretValues {
  /** Adds secret values of objects, or with a username its credentials, which are removed everywhere even if they are short. */
  add(values: readonly string[], username?: string): void;
  /** Removes every value from a text. */
  redact(text: string): string;
}

// As in the engine's own filter: to remove shorter values would make texts unreadable.
const shortest = 3;
// A shorter value is also part of ordinary words.
const anywhere = 8;

/** Collects secret values. A value of few characters is removed only where it stands alone. */
export function secretValues(): SecretValues {
  /** Each form, and how long it must be to be removed inside of words. */
  const known = new Map<string, number>();
  let removals: ((text: string) => string)[] = [];
  return {
    add(values, username) {
      const isCredential = username !== undefined;
      const added = values
        .filter(({ length }) => length >= (isCredential ? 1 : shortest))
        .flatMap((value) => formsOf(value, username ?? ""));
      const news = added.filter((form) => !known.has(form) || (isCredential && known.get(form) !== 0));
      if (news.length === 0) return;
      for (const form of news) known.set(form, isCredential ? 0 : anywhere);
      // The longest first, because one form may be part of another.
      removals = [...known].sort(([a], [b]) => b.length - a.length).map(([form, length]) => removalOf(form, length));
    },
    redact: (text) => removals.reduce((shown, remove) => remove(shown), text),
  };
}

function removalOf(form: string, anywhereFrom: number): (text: string) => string {
  if (form.length >= anywhereFrom) return (text) => text.replaceAll(form, mask);
  const alone = new RegExp(`(?<!\\w)${form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}(?!\\w)`, "g");
  return (text) => text.replace(alone, mask);
}
