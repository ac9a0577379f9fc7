import { byName } from "../../core/redact";
import { Code } from "./code";
import { kebab } from "./names";

/** A value that the program takes from the stack's configuration. */
export interface Secret {
  readonly key: string;
  readonly value: string;
}

const word = /(^|[^a-z])(secret|token|password|passwd|credential|signature|sig|api-?key|auth)s?($|[^a-z])/;
/** Whether something of that name is one. */
const isSecretName = (name: string): boolean => word.test(kebab(name));

/** Whether a text is an address with a login or a secret in it. */
function isSecretUrl(text: string): boolean {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return false;
  const { username, password, searchParams } = new URL(text);
  return username !== "" || password !== "" || [...searchParams.keys()].some(isSecretName) || byName(text) !== text;
}

/** Puts a call to the configuration in the place of each secret in a value, whatever the depth. `path` names it. */
export function withoutSecrets(value: unknown, path: readonly string[], take: (secret: Secret) => void): unknown {
  if (typeof value === "string" && value !== "" && (isSecretName(path.at(-1) ?? "") || isSecretUrl(value))) {
    const key = path.flatMap((part) => kebab(part) || "x").join("-");
    take({ key, value });
    return new Code(`config.requireSecret(${JSON.stringify(key)})`, [], ["Config"]);
  }
  if (typeof value !== "object" || value === null || value instanceof Code) return value;
  const replaced = Object.entries(value).map(([name, entry]) => [name, withoutSecrets(entry, [...path, name], take)] as const);
  return Array.isArray(value) ? replaced.map(([, entry]) => entry) : Object.fromEntries(replaced);
}
