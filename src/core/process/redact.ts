/** What stands in place of a secret. */
const mask = "***";

// Names that credentials go by in forms, JSON, headers and settings, each followed by its value.
const named =
  /((?:auth[_-]?token|api[_-]?secret|client[_-]?secret|account[_-]?secret|password|secret)["']?\s*[=:]\s*["']?)([^\s"'&,;}]+)/gi;
const header = /(authorization["']?\s*[=:]\s*["']?(?:basic|bearer)\s+)[^\s"',;}]+/gi;
const login = /(\/\/[^\s/:@]+:)[^\s/@]+(?=@)/g;

/** Takes secrets out of a text: by value, in each form in which credentials travel, and by the names that others go by. */
export function redactor(secrets: readonly string[], username: string): (text: string) => string {
  const values = [...new Set(secrets.flatMap((secret) => formsOf(secret, username)))].filter((form) => form !== "");
  // The longest first: a form may be part of another.
  values.sort((a, b) => b.length - a.length);
  return (text) => byName(values.reduce((redacted, value) => redacted.replaceAll(value, mask), text));
}

function formsOf(secret: string, username: string): string[] {
  // Without the padding, which not everybody writes.
  const base64 = (text: string, alphabet: "base64" | "base64url") => Buffer.from(text).toString(alphabet).replace(/=+$/, "");
  return [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ "": secret }).toString().slice(1),
    JSON.stringify(secret).slice(1, -1),
    // JSON in JSON, as in a log of events.
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    ...(["base64", "base64url"] as const).flatMap((alphabet) => [base64(`${username}:${secret}`, alphabet), base64(secret, alphabet)]),
  ];
}

/** Takes out what is called a secret, also where no credentials are known yet. */
export function byName(text: string): string {
  return text.replace(header, `$1${mask}`).replace(named, `$1${mask}`).replace(login, `$1${mask}`);
}
