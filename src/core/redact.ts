import type { Connection } from "./connection";

/** What stands in place of a secret. */
const mask = "***";

// Names that credentials go by in forms, JSON, headers and settings, each followed by its value.
const named =
  /((?:auth[_-]?token|api[_-]?secret|client[_-]?secret|account[_-]?secret|password|secret)["']?\s*[=:]\s*["']?)([^\s"'&,;}]+)/gi;
const header = /(authorization["']?\s*[=:]\s*["']?(?:basic|bearer)\s+)[^\s"',;}]+/gi;
const login = /(\/\/[^\s/:@]+:)[^\s/@]+(?=@)/g;

/** Takes secrets out of a text: by value, in each form in which the credentials travel, and by the names that others go by. */
export function redactor({ username, password }: Pick<Connection, "username" | "password">): (text: string) => string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const forms = [
    password,
    encodeURIComponent(password),
    new URLSearchParams({ "": password }).toString().slice(1),
    JSON.stringify(password).slice(1, -1),
    base64(`${username}:${password}`),
    base64(password),
    Buffer.from(password).toString("base64url"),
  ];
  // The longest first: a form may be part of another.
  const values = [...new Set(forms)].filter((form) => form !== "").sort((a, b) => b.length - a.length);
  return (text) => byName(values.reduce((redacted, value) => redacted.replaceAll(value, mask), text));
}

/** Takes out what is called a secret, also where no credentials are known yet. */
export function byName(text: string): string {
  return text.replace(header, `$1${mask}`).replace(named, `$1${mask}`).replace(login, `$1${mask}`);
}
