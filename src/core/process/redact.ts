/** Replaces a secret. */
const mask = "***";

// Names of credentials in forms, JSON, headers and settings, each with its value.
const named =
  /((?:auth[_-]?token|api[_-]?secret|client[_-]?secret|account[_-]?secret|password|secret)["']?\s*[=:]\s*["']?)([^\s"'&,;}]+)/gi;
const header = /(authorization["']?\s*[=:]\s*["']?(?:basic|bearer)\s+)[^\s"',;}]+/gi;
const login = /(\/\/[^\s/:@]+:)[^\s/@]+(?=@)/g;

/** Removes secrets from a text: known secrets by their value in every encoding, other secrets by their name. */
export function redactor(secrets: readonly string[], username: string): (text: string) => string {
  const values = [...new Set(secrets.flatMap((secret) => formsOf(secret, username)))].filter((form) => form !== "");
  // The longest first, because one form may be part of another.
  values.sort((a, b) => b.length - a.length);
  return (text) => byName(values.reduce((redacted, value) => redacted.replaceAll(value, mask), text));
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

/** The secret values that a process has seen. */
export interface SecretValues {
  add(values: readonly string[]): void;
  /** Removes every value from a text. */
  redact(text: string): string;
}

// As in the engine's own filter: to remove shorter values would make texts unreadable.
const shortest = 3;
// A shorter value is also part of ordinary words.
const anywhere = 8;

/** Collects secret values. A value of few characters is removed only where it stands alone. */
export function secretValues(): SecretValues {
  const known = new Set<string>();
  let removals: ((text: string) => string)[] = [];
  return {
    add(values) {
      const before = known.size;
      for (const value of values) if (value.length >= shortest) for (const form of formsOf(value, "")) known.add(form);
      // The longest first, because one form may be part of another.
      if (known.size > before) removals = [...known].sort((a, b) => b.length - a.length).map(removalOf);
    },
    redact: (text) => removals.reduce((shown, remove) => remove(shown), text),
  };
}

function removalOf(form: string): (text: string) => string {
  if (form.length >= anywhere) return (text) => text.replaceAll(form, mask);
  const alone = new RegExp(`(?<!\\w)${form.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")}(?!\\w)`, "g");
  return (text) => text.replace(alone, mask);
}
