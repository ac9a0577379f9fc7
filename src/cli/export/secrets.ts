import { byName } from "../../core/process/redact";
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
export function isSecretUrl(text: string): boolean {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) return false;
  const { username, password, searchParams } = new URL(text);
  return username !== "" || password !== "" || [...searchParams.keys()].some(isSecretName) || byName(text) !== text;
}

/** Takes secrets out of values, and remembers them. */
export class Secrets {
  readonly all: Secret[] = [];
  readonly #taken = new Set<string>();

  /** The value with a call to the configuration in the place of each secret, whatever the depth. `path` names it. */
  takeOut(value: unknown, path: readonly string[]): unknown {
    if (typeof value === "string" && value !== "" && (isSecretName(path.at(-1) ?? "") || isSecretUrl(value))) {
      const key = this.#keyOf(path);
      this.all.push({ key, value });
      return new Code(`config.requireSecret(${JSON.stringify(key)})`, [], ["Config"]);
    }
    if (typeof value !== "object" || value === null || value instanceof Code) return value;
    const replaced = Object.entries(value).map(([name, entry]) => [name, this.takeOut(entry, [...path, name])] as const);
    return Array.isArray(value) ? replaced.map(([, entry]) => entry) : Object.fromEntries(replaced);
  }

  #keyOf(path: readonly string[]): string {
    const wish = path.map((part) => kebab(part) || "x").join("-");
    for (let count = 1; ; count += 1) {
      const key = count === 1 ? wish : `${wish}-${count}`;
      if (this.#taken.has(key)) continue;
      this.#taken.add(key);
      return key;
    }
  }
}
